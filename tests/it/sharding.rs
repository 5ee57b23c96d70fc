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
    // The shard of each, of 2, 3, 5 and 10. One without a UID has a place, too.
    let places = [
        ("test_uid", [0, 0, 0, 0]),
        ("abc-2", [1, 1, 4, 4]),
        ("abc-4", [1, 2, 3, 3]),
        ("abc-6", [0, 2, 4, 4]),
        ("", [1, 1, 1, 1]),
        ("6a934e21-5207-4a84-baea-3a952d926c80", [1, 1, 4, 6]),
    ];
    let mut yaml = String::new();
    for (at, (uid, _)) in places.iter().enumerate() {
        let _ = writeln!(
            yaml,
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: n{at}, uid: \"{uid}\"}}\nstatus: {{phase: Active}}"
        );
    }
    for (column, total) in [2, 3, 5, 10].into_iter().enumerate() {
        for shard in 0..total {
            // What is not ours is not even looked at.
            let (other, _) = places.iter().find(|(_, places)| places[column] != shard).unwrap();
            let broken = format!(
                "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: x, uid: \"{other}\"}}\nstatus: 7\n"
            );
            let flags = [format!("--shard={shard}"), format!("--total-shards={total}")];
            let text = render((yaml.clone() + &broken).as_bytes(), &flags.each_ref().map(String::as_str));
            for (at, (uid, places)) in places.iter().enumerate() {
                let has = text.contains(&format!("namespace=\"n{at}\",phase=\"Active\"}} 1"));
                assert_eq!(has, places[column] == shard, "{uid:?} in {shard} of {total}");
            }
        }
    }
}

#[test]
fn a_share_that_cannot_be_is_a_mistake() {
    for (flags, says) in [
        (["--shard=0", "--total-shards=0"], "--total-shards=0"),
        (["--shard=3", "--total-shards=3"], "--shard=3"),
        (["--shard=1", "--total-shards=1"], "--shard=1"),
        (["--shard=-1", "--total-shards=3"], "--shard"),
        (["--shard=0", "--total-shards=x"], "--total-shards"),
    ] {
        let output = run(&["render", flags[0], flags[1], "-"], b"");
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {errors}");
        assert!(errors.contains(says) && errors.trim_end().lines().count() == 1, "{flags:?}: {errors}");
    }
}
