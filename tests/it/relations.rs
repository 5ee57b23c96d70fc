//! Workloads and injected labels, as `kstate render` shows them.

use crate::{
    contract,
    process::{errors, run},
    reference::unpacked,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const OBJECTS: &[u8] = include_bytes!("reference/objects.json.gz");

fn render(input: &str, flags: &[&str]) -> String {
    let output = run(&[&["render"], flags, &["-"]].concat(), input.as_bytes());
    assert!(output.status.success(), "{}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// Objects of all kinds, with a label on each node.
fn objects() -> String {
    let mut list: Value = serde_json::from_str(&unpacked(OBJECTS)).unwrap();
    let objects = list["items"].as_array_mut().unwrap();
    let nodes = objects.iter().filter_map(|object| object["spec"]["nodeName"].as_str().map(str::to_owned));
    let nodes: BTreeSet<String> = nodes.collect();
    objects.retain(|object| {
        object["kind"] != "Node" || !nodes.contains(object["metadata"]["name"].as_str().unwrap())
    });
    objects.extend(nodes.iter().map(|name| {
        json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "labels": { "zone": "z" } } })
    }));
    list.to_string()
}

/// The family and the labels of a sample.
fn series(line: &str) -> (&str, Vec<(&str, &str)>) {
    let (series, _) = line.rsplit_once(' ').unwrap();
    let (family, mut rest) = series.split_once('{').unwrap_or((series, "}"));
    let mut labels = Vec::new();
    while let Some((name, behind)) = rest.split_once("=\"") {
        let escaped =
            |at: usize| behind[..at].bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        let end = behind.match_indices('"').map(|(at, _)| at).find(|at| !escaped(*at)).unwrap();
        labels.push((name.trim_start_matches(','), &behind[..end]));
        rest = &behind[end + 1..];
    }
    (family, labels)
}

fn samples(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

const EVERYTHING: &str = "--inject-labels=*=[*,namespace:*,node:*]";

#[test]
fn injected_labels_change_nothing_else() {
    let objects = objects();
    let flags = ["--resources=", "--metric-labels-allowlist=*=[*]"];
    let (plain, injected) =
        (render(&objects, &flags), render(&objects, &[&flags[..], &[EVERYTHING]].concat()));
    // Which only namespaces and only nodes have.
    let mut others = [("label_kubernetes_io_metadata_name", 0), ("label_zone", 0)];
    let mut before: HashMap<String, i32> = HashMap::new();
    for line in samples(&plain) {
        *before.entry(line.to_owned()).or_default() += 1;
    }
    let mut seen = HashSet::new();
    for line in samples(&injected) {
        let (family, labels) = series(line);
        assert!(seen.insert(line.rsplit_once(' ').unwrap().0), "{line} is there twice");
        let names: BTreeSet<&str> = labels.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), labels.len(), "a label is there twice: {line}");
        if family.ends_with("_labels") {
            continue;
        }
        let own: Vec<String> = labels
            .iter()
            .filter(|(name, _)| !name.starts_with("label_"))
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        for (name, samples) in &mut others {
            *samples += usize::from(names.contains(*name));
        }
        let value = line.rsplit_once(' ').unwrap().1;
        let own = if own.is_empty() { String::new() } else { format!("{{{}}}", own.join(",")) };
        *before.entry(format!("{family}{own} {value}")).or_default() -= 1;
    }
    assert!(others.iter().all(|(_, samples)| *samples > 300), "{others:?}");
    before.retain(|line, count| *count != 0 && !series(line).0.ends_with("_labels"));
    assert!(before.is_empty(), "{before:#?}");

    // What these families show themselves is what they have always shown.
    let shown = |text: &str| -> BTreeMap<String, BTreeSet<(String, String)>> {
        let of_labels = samples(text).filter(|line| series(line).0.ends_with("_labels"));
        of_labels
            .map(|line| {
                let (family, labels) = series(line);
                let (shown, own): (Vec<_>, Vec<_>) =
                    labels.into_iter().partition(|(name, _)| name.starts_with("label_"));
                let shown = shown.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
                (format!("{family} {own:?}"), shown.collect())
            })
            .collect()
    };
    let (before, after) = (shown(&plain), shown(&injected));
    assert_eq!(before.len(), after.len());
    for (object, labels) in &before {
        assert!(labels.is_subset(&after[object]), "{object}: {labels:?} {:?}", after[object]);
    }
}

