//! What is exported.

use super::{
    Flag,
    effects::{chooses, config, exporter, render, sets},
};
use crate::world::{Exporter, REPLICAS};
use kstate::resources::pods::Pod;

pub(super) const FLAGS: &[Flag] = &[
    Flag {
        name: "--resources",
        effect: || {
            chooses("--resources=pods", "kube_node_info{", [true, false]);
            chooses(
                "--resources=pods --resources serviceaccounts",
                "kube_serviceaccount_info{",
                [false, true],
            );
        },
        refused: &[
            "--resources=pod",
            "--resources=pods,deploymnets",
            "--resources=pods;nodes",
            "--resources",
        ],
    },
    Flag {
        name: "--namespaces",
        effect: || {
            chooses("--namespaces=b", "kube_pod_info{namespace=\"a\"", [true, false]);
            chooses("--namespaces=b --namespaces=a,c", "kube_pod_info{namespace=\"a\"", [true, true]);
        },
        refused: &["--namespaces=a,$(NAMESPACE)", "--namespaces=a/b", "--namespaces=A"],
    },
    Flag {
        name: "--namespaces-denylist",
        effect: || chooses("--namespaces-denylist=a", "kube_pod_info{namespace=\"a\"", [true, false]),
        refused: &["--namespaces-denylist=a=b", "--namespaces-denylist=a_b"],
    },
    Flag {
        name: "--node",
        effect: || {
            chooses("--node=n1", "kube_pod_info{namespace=\"b\"", [true, false]);
            chooses("--node=n1", "kube_pod_info{namespace=\"a\"", [true, true]);
        },
        refused: &["--node=$(NODE_NAME)", "--node=n1,n2", "--node --resources=pods"],
    },
    Flag {
        name: "--track-unscheduled-pods",
        effect: || {
            let flags = "--track-unscheduled-pods --node=n1";
            chooses(flags, "kube_pod_info{namespace=\"a\"", [true, false]);
            chooses(flags, "kube_pod_info{namespace=\"b\"", [true, true]);
        },
        refused: &["--track-unscheduled-pods=some"],
    },
    Flag {
        name: "--metric-allowlist",
        effect: || {
            chooses("--metric-allowlist=pod_info$", "kube_pod_created{", [false, false]);
            chooses("--metric-allowlist=pod_info$", "kube_node_info{", [true, false]);
            chooses("--metric-allowlist=x --metric-allowlist=pod_i", "kube_pod_info{", [true, true]);
        },
        refused: &[
            "--metric-allowlist=kube_(pod",
            "--metric-allowlist=a,[",
            "--metric-allowlist=a --metric-denylist=b",
        ],
    },
    Flag {
        name: "--metric-denylist",
        effect: || chooses("--metric-denylist=pod_info(?!x)", "kube_pod_info{", [true, false]),
        refused: &["--metric-denylist=kube_pod)", "--metric-denylist=a --metric-allowlist=b"],
    },
    Flag {
        name: "--metric-opt-in-list",
        effect: || {
            chooses("--metric-opt-in-list=nodeselectors", "kube_pod_nodeselectors{", [false, true]);
        },
        refused: &["--metric-opt-in-list=(?!x)", "--metric-opt-in-list=["],
    },
    Flag {
        name: "--metric-labels-allowlist",
        effect: || {
            let labels = "kube_pod_labels{namespace=\"a\",pod=\"p\",uid=\"abc-2\",label_app=\"web\"}";
            chooses("--metric-labels-allowlist=pods=[app]", labels, [false, true]);
            let last = "--metric-labels-allowlist=nodes=[*] --metric-labels-allowlist=pods=[app]";
            chooses(last, "kube_node_labels{", [false, false]);
        },
        refused: &[
            "--metric-labels-allowlist=pods=",
            "--metric-labels-allowlist=pods=app",
            "--metric-labels-allowlist=pods=[app",
            "--metric-labels-allowlist=pods=[app]nodes=[*]",
            "--metric-labels-allowlist=pods=[a,,b]",
            "--metric-labels-allowlist=pods=[*a*]",
            "--metric-labels-allowlist=pod=[a]",
        ],
    },
    Flag {
        name: "--metric-annotations-allowlist",
        effect: || {
            let owner =
                "kube_pod_annotations{namespace=\"a\",pod=\"p\",uid=\"abc-2\",annotation_owner=\"me\"}";
            chooses("--metric-annotations-allowlist=*=[*]", owner, [false, true]);
        },
        refused: &["--metric-annotations-allowlist=pods=[", "--metric-annotations-allowlist=things=[a]"],
    },
    Flag {
        name: "--inject-labels",
        effect: || {
            let info = "kube_pod_info{namespace=\"a\",pod=\"p\",uid=\"abc-2\"";
            let injected = format!("{info},label_app=\"web\",label_team=\"x\",");
            chooses("--inject-labels=pods=[app,namespace:team,team]", &injected, [false, true]);
        },
        refused: &[
            "--inject-labels=pods=[",
            "--inject-labels=nodes=[node:a]",
            "--inject-labels=pods=[zone:a]",
        ],
    },
    Flag {
        name: "--keep-labels",
        effect: || {
            let keeps = |flags: &str| config(flags).selection.context::<Pod>().labels.matches("app");
            assert_eq!(
                ["", "--keep-labels=nodes", "--keep-labels nodes,pods"].map(keeps),
                [false, false, true]
            );
        },
        refused: &["--keep-labels=pod", "--keep-labels=*", "--keep-labels"],
    },
    Flag {
        name: "--profile",
        effect: || {
            chooses(
                "--profile=lean",
                "kube_pod_status_phase{namespace=\"b\",pod=\"q\",uid=\"abc-4\",phase=\"Failed\"} 0",
                [false, false],
            );
            chooses("--profile=mixin", "kube_pod_created{", [false, false]);
            assert!(render("--profile=mixin").len() < render("--profile=full").len());
        },
        refused: &["--profile=fat", "--profile="],
    },
    Flag {
        name: "--series-budget",
        effect: || {
            let budgets = vec![("pods".to_owned(), 7)];
            sets("--series-budget=pods=5 --series-budget=pods=7", |c| c.selection.budgets, [vec![], budgets]);
        },
        refused: &["--series-budget=pod=5", "--series-budget=pods", "--series-budget=pods=-5"],
    },
    Flag {
        name: "--external-labels",
        effect: || {
            let labelled = render("--external-labels=cluster=x");
            let samples = labelled.lines().filter(|line| !line.starts_with('#'));
            assert!(samples.clone().count() > 10);
            assert!(samples.into_iter().all(|line| line.contains("cluster=\"x\"")), "{labelled}");
        },
        refused: &["--external-labels=cluster", "--external-labels=pod=x", "--external-labels=1=x"],
    },
    Flag {
        name: "--shard",
        effect: || {
            let shares: Vec<String> =
                (0..2).map(|shard| render(&format!("--shard={shard} --total-shards=2"))).collect();
            for pod in ["pod=\"p\"", "pod=\"q\""] {
                let having = shares.iter().filter(|share| share.contains(pod)).count();
                assert_eq!(having, 1, "{pod}");
            }
        },
        refused: &["--shard=1", "--shard=3 --total-shards=3", "--shard=-1", "--shard=first"],
    },
    Flag {
        name: "--total-shards",
        effect: || {
            // The hashes of these UIDs are 1 and 1 of two, 1 and 2 of three.
            chooses("--shard=1 --total-shards=2", "kube_pod_info{namespace=\"b\"", [true, true]);
            chooses("--shard=1 --total-shards=3", "kube_pod_info{namespace=\"b\"", [true, false]);
            chooses("--shard=1 --total-shards=3", "kube_pod_info{namespace=\"a\"", [true, true]);
        },
        refused: &[
            "--total-shards=0",
            "--total-shards=-3",
            "--total-shards=many",
            "--total-shards=2147483648",
        ],
    },
    Flag {
        name: "--server-side-sharding",
        effect: || {
            let placed = config("--server-side-sharding --total-shards=2").selection.scope.shard;
            assert_ne!(placed, config("--total-shards=2").selection.scope.shard);
        },
        refused: &["--server-side-sharding=perhaps"],
    },
    Flag { name: "--pod", effect: replica, refused: &["--pod=$(POD_NAME)", "--pod=a/b"] },
    Flag {
        name: "--pod-namespace",
        effect: || {
            replica();
            let alone = exporter("--pod-namespace=monitoring");
            assert_eq!(alone.self_metric("kube_state_metrics_total_shards").as_deref(), Some("1"));
        },
        refused: &["--pod-namespace=$(POD_NAMESPACE)", "--pod-namespace=a.b"],
    },
];

fn replica() {
    let flags = ["--pod=kube-state-metrics-1", "--pod-namespace=monitoring", "--resources=nodes"];
    let exporter = Exporter::start(&flags);
    let ordinal = exporter.self_metric("kube_state_metrics_shard_ordinal{shard_ordinal=\"1\"}");
    assert_eq!(ordinal.as_deref(), Some("1"));
    let total = exporter.self_metric("kube_state_metrics_total_shards");
    assert_eq!(total, Some(REPLICAS.to_string()));
}
