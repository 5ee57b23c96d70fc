//! The page of `kstate top`.

use super::table;
use kstate::top::{Group, Heading, Rank, Unit, View};
use std::fmt::Write as _;

/// What each view is about.
const VIEWS: &[(View, &str)] = &[
    (
        View::Nodes,
        "What is set aside is counted as kube-scheduler counts it, of all pods on the node that have not ended. Shares are those of what pods can have (`allocatable`).",
    ),
    (
        View::Pods,
        "What is used is shown with its share of the request for processors and of the limit for memory, since that is where a pod is throttled or killed.",
    ),
    (View::Namespaces, "`-n` and names choose namespaces; their pods are counted wherever they run."),
    (
        View::Workloads,
        "What somebody has deployed: a pod's controller, and where that is a ReplicaSet, a Job or a ReplicationController with a controller of its own, that one. Pods whose controller is of another kind are rolled up, too; what that kind wants is not known. A pod that nobody controls, and a static one, is its own workload.",
    ),
    (View::Quotas, "A row for each resource that a ResourceQuota limits."),
    (
        View::Images,
        "Images as the container runtime names them. `--by registry`, `--by node` and `--by namespace` count by these.",
    ),
    (
        View::Containers,
        "Containers one by one, init containers and sidecars among them. With `--by` they are counted as images are.",
    ),
];

/// The page.
pub(super) fn page() -> String {
    let mut text = String::from(BEGINNING);
    for view in View::ALL {
        let (_, about) = VIEWS.iter().find(|(known, _)| *known == view).expect("all views are described");
        let _ = writeln!(text, "### {}\n\n{about}\n\n{}", view.name(), columns(&view.headings(None)));
    }
    let counts = columns(&View::Images.headings(Some(Group::Node)));
    let _ = write!(text, "### counts\n\nOf images, and of anything `--by` something:\n\n{counts}");
    text
}

fn columns(headings: &[Heading]) -> String {
    let rows = headings.iter().map(|heading| {
        let of = heading.of.map(|whole| format!(" A share of `{whole}`.")).unwrap_or_default();
        [
            format!("`{}`", heading.name),
            if heading.rank == Rank::Never { String::new() } else { heading.title.to_owned() },
            unit(heading.unit).to_owned(),
            format!("{}{of}", heading.help),
        ]
    });
    table(["column", "title", "unit", "what it is"], rows)
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Text => "",
        Unit::Count => "number",
        Unit::Cores => "cores",
        Unit::Bytes => "bytes",
        Unit::Time => "seconds since 1970",
        Unit::Seconds => "seconds",
        Unit::Numbers => "by resource",
        Unit::OfRow => "that of `unit`",
    }
}

const BEGINNING: &str = "# kstate top

Answers to what people ask of a cluster: what nodes have left, which pods are in trouble, what a workload takes, what
runs where. [All kinds](README.md)

![Pods with a problem, the worst first](pictures/problems.svg)

```sh
kstate top                              # nodes
kstate top pods -A --problems           # what someone should look at, the worst first, with the reason
kstate top pods -n shop --sort-by memory_used%
kstate top workloads -A --sort-by cpu_requests
kstate top images --by registry
kstate top nodes --watch
```

![Nodes](pictures/nodes.svg)

## Where answers come from

| | |
| --- | --- |
| the cluster | by default, with kubectl's kubeconfig (`--kubeconfig`, `--context`, `KUBECONFIG`): the kinds that the question needs are read, and nothing else. Of one namespace, that of the context, unless `-n` or `-A` says otherwise. |
| an exporter | `--from http://kstate:8080`: a running kstate is asked, which has all of it in memory; 30,000 pods are listed in little more than a second. Of all namespaces, unless `-n` says otherwise. |
| files | `--from dump.yaml`, as `kubectl get pods,nodes,… -A -o yaml` writes them, or `-` for standard input. Lists of `NodeMetrics` and `PodMetrics` among them say what was used. |

The rows are the same from each. What is used comes from an exporter with `--usage`, from the cluster's resource metrics
API (metrics-server, or [kstate itself](resource-metrics-api.md)), or from the file; where nobody knows, these columns
are left out.

The account needs `list` and `watch` on the kinds that are read. One that it may not read is named in one line; what can
be answered without it is. An exporter that reads some namespaces, a shard or a node only says so beside its answers,
and one that isn't complete yet gives none. Selecting by labels (`-l`) needs an exporter that keeps them:
`--keep-labels=pods`.

## How they are shown

`-o wide` has all columns for people, `-o json`, `-o yaml` and `-o csv` all that there are, in base units. In a terminal
a table is made to fit: columns that matter less are left out, then names are shortened. Colours are for terminals only,
and for none with `NO_COLOR`. `--sort-by` takes columns by name or title, several with commas between them, with `%`
behind for the share and `:asc` or `:desc` for the direction; what isn't known comes last.

As a plugin of kubectl it is `kubectl kstate top`: a link to `kstate` called `kubectl-kstate` somewhere on the path does
it.

## For programs

An exporter's main port serves the same at `/api/v1/top/<view>`, behind the same access control as `/metrics`, with a
JSON schema of each view at `/api/v1/top/<view>/schema`; [the parameters](http.md#the-main-port) are those of the
command.

```sh
curl 'http://kstate:8080/api/v1/top/pods?namespace=shop&problems=true&limit=10'
```

As series there are, on request, `kube_pod_effective_resource_requests` and `kube_pod_effective_resource_limits`
([pods](pods.md)): what a pod counts for, by the same rules.

```sh
kstate --metric-opt-in-list='^kube_pod_effective_'
```

## What is counted

What a pod counts for is what kube-scheduler counts (`k8s.io/component-helpers/resource`), and checked against its code:

- The containers' requests are added up. Init containers run one after the other, so that of them the largest counts, with
  the sidecars that were started before; the pod counts for the larger of the two.
- Sidecars, which are init containers with `restartPolicy: Always`, are added to the containers.
- Requests for the whole pod (`spec.resources`) replace those of its containers for the resources that they name.
- What running the pod takes by itself (`spec.overhead`) is added; to limits only where there is one.
- While a pod is resized, the larger of what it asks for, what its node has set aside and what it runs with counts; where
  the node can never give it (`Infeasible`), what it asks for doesn't.
- Pods that have succeeded or failed count for nothing.

Amounts of claims of devices that stand for a node's own resources (an alpha feature of Kubernetes 1.36) are not added.

## What is a problem

Critical is what doesn't work: a container that crashes again and again, an image that can't be pulled, a pod that no node
can take, a node that isn't ready, a rollout that is stuck, a workload without a single ready pod. A warning is what isn't
as it should be: pressure on a node, a pod that is not ready, not running or not gone after five minutes, memory used
up to nine tenths of its limit, a quota of which nothing is left, an end for lack of memory within the last hour. A
notice is what may become one: a node that takes no more pods, a quota used to nine tenths, a restart within the last hour,
a CronJob that is suspended. Namespaces and workloads have the problems of their pods.

## Views and their columns

The first column is the name in JSON and CSV, and what is sorted by. Those without a title are for programs.

";