#[test]
fn what_is_matched_one_to_one_still_finds_its_counterpart() {
    let objects = objects();
    let flags = ["--metric-labels-allowlist=*=[*]"];
    let (plain, injected) =
        (render(&objects, &flags), render(&objects, &[&flags[..], &[EVERYTHING]].concat()));
    let by_family = |text: &str| -> HashMap<String, HashSet<Vec<(String, String)>>> {
        let mut families: HashMap<String, HashSet<_>> = HashMap::new();
        for line in samples(text) {
            let (family, mut labels) = series(line);
            labels.sort_unstable();
            let labels =
                labels.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            families.entry(family.to_owned()).or_default().insert(labels);
        }
        families
    };
    let (plain, injected) = (by_family(&plain), by_family(&injected));
    let matched = |families: &HashMap<String, HashSet<_>>, one: &str, other: &str| {
        let none = HashSet::new();
        let (one, other) = (families.get(one).unwrap_or(&none), families.get(other).unwrap_or(&none));
        one.intersection(other).count()
    };
    let mut pairs = 0;
    for consumed in contract::consumed() {
        for other in &consumed.same_labels_as {
            let before = matched(&plain, &consumed.family, other);
            assert_eq!(
                matched(&injected, &consumed.family, other),
                before,
                "{} and {other}",
                consumed.family
            );
            pairs += usize::from(before > 0);
        }
    }
    assert!(pairs > 10, "only {pairs} pairs have samples");
}

#[test]
fn owners_may_stand_behind_what_they_own() {
    let object = |api_version: &str, kind: &str, name: &str, owner: Option<(&str, &str, &str)>| {
        let owner = owner.map(|(api_version, kind, name)| {
            format!(
                "{{apiVersion: {api_version}, kind: {kind}, name: {name}, uid: {name}-uid, controller: true}}"
            )
        });
        let (metadata, owner) =
            (format!("name: {name}, namespace: shop, uid: {name}-uid"), owner.unwrap_or_default());
        format!(
            "---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{{metadata}, ownerReferences: [{owner}]}}\n"
        )
    };
    let yaml = [
        object("v1", "Pod", "p", Some(("apps/v1", "ReplicaSet", "web-1"))),
        object("batch/v1", "Job", "j", Some(("batch/v1", "CronJob", "c"))),
        object("v1", "Pod", "q", Some(("batch/v1", "Job", "j"))),
        object("apps/v1", "ReplicaSet", "web-1", Some(("apps/v1", "Deployment", "web"))),
        object("apps/v1", "Deployment", "web", Some(("example.com/v1", "Shop", "s"))),
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: red}}\n".to_owned(),
    ]
    .concat();
    let text = render(&yaml, &["--metric-opt-in-list=_workload$", "--inject-labels=pods=[namespace:team]"]);
    let workloads: Vec<&str> = samples(&text).filter(|line| line.contains("_workload{")).collect();
    assert_eq!(
        workloads,
        [
            r#"kube_job_workload{namespace="shop",job_name="j",workload_kind="CronJob",workload_name="c",top_owner_kind="CronJob",top_owner_name="c"} 1"#,
            r#"kube_pod_workload{namespace="shop",pod="p",uid="p-uid",label_team="red",workload_kind="Deployment",workload_name="web",top_owner_kind="Shop",top_owner_name="s"} 1"#,
            r#"kube_pod_workload{namespace="shop",pod="q",uid="q-uid",label_team="red",workload_kind="CronJob",workload_name="c",top_owner_kind="CronJob",top_owner_name="c"} 1"#,
            r#"kube_replicaset_workload{namespace="shop",replicaset="web-1",workload_kind="Deployment",workload_name="web",top_owner_kind="Shop",top_owner_name="s"} 1"#,
        ]
    );
    assert!(!render(&yaml, &[]).contains("_workload{"), "nobody has asked for it");
    let flags =
        ["--inject-labels=pods=[team]", "--metric-denylist=_labels$", "--external-labels=label_team=a"];
    let refused = run(&[&["render"], &flags[..], &["-"]].concat(), b"");
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        errors(&refused).contains("which may be a label that --inject-labels names"),
        "{}",
        errors(&refused)
    );
}
