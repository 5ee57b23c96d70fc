//! What the cluster consists of: which workloads there are, where they live and which pods are theirs.

use super::super::Options;
use super::access::SYSTEM_ACCOUNTS;
use super::dice::Dice;
use super::words;

/// Pods that share one template at most.
const POD_LIMIT: usize = 10;

/// The whole cluster in outline.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// The time at which the cluster begins to be watched, in Unix seconds.
    pub(super) now: i64,
    pub(super) nodes: usize,
    /// Namespaces with workloads.
    pub(super) namespaces: usize,
    pub(super) workloads: Vec<Workload>,
    pub(super) pods: usize,
    pub(super) services: usize,
    /// Claims beyond those of stateful sets.
    pub(super) loose_claims: usize,
    /// How many objects of each kind there shall be, if not what is natural.
    per_kind: Option<usize>,
}

/// The namespaces of the system itself.
pub(super) const SYSTEM_NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// What makes pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Deployment,
    StatefulSet,
    DaemonSet,
    Job,
    ReplicationController,
    /// Nobody: somebody created the pod by hand.
    Nobody,
}

/// Something that makes pods, and a template for them.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    /// The number among all workloads.
    pub(super) index: usize,
    pub(super) owner: Owner,
    pub(super) namespace: String,
    pub(super) name: String,
    /// How many pods it has.
    pub(super) pods: usize,
    /// The number of its first pod among all pods.
    pub(super) first_pod: usize,
    /// Whether its pods have claims of their own.
    pub(super) has_claims: bool,
}

impl Plan {
    /// Draws the outline.
    pub(super) fn new(options: &Options) -> Self {
        let pods = options.nodes * options.pods_per_node;
        let counts = Counts::new(options, pods);
        let namespaces = (pods / 40).clamp(3, 300);
        let mut plan = Self {
            seed: options.seed,
            now: options.now.as_second(),
            nodes: options.nodes,
            namespaces: if pods == 0 && options.per_kind.unwrap_or(0) == 0 { 0 } else { namespaces },
            workloads: Vec::new(),
            pods: 0,
            services: counts.services,
            loose_claims: 0,
            per_kind: options.per_kind,
        };
        let mut claims = 0;
        for (owner, count, pods) in counts.workloads {
            for number in 0..count {
                let pods = share(options.seed, pods, count, number);
                let has_claims = owner == Owner::StatefulSet && claims + pods <= counts.claims;
                claims += if has_claims { pods } else { 0 };
                plan.add(owner, pods, has_claims);
            }
        }
        // What the limit for each template leaves over.
        while plan.pods < pods {
            plan.add(Owner::Nobody, 1, false);
        }
        plan.loose_claims = options.per_kind.map_or(0, |exact| exact.saturating_sub(claims));
        plan
    }

    fn add(&mut self, owner: Owner, pods: usize, has_claims: bool) {
        let index = self.workloads.len();
        let namespace = index % self.namespaces;
        let mut name = words::workload(index / self.namespaces + namespace * 11);
        if owner == Owner::Job {
            // As the jobs of a CronJob are named: by the minute they were due.
            name = format!("{name}-{}", self.now / 60 - 60 * hours_ago(index));
        }
        self.workloads.push(Workload {
            index,
            owner,
            namespace: words::namespace(namespace),
            name,
            pods,
            first_pod: self.pods,
            has_claims,
        });
        self.pods += pods;
    }

    /// How many objects of a kind there are: as many as asked for, or as are natural.
    pub(super) fn number(&self, natural: usize) -> usize {
        self.per_kind.unwrap_or(if self.namespaces == 0 { 0 } else { natural })
    }

    /// How many objects of a kind are missing once so many are made.
    pub(super) fn missing(&self, made: usize) -> usize {
        self.per_kind.map_or(0, |exact| exact.saturating_sub(made))
    }

    /// Whether a workload has an object of a kind of which `others` belong to no workload: the first workloads
    /// one each when the number is given, or those that have it naturally.
    pub(super) fn has(&self, workload: &Workload, others: usize, naturally: bool) -> bool {
        self.per_kind.map_or(naturally, |exact| workload.index < exact.saturating_sub(others))
    }

    /// How many config maps belong to namespaces: one each.
    pub(super) fn common_maps(&self) -> usize {
        let natural = self.namespace_names().count();
        self.number(natural).min(natural)
    }

    /// How many service accounts belong to namespaces: one each, and some of the system.
    pub(super) fn common_accounts(&self) -> usize {
        let natural = self.namespace_names().count() + SYSTEM_ACCOUNTS.len();
        self.number(natural).min(natural)
    }

    /// Whether the number of objects of each kind is given.
    pub(super) fn is_exact(&self) -> bool {
        self.per_kind.is_some()
    }

    /// Whether a job is that of a cron job.
    pub(super) fn has_cron_job(&self, workload: &Workload) -> bool {
        workload.owner == Owner::Job && (self.is_exact() || !workload.index.is_multiple_of(3))
    }

    /// The names of all namespaces.
    pub(super) fn namespace_names(&self) -> impl Iterator<Item = String> {
        let system = if self.namespaces == 0 { &[][..] } else { &SYSTEM_NAMESPACES };
        (0..self.namespaces).map(words::namespace).chain(system.iter().map(|name| (*name).to_owned()))
    }

    /// The pods of a namespace.
    pub(super) fn pods_in(&self, namespace: usize) -> usize {
        let workloads = self.workloads.iter().skip(namespace).step_by(self.namespaces.max(1));
        workloads.map(|workload| workload.pods).sum()
    }

