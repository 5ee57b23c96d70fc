//! Cases written from the documentation. That they are right is seen to by the cluster tests, which
//! ask the code that the scheduler itself runs.

use crate::{
    resources::pods::Pod,
    wire::{Atom, Context, Map, Quantity, decode_json},
};
use serde::Deserialize;
use serde_json::Value;

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

fn read(file: &str) -> Vec<Case> {
    let cases: Vec<Case> = serde_saphyr::from_str(file).unwrap();
    assert!(cases.len() >= 10, "there are {} cases", cases.len());
    cases
}

/// Names and amounts in billionths.
fn readable(list: &Map<Atom, Quantity>) -> Vec<(&str, i128)> {
    list.iter().map(|(name, amount)| (&**name, amount.nanos())).collect()
}
