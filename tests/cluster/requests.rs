//! What a pod counts for on its node, held against the code that kube-scheduler runs.

mod pods;

use crate::harness::component;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use kstate::{
    resources::pods::Pod,
    wire::{Atom, Context, Map, Quantity, decode, decode_json},
};
use proptest::{
    collection::vec,
    test_runner::{Config, TestCaseError, TestError, TestRunner},
};
use serde::Deserialize;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

/// Resources and their amounts in billionths.
type List = BTreeMap<String, String>;

/// What the scheduler makes of a pod.
#[derive(Deserialize)]
struct Scheduled {
    /// The pod itself as the API server sends it.
    protobuf: String,
    requests: List,
    limits: List,
}

#[derive(Deserialize)]
struct Case {
    rule: String,
    pod: Value,
    requests: Map<Atom, Quantity>,
    limits: Map<Atom, Quantity>,
}

/// The unit tests hold ours against the same cases.
#[test]
fn the_cases_written_from_the_documentation_are_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/resources/pods/scheduling/testdata");
    let mut cases = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        cases.append(&mut serde_saphyr::from_str::<Vec<Case>>(&text).unwrap());
    }
    assert!(cases.len() > 100, "there are {} cases", cases.len());
    let pods: Vec<Value> = cases.iter().map(|case| case.pod.clone()).collect();
    for (case, scheduled) in cases.iter().zip(ask(&pods)) {
        assert_eq!(billionths(&case.requests), scheduled.requests, "requests: {}", case.rule);
        assert_eq!(billionths(&case.limits), scheduled.limits, "limits: {}", case.rule);
    }
}

#[test]
fn random_pods_count_as_they_do_for_the_scheduler() {
    // Of some ten thousand pods; what is left of a failure is the smallest pod that shows it.
    let config =
        Config { cases: 100, failure_persistence: None, max_shrink_iters: 5_000, ..Config::default() };
    TestRunner::new(config)
        .run(&vec(pods::pod(), 1..200), |pods| {
            for (pod, scheduled) in pods.iter().zip(ask(&pods)) {
                compare(pod, &scheduled)?;
            }
            Ok(())
        })
        .unwrap_or_else(|error| match error {
            TestError::Fail(reason, _) | TestError::Abort(reason) => panic!("{reason}"),
        });
}

fn compare(pod: &Value, scheduled: &Scheduled) -> Result<(), TestCaseError> {
    let json: Pod = decode_json(&serde_json::to_vec(pod).unwrap(), &Context::default()).unwrap();
    let bytes = BASE64_STANDARD.decode(&scheduled.protobuf).unwrap();
    let protobuf: Pod = decode(&bytes, &Context::default()).unwrap();
    for (encoding, ours) in [("JSON", json), ("protobuf", protobuf)] {
        let lists = [
            ("requests", ours.effective_requests(), &scheduled.requests),
            ("limits", ours.effective_limits(), &scheduled.limits),
        ];
        for (name, ours, theirs) in lists {
            let ours = billionths(&ours);
            if ours != *theirs {
                let what = format!("{name}, read from {encoding}: {ours:?} instead of {theirs:?} for {pod}");
                return Err(TestCaseError::fail(what));
            }
        }
    }
    Ok(())
}

fn billionths(list: &Map<Atom, Quantity>) -> List {
    list.iter().map(|(name, amount)| (name.to_string(), amount.nanos().to_string())).collect()
}

/// Has the scheduler's code look at pods.
fn ask(pods: &[Value]) -> Vec<Scheduled> {
    let mut program = Command::new(component("requests"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It writes nothing before it has read everything.
    program.stdin.take().unwrap().write_all(&serde_json::to_vec(pods).unwrap()).unwrap();
    let output = program.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let scheduled: Vec<Scheduled> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(scheduled.len(), pods.len());
    scheduled
}
