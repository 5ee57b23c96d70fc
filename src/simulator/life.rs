//! How the cluster lives: stories of a few writes each, several at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{MissedTickBehavior, interval};

use super::Options;
use super::cluster::Cluster;
use super::kinds::Kind;
use super::object::Stored;
use super::synthetic::dice::Dice;

mod reactions;
mod steps;
mod stories;

use steps::Step;

/// The time between rounds of writes, when many are due each second.
const ROUND: Duration = Duration::from_millis(20);

/// What keeps the cluster changing.
#[derive(Debug)]
pub(super) struct Life {
    cluster: Arc<Cluster>,
    dice: Dice,
    stories: Vec<Story>,
    /// Stories that are told at a time.
    parallel: usize,
    rate: f64,
    /// The number of the next new pod, which its address follows from.
    next_pod: usize,
    began: Instant,
    began_at: i64,
}

/// Something that happens to a few objects, write by write.
#[derive(Debug)]
struct Story {
    /// The object that no other story touches meanwhile.
    subject: String,
    steps: VecDeque<Step>,
}

impl Life {
    /// The life of a cluster that was made with these options.
    pub(super) fn new(cluster: Arc<Cluster>, options: &Options) -> Self {
        let rate = options.updates_per_second.max(0.0);
        // Enough stories that each object changes at a believable pace.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the rate is small and positive"
        )]
        let parallel = 6 + (rate / 4.0).min(400.0) as usize;
        Self {
            cluster,
            dice: Dice::new(options.seed, "life", 0),
            stories: Vec::new(),
            parallel,
            rate,
            next_pod: options.nodes * options.pods_per_node,
            began: Instant::now(),
            began_at: options.now.as_second(),
        }
    }

    /// Writes objects at the rate that was asked for, for ever.
    pub(super) async fn run(mut self) {
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut due, mut last) = (0.0, Instant::now());
        loop {
            rounds.tick().await;
            let elapsed = last.elapsed();
            last = Instant::now();
            // What a busy machine could not do within a second is not made up for.
            due = (due + self.rate * elapsed.as_secs_f64()).min(self.rate.max(1.0));
            while due >= 1.0 {
                due -= 1.0;
                self.write();
                tokio::task::yield_now().await;
            }
        }
    }

    /// Writes one object; whether there was anything to write.
    pub(super) fn write(&mut self) -> bool {
        // A story whose objects are gone has nothing to tell: another one is tried.
        for _ in 0..100 {
            while self.stories.len() < self.parallel {
                let Some(story) = stories::begin(self) else { break };
                self.stories.push(story);
            }
            if self.stories.is_empty() {
                return false;
            }
            let index = self.dice.below(self.stories.len());
            let Some(step) = self.stories[index].steps.pop_front() else {
                self.stories.swap_remove(index);
                continue;
            };
            if steps::take(self, step) {
                return true;
            }
        }
        false
    }

    /// The time in the cluster, in Unix seconds.
    fn now(&self) -> i64 {
        self.began_at + i64::try_from(self.began.elapsed().as_secs()).unwrap_or_default()
    }

    /// Any object of a kind.
    fn any(&mut self, plural: &str) -> Option<Arc<Stored>> {
        let kind = kind(plural);
        let count = self.cluster.count(kind);
        (count > 0).then(|| self.cluster.nth(kind, self.dice.below(count)))?
    }

    fn is_free(&self, subject: &str) -> bool {
        self.stories.iter().all(|story| story.subject != subject)
    }
}

