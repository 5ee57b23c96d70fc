//! Flags that say how many series there are.

use crate::{
    exposition::{Family, parse},
    process::{errors, run},
    reference::{OBJECTS, unpacked},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is printed with these flags of the objects of the reference, and what is said on standard
/// error besides of kinds that are not known.
fn rendered(flags: &[&str]) -> (String, String) {
    let output = run(&[&["render", "-"], flags].concat(), unpacked(OBJECTS).as_bytes());
    assert!(output.status.success(), "{}", errors(&output));
    let said = errors(&output);
    let said = said.lines().filter(|line| !line.ends_with("have no metrics.")).collect::<Vec<_>>();
    (String::from_utf8(output.stdout.clone()).unwrap(), said.join("\n"))
}

/// Names and samples, by family.
fn families(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let lines = |family: Family| family.samples.into_iter().map(|sample| sample.line).collect();
    parse(text).into_iter().map(|family| (family.name.clone(), lines(family))).collect()
}

#[test]
fn profiles_hold_less() {
    let full = families(&rendered(&[]).0);
    assert_eq!(families(&rendered(&["--profile=full"]).0), full);
    let mixin = families(&rendered(&["--profile=mixin"]).0);
    let lean = families(&rendered(&["--profile=lean"]).0);
    assert!(mixin.len() < lean.len() && lean.len() < full.len());
    for (family, samples) in &mixin {
        assert_eq!(samples, &full[family], "a family that is there is whole");
    }
    for (family, samples) in &lean {
        let missing: Vec<&String> = full[family].difference(samples).collect();
        let zero = |line: &&String| line.ends_with(" 0") && !line.contains("\"true\"");
        assert!(samples.is_subset(&full[family]) && missing.iter().all(zero), "{family}: {missing:?}");
    }
    let rows = |family: &BTreeSet<String>| family.len();
    assert!(rows(&lean["kube_pod_status_phase"]) * 4 < rows(&full["kube_pod_status_phase"]));
    assert!(lean["kube_node_status_condition"].len() < full["kube_node_status_condition"].len());
    // What KubeNodeNotReady compares with 0.
    let ready = |line: &&String| line.contains("condition=\"Ready\",status=\"true\"");
    let of = |families: &BTreeMap<String, BTreeSet<String>>| {
        families["kube_node_status_condition"].iter().filter(ready).count()
    };
    assert!(of(&lean) > 0 && of(&lean) == of(&full));

    for family in ["kube_pod_nodeselectors", "kube_service_annotations"] {
        assert!(!mixin.contains_key(family) && !full["kube_pod_info"].is_empty());
    }
    let asked = rendered(&[
        "--profile=mixin",
        "--metric-opt-in-list=kube_pod_nodeselectors",
        "--metric-annotations-allowlist=services=[*]",
    ]);
    let asked = families(&asked.0);
    assert!(asked.contains_key("kube_pod_nodeselectors") && asked.contains_key("kube_service_annotations"));
}

#[test]
fn external_labels_stand_in_all_samples() {
    let (plain, _) = rendered(&[]);
    let (labelled, _) = rendered(&["--external-labels=region=a \"b\"", "--external-labels=cluster=c"]);
    let constant = "cluster=\"c\",region=\"a \\\"b\\\"\"}";
    let stripped = labelled.lines().map(|line| {
        if line.starts_with('#') {
            return line.to_owned();
        }
        let (labels, value) = line.rsplit_once(' ').unwrap();
        let labels = labels.strip_suffix(constant).unwrap_or_else(|| panic!("{line}"));
        format!("{}}} {value}", labels.strip_suffix(',').unwrap())
    });
    assert!(stripped.eq(plain.lines().map(str::to_owned)));
    for (flag, named) in [
        ("cluster", "lacks a value for \"cluster\""),
        ("node=a", "\"node\", which is a label of kube_"),
        ("label_app=a", "\"label_app\", which is a label of kube_"),
        ("a-b=c", "\"a-b\", which can't be the name"),
        ("__a=c", "\"__a\", which can't be the name"),
        ("=c", "\"\", which can't be the name"),
        ("a=b,a=c", "\"a\" more than once"),
    ] {
        let output = run(&["render", "-", &format!("--external-labels={flag}")], b"");
        let said = errors(&output);
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{flag}: {said}");
        assert!(said.contains("--external-labels") && said.contains(named), "{flag}: {said}");
    }
    // A name that is no exported family's is free.
    assert!(rendered(&["--resources=services", "--external-labels=node=a"]).0.contains(",node=\"a\"} "));
}

#[test]
fn a_kind_over_its_budget_loses_families_and_says_so() {
    let (full, said) = rendered(&["--series-budget=pods=1000000"]);
    assert_eq!((&full, said.as_str()), (&rendered(&[]).0, ""));
    let full = families(&full);
    let of_pods = |families: &BTreeMap<String, BTreeSet<String>>| -> usize {
        families.iter().filter(|(name, _)| name.starts_with("kube_pod_")).map(|(_, rows)| rows.len()).sum()
    };
    let most = of_pods(&full) / 2;
    let (kept, said) = rendered(&[&format!("--series-budget=pods={most}")]);
    let kept = families(&kept);
    assert!(of_pods(&kept) <= most && of_pods(&kept) > most / 2);
    let lost: BTreeSet<&str> =
        full.keys().filter(|name| !kept.contains_key(*name)).map(String::as_str).collect();
    let named: BTreeSet<&str> =
        said.trim().trim_end_matches('.').split("left out: ").nth(1).unwrap().split(", ").collect();
    assert_eq!(named, lost, "{said}");
    assert!(kept.iter().all(|(name, samples)| *samples == full[name]), "what is kept is whole");
    assert!(kept.contains_key("kube_pod_info"), "much is read of it");

    for flag in ["pod=5", "pods", "pods=many", "pods=-1"] {
        let output = run(&["render", "-", &format!("--series-budget={flag}")], b"");
        let said = errors(&output);
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{flag}: {said}");
        assert!(said.contains("--series-budget"), "{flag}: {said}");
    }
}

#[test]
fn a_budget_shows_in_the_log_and_in_self_metrics() {
    use crate::process::{Server, eventually, get};
    let flags = [
        "demo",
        "--port=0",
        "--telemetry-port=0",
        "--updates-per-second=0",
        "--series-budget=nodes=100,pods=1000000",
    ];
    let server = Server::start(&flags);
    let (main, telemetry) = server.ports();
    assert!(
        get(main, "/metrics?resources=nodes").text().lines().filter(|line| !line.starts_with('#')).count()
            <= 100
    );
    let metrics = eventually("a metric of the budget", || {
        let text = get(telemetry, "/metrics").text().to_owned();
        let has = |line: &str| text.contains(line);
        let all = has("\nkstate_family_left_out{resource=\"nodes\",family=\"")
            && has("\nkstate_series_budget{resource=\"nodes\"} 100\n")
            && has("\nkstate_series_budget{resource=\"pods\"} 1000000\n");
        all.then_some(text)
    });
    assert!(!metrics.contains("kstate_family_left_out{resource=\"pods\""));
    eventually("a line of the log", || {
        server.log().contains("The kind is over its budget of series").then_some(())
    });
}
