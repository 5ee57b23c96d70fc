//! Cases written from the documentation. That they are right is seen to by the cluster tests, which
//! ask the code that the scheduler itself runs.

use crate::{
    resources::pods::Pod,
    wire::{Atom, Context, Map, Quantity, decode_json},
};
use serde::Deserialize;
use serde_json::{Value, json};

const FILES: [&str; 8] = [
    include_str!("testdata/containers.yaml"),
    include_str!("testdata/init.yaml"),
    include_str!("testdata/overhead.yaml"),
    include_str!("testdata/pod_level.yaml"),
    include_str!("testdata/pod_resize.yaml"),
    include_str!("testdata/quantities.yaml"),
    include_str!("testdata/resize.yaml"),
    include_str!("testdata/sidecars.yaml"),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What it shows.
    rule: String,
    pod: Value,
    requests: Map<Atom, Quantity>,
    limits: Map<Atom, Quantity>,
}

#[test]
fn every_pod_counts_as_the_documentation_says() {
    let mut wrong = Vec::new();
    for case in FILES.into_iter().flat_map(read) {
        let pod = serde_json::to_vec(&case.pod).unwrap();
        let pod: Pod = decode_json(&pod, &Context::default()).unwrap();
        let lists = [
            ("requests", pod.effective_requests(), &case.requests),
            ("limits", pod.effective_limits(), &case.limits),
        ];
        for (name, found, want) in lists.iter().filter(|(_, found, want)| found != *want) {
            let [found, want] = [found, *want].map(readable);
            wrong.push(format!("{}\n  {name}: {found:?} instead of {want:?}", case.rule));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_kubelets_report_is_kept_only_where_it_may_count() {
    let kept = |asked: Value, reported: Value| {
        let container = json!({"name": "app", "resources": asked});
        let status =
            json!({"name": "app", "resources": reported, "allocatedResources": reported["requests"]});
        let pod = |spec: &Value| {
            let pod = json!({
                "spec": {"containers": [container], "resources": spec},
                "status": {
                    "containerStatuses": [status],
                    "resources": reported,
                    "allocatedResources": reported["requests"],
                },
            });
            decode_json::<Pod>(&serde_json::to_vec(&pod).unwrap(), &Context::default()).unwrap().status
        };
        let [alone, whole] = [pod(&Value::Null), pod(&asked)];
        assert!(alone.resources.is_none() && alone.allocated_resources.get().is_none());
        [alone.container_statuses[0].resources.is_some(), whole.resources.is_some()]
    };
    let one = json!({"requests": {"cpu": 1}, "limits": {"cpu": "1000m"}});
    let two = json!({"requests": {"cpu": 2}, "limits": {"cpu": 2}});
    assert_eq!(kept(one.clone(), one.clone()), [false, false]);
    assert_eq!(kept(one.clone(), two), [true, true]);
    assert_eq!(kept(one, json!({})), [true, true]);
}

fn read(file: &str) -> Vec<Case> {
    let cases: Vec<Case> = serde_saphyr::from_str(file).unwrap();
    assert!(cases.len() >= 10, "there are {} cases", cases.len());
    cases
}

/// Names and amounts in billionths.
fn readable(list: &Map<Atom, Quantity>) -> Vec<(&str, i128)> {
    list.iter().map(|(name, amount)| (&**name, amount.nanos())).collect()
}
