//! The shares of several processes are disjoint and add up to the whole.

use crate::{
    process::{errors, run},
    reference::unpacked,
};
use std::{collections::BTreeMap, fmt::Write as _};

/// How often each sample is printed, by all of the commands together.
fn samples(expositions: &[String]) -> BTreeMap<&str, usize> {
    let mut samples = BTreeMap::new();
    for line in expositions.iter().flat_map(|text| text.lines()).filter(|line| !line.starts_with('#')) {
        *samples.entry(line).or_default() += 1;
    }
    samples
}

fn render(objects: &[u8], flags: &[&str]) -> String {
    let output = run(&[&["render"], flags, &["-"]].concat(), objects);
    assert!(output.status.success(), "{flags:?}: {}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn shares_add_up_to_the_whole() {
    let objects = unpacked(include_bytes!("reference/objects.json.gz"));
    let whole = [render(objects.as_bytes(), &[])];
    let whole = samples(&whole);
    assert!(whole.len() > 1000);
    for (total, by) in [(1, "false"), (2, "false"), (3, "false"), (7, "false"), (2, "true"), (5, "true")] {
        let shares: Vec<String> = (0..total)
            .map(|shard| {
                let flags = [
                    format!("--shard={shard}"),
                    format!("--total-shards={total}"),
                    format!("--server-side-sharding={by}"),
                ];
                render(objects.as_bytes(), &flags.each_ref().map(String::as_str))
            })
            .collect();
        assert_eq!(samples(&shares), whole, "{total} shards, placed by the server: {by}");
        let least = shares.iter().map(|share| share.lines().count()).min().unwrap();
        assert!(least > 100, "a share of {total} has but {least} lines");
    }
}

#[test]
fn a_share_has_the_objects_that_kube_state_metrics_would_have() {
    let uids = ["test_uid", "abc-2", "abc-4", "abc-6", "6a934e21-5207-4a84-baea-3a952d926c80"];
    let mut yaml = String::new();
    for uid in uids {
        let name = uid.replace('_', "-");
        let _ = writeln!(
            yaml,
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: of-{name}, uid: {uid}}}\nstatus: {{phase: Active}}"
        );
    }
    // What is not ours is not even looked at.
    yaml += "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x, uid: test_uid}\nstatus: 7\n";
    let has = |shard: &str| {
        let text = render(yaml.as_bytes(), &[&format!("--shard={shard}"), "--total-shards=5"]);
        let of = |uid: &&str| {
            text.contains(&format!("namespace=\"of-{}\",phase=\"Active\"", uid.replace('_', "-")))
        };
        uids.into_iter().filter(of).collect::<Vec<_>>()
    };
    assert_eq!([has("1"), has("2")], [Vec::<&str>::new(), vec![]]);
    assert_eq!(has("3"), ["abc-4"]);
    assert_eq!(has("4"), ["abc-2", "abc-6", "6a934e21-5207-4a84-baea-3a952d926c80"]);
}