fn kind(plural: &str) -> &'static Kind {
    Kind::plural(plural).expect("stories name kinds that are served")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::keys::Keys;
    use super::super::synthetic::populate;
    use super::*;

    fn lived(writes: usize) -> (Arc<Cluster>, u64) {
        let options = Options { nodes: 10, pods_per_node: 10, ..Options::default() };
        let cluster = Arc::new(Cluster::new(0));
        populate(&cluster, &options, 0);
        let first = cluster.version();
        let mut life = Life::new(Arc::clone(&cluster), &options);
        for write in 0..writes {
            assert!(life.write(), "{write}");
        }
        (cluster, first)
    }

    #[test]
    fn every_write_is_one_change() {
        let (cluster, first) = lived(500);
        assert_eq!(cluster.version(), first + 500);
    }

    #[test]
    fn all_that_happens_in_clusters_happens() {
        let (cluster, first) = lived(6000);
        let pods = kind("pods");
        let (_, changes) = cluster.changes(pods, first, usize::MAX).unwrap();
        let mut seen = BTreeSet::new();
        for change in &changes {
            let pod = serde_json::Value::Object(change.object.to_json(pods));
            seen.insert(pod["status"]["phase"].as_str().unwrap_or_default().to_owned());
            if change.deleted {
                seen.insert("deleted".to_owned());
            }
            if !pod["metadata"]["deletionTimestamp"].is_null() {
                seen.insert("terminating".to_owned());
            }
            for reason in ["reason", "nothing"] {
                seen.extend(pod["status"][reason].as_str().map(str::to_owned));
            }
            for status in pod["status"]["containerStatuses"].as_array().into_iter().flatten() {
                seen.extend(status["state"]["waiting"]["reason"].as_str().map(str::to_owned));
                seen.extend(status["lastState"]["terminated"]["reason"].as_str().map(str::to_owned));
            }
        }
        for expected in [
            "Pending",
            "Running",
            "Succeeded",
            "Evicted",
            "deleted",
            "terminating",
            "CrashLoopBackOff",
            "OOMKilled",
            "ContainerCreating",
        ] {
            assert!(seen.contains(expected), "{expected} is not among {seen:?}");
        }
        let changes = |plural| cluster.changes(kind(plural), first, usize::MAX).unwrap().1.len();
        for plural in [
            "nodes",
            "deployments",
            "replicasets",
            "jobs",
            "endpoints",
            "endpointslices",
            "poddisruptionbudgets",
            "horizontalpodautoscalers",
            "cronjobs",
            "leases",
            "configmaps",
            "secrets",
            "resourcequotas",
        ] {
            assert!(changes(plural) > 0, "{plural}");
        }
        let leases = changes("leases");
        assert!((120..900).contains(&leases), "{leases} renewals among 6000 writes");
    }

    #[test]
    fn endpoints_follow_the_pods_and_cron_jobs_their_jobs() {
        let (cluster, _) = lived(2000);
        let all = |plural| -> Vec<serde_json::Value> {
            let snapshot = cluster.snapshot(kind(plural), &Keys::of(None));
            snapshot.objects.iter().map(|object| object.to_json(kind(plural)).into()).collect()
        };
        let pods = all("pods");
        let mut stale = 0;
        for slice in all("endpointslices") {
            for endpoint in slice["endpoints"].as_array().into_iter().flatten() {
                let is_there = pods.iter().any(|pod| pod["metadata"]["uid"] == endpoint["targetRef"]["uid"]);
                stale += usize::from(!is_there);
            }
        }
        // Only stories that are being told leave some behind.
        assert!(stale < 10, "{stale} endpoints without a pod");
        let jobs = all("jobs");
        for cron_job in all("cronjobs") {
            let name = &cron_job["metadata"]["name"];
            let own = jobs.iter().filter(|job| job["metadata"]["ownerReferences"][0]["name"] == *name);
            let latest = own.filter_map(|job| job["metadata"]["creationTimestamp"].as_str()).max();
            assert!(latest <= cron_job["status"]["lastScheduleTime"].as_str(), "{name}");
        }
    }

    #[test]
    fn the_cluster_neither_grows_nor_shrinks_much() {
        let (cluster, _) = lived(3000);
        let pods = cluster.count(kind("pods"));
        assert!((80..=130).contains(&pods), "{pods} pods");
        let ips: Vec<_> = cluster
            .snapshot(kind("pods"), &Keys::of(None))
            .objects
            .iter()
            .map(|pod| pod.text(&[3, 6]).to_owned())
            .filter(|ip| !ip.is_empty())
            .collect();
        assert_eq!(ips.iter().collect::<BTreeSet<_>>().len(), ips.len());
    }
}
