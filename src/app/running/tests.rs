use super::*;
use crate::{
    app::simulate,
    cli::SelectionArgs,
    config::SyntheticCluster,
    exposition::Format,
    scrape::{Encoding, Query},
    shard::Shard,
    simulator::Simulator,
    watch::{Clients, Tuning},
};
use futures::StreamExt as _;
use std::{collections::BTreeSet, sync::atomic::AtomicBool};

const LIMIT: Duration = Duration::from_secs(20);

fn choice(resources: &str, shard: Shard) -> Choice {
    let resources = vec![resources.parse().unwrap()];
    let mut choice = Choice::try_from(SelectionArgs { resources, ..SelectionArgs::default() }).unwrap();
    choice.scope.shard = shard;
    choice
}

async fn start(choice: &Choice) -> (Simulator, RunningKinds) {
    let cluster = SyntheticCluster {
        nodes: 20,
        pods_per_node: 20,
        updates_per_second: 0.0,
        seed: 1,
        objects_per_kind: Some(20),
    };
    let simulator = simulate::start(([127, 0, 0, 1], 0).into(), cluster).await.unwrap();
    let url = format!("http://{}", simulator.address()).parse().unwrap();
    let clients = Clients::fixed(kube::Config::new(url)).await.unwrap();
    let alive = Arc::new(AtomicBool::new(true));
    let running = RunningKinds::start(
        Reading { clients, tuning: Tuning::default(), alive },
        choice,
        Patience::new(LIMIT),
    );
    tokio::time::timeout(LIMIT, async {
        while running.scraper().snapshot(&Query::default()).len() < choice.kinds.len() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .unwrap();
    (simulator, running)
}

async fn created(running: &RunningKinds) -> BTreeSet<String> {
    let text = text(running).await;
    text.lines().filter(|line| line.contains("_created{")).map(str::to_owned).collect()
}

async fn text(running: &RunningKinds) -> String {
    let mut body = running.scraper().scrape(&Query::default(), Format::Text, Encoding::Identity);
    let mut text = Vec::new();
    while let Some(piece) = body.next().await {
        text.extend_from_slice(&piece);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_both_shards_are_never_missing_while_one_replaces_the_other() {
    let shard = |ordinal, total| Shard { ordinal, total, ..Shard::default() };
    let of = |shard| choice("pods,nodes", shard);
    let (_simulator, running) = start(&of(shard(0, 1))).await;
    let all = created(&running).await;
    let (mut before, mut lists) = (all.clone(), 2);
    for (ordinal, total) in [(0, 2), (0, 3), (1, 3), (5, 3), (0, 1)] {
        let shard = shard(ordinal, total);
        running.apply(&of(shard));
        let settled = running.settle();
        let mut settled = std::pin::pin!(settled);
        let mut seen = vec![created(&running).await];
        loop {
            tokio::select! {
                biased;
                () = &mut settled => break,
                now = created(&running) => seen.push(now),
            }
        }
        let after = created(&running).await;
        for seen in seen {
            let missing = before.intersection(&after).filter(|line| !seen.contains(*line)).count();
            assert_eq!(missing, 0, "on the way to {shard}");
        }
        assert!(after.len() < all.len() || total == 1, "{shard} has everything");
        lists += 2;
        let reports = running.reports();
        let counted: u64 = reports.iter().map(|report| report.lists.0).sum();
        assert_eq!(counted, lists, "counters go on");
        before = after;
    }
    assert_eq!(before, all);
}

fn related(inject: &str, opt_in: &str) -> Choice {
    let args = SelectionArgs {
        resources: vec!["pods,nodes".parse().unwrap()],
        inject_labels: inject.to_owned(),
        metric_opt_in_list: vec![opt_in.parse().unwrap()],
        ..SelectionArgs::default()
    };
    args.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_of_others_come_and_go_with_the_choice() {
    const OWN: &str = "pods=[team]";
    const ZONE: &str = "pods=[team,node:topology.kubernetes.io/zone]";
    const NAMESPACE: &str = "pods=[namespace:team],nodes=[topology.kubernetes.io/zone]";
    let (_simulator, running) = start(&related("", "")).await;
    let pods = |of: &BTreeSet<String>, what: &str| {
        of.iter().filter(|line| line.contains("pod_created") && line.contains(what)).count()
    };
    let all = pods(&created(&running).await, "");
    // Of each choice the beginning of a label that only it has, and how many lists it takes at least.
    for (inject, opt_in, has) in [
        (ZONE, "", "label_topology_kubernetes_io_zone=\"region-1"),
        (OWN, "", "label_team=\""),
        (NAMESPACE, "", "label_team=\""),
        (NAMESPACE, "^kube_pod_workload$", "label_team=\""),
        ("", "", "pod"),
        (ZONE, "^kube_pod_workload$", "label_topology_kubernetes_io_zone=\"region-1"),
    ] {
        running.apply(&related(inject, opt_in));
        let mut settled = std::pin::pin!(running.settle());
        loop {
            tokio::select! {
                biased;
                () = &mut settled => break,
                now = created(&running) => assert_eq!(pods(&now, ""), all, "pods are missing on the way to {inject}"),
            }
        }
        let now = created(&running).await;
        assert_eq!(pods(&now, ""), all);
        assert!(pods(&now, has) > all / 3, "{inject}: {} of {all}", pods(&now, has));
        let zones = pods(&now, "label_topology");
        assert_eq!(zones > 0, inject == ZONE, "{inject}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pod_has_its_workload_in_the_first_scrape() {
    let choice = related("", "^kube_pod_workload$");
    let (_simulator, running) = start(&choice).await;
    let text = text(&running).await;
    let of = |family: &str| text.lines().filter(|line| line.starts_with(&format!("{family}{{"))).count();
    assert_eq!(of("kube_pod_workload"), of("kube_pod_info"));
    let sets = text.matches("workload_kind=\"ReplicaSet\"").count();
    let deployments = text.matches("workload_kind=\"Deployment\"").count();
    assert!(sets == 0 && deployments > 100, "{sets} ReplicaSets and {deployments} Deployments");
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_that_both_choices_have_are_not_read_again() {
    let of = |resources| choice(resources, Shard::default());
    let (_simulator, running) = start(&of("pods,nodes")).await;
    let nodes = |of: &BTreeSet<String>| of.iter().filter(|line| line.contains("node_created")).count();
    let all = created(&running).await;
    running.apply(&of("nodes,namespaces"));
    let now = created(&running).await;
    assert_eq!(nodes(&now), nodes(&all));
    assert!(!now.iter().any(|line| line.contains("pod_created")));
    tokio::time::timeout(LIMIT, running.settle()).await.unwrap();
    let now = created(&running).await;
    assert!(now.iter().any(|line| line.contains("namespace_created")), "the new kind has joined");
    let reports = running.reports();
    let lists: Vec<_> = reports.iter().map(|report| (report.resource, report.lists.0)).collect();
    assert_eq!(lists, [("namespaces", 1), ("nodes", 1)]);
}