    /// The node that a pod runs on.
    pub(super) fn node_of(&self, pod: usize) -> usize {
        pod % self.nodes.max(1)
    }
}

impl Workload {
    /// The name; that of a job without the minute it was due.
    pub(super) fn base_name(&self) -> &str {
        match (self.owner, self.name.rsplit_once('-')) {
            (Owner::Job, Some((base, _))) => base,
            _ => &self.name,
        }
    }
}

/// How many hours ago a job was due.
pub(super) fn hours_ago(workload: usize) -> i64 {
    i64::try_from(workload % 48).unwrap_or_default()
}

/// How many workloads there are, and how many pods they have together.
struct Counts {
    workloads: [(Owner, usize, usize); 5],
    services: usize,
    claims: usize,
}

impl Counts {
    fn new(options: &Options, pods: usize) -> Self {
        let stateful = pods * 15 / 100;
        let daemons = pods * 12 / 100;
        let jobs = pods * 8 / 100;
        // A few that nobody has replaced yet.
        let controlled = pods / 75;
        let deployed = pods - stateful - daemons - jobs - controlled;
        if let Some(exact) = options.per_kind {
            let limited = |pods: usize| pods.min(exact * POD_LIMIT);
            let others = [limited(stateful), limited(daemons), limited(jobs), limited(controlled)];
            let deployed = limited(pods - others.iter().sum::<usize>());
            return Self {
                workloads: [
                    (Owner::Deployment, exact, deployed),
                    (Owner::StatefulSet, exact, others[0]),
                    (Owner::DaemonSet, exact, others[1]),
                    (Owner::Job, exact, others[2]),
                    (Owner::ReplicationController, exact, others[3]),
                ],
                services: exact,
                claims: exact,
            };
        }
        let per_daemon = options.nodes.clamp(1, POD_LIMIT);
        let deployments = deployed.div_ceil(5);
        Self {
            workloads: [
                (Owner::Deployment, deployments, deployed),
                (Owner::StatefulSet, stateful.div_ceil(3), stateful),
                (Owner::DaemonSet, daemons.div_ceil(per_daemon), daemons),
                (Owner::Job, jobs, jobs),
                (Owner::ReplicationController, controlled.div_ceil(2), controlled),
            ],
            services: deployments,
            claims: usize::MAX,
        }
    }
}

/// The pods of one of several workloads that have `total` together: unlike sizes, none beyond the limit.
fn share(seed: u64, total: usize, count: usize, number: usize) -> usize {
    let even = total * (number + 1) / count - total * number / count;
    // Neighbours give and take, so that the sum stays.
    let pair = number & !1;
    if pair + 1 >= count {
        return even;
    }
    let other = total * (pair + 2) / count - total * (pair + 1) / count;
    let first = total * (pair + 1) / count - total * pair / count;
    let span = first.min(other).saturating_sub(1).min(POD_LIMIT.saturating_sub(first.max(other)));
    let shift = Dice::new(seed, "sizes", pair).below(span + 1);
    if number == pair { even + shift } else { even - shift }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn plan(nodes: usize, pods_per_node: usize, per_kind: Option<usize>) -> Plan {
        Plan::new(&Options { nodes, pods_per_node, per_kind, ..Options::default() })
    }

    fn count(plan: &Plan, owner: Owner) -> usize {
        plan.workloads.iter().filter(|workload| workload.owner == owner).count()
    }

    #[test]
    fn all_pods_have_a_place_and_no_template_too_many() {
        for (nodes, pods_per_node, per_kind) in
            [(20, 15, None), (3, 1, None), (1000, 30, Some(3000)), (1000, 30, Some(10)), (10, 5, Some(0))]
        {
            let plan = plan(nodes, pods_per_node, per_kind);
            assert_eq!(plan.pods, nodes * pods_per_node);
            assert!(plan.workloads.iter().all(|workload| workload.pods <= POD_LIMIT));
            assert_eq!(plan.workloads.iter().map(|workload| workload.pods).sum::<usize>(), plan.pods);
            let names: BTreeSet<_> =
                plan.workloads.iter().map(|workload| (&workload.namespace, &workload.name)).collect();
            assert_eq!(names.len(), plan.workloads.len());
        }
    }

    #[test]
    fn exact_numbers_are_kept() {
        let plan = plan(100, 30, Some(300));
        for owner in [
            Owner::Deployment,
            Owner::StatefulSet,
            Owner::DaemonSet,
            Owner::Job,
            Owner::ReplicationController,
        ] {
            assert_eq!(count(&plan, owner), 300);
        }
        let claimed =
            plan.workloads.iter().filter(|workload| workload.has_claims).map(|workload| workload.pods);
        assert_eq!(claimed.sum::<usize>() + plan.loose_claims, 300);
    }

    #[test]
    fn an_empty_cluster_has_nothing() {
        let plan = plan(0, 15, None);
        assert_eq!((plan.pods, plan.namespaces, plan.workloads.len(), plan.services), (0, 0, 0, 0));
        assert_eq!((plan.number(7), plan.namespace_names().count()), (0, 0));
    }

    #[test]
    fn sizes_differ() {
        let plan = plan(1000, 30, None);
        let sizes: BTreeSet<_> = plan
            .workloads
            .iter()
            .filter(|workload| workload.owner == Owner::Deployment)
            .map(|workload| workload.pods)
            .collect();
        assert!(sizes.len() >= 5, "{sizes:?}");
    }
}
