//! Expositions against each other.

use super::*;
use expect_test::expect;
use proptest::{collection::vec, prelude::*};

const TERMS: Terms = Terms { tolerance: 0.0, help: false, examples: 2 };

fn report(old: &str, new: &str, terms: Terms) -> Report {
    compare(|| Ok(old.as_bytes()), || Ok(new.as_bytes()), terms).unwrap()
}

const OLD: &str = r#"# HELP a What it is.
# TYPE a gauge
a{x="1",y="2"} 1
a{x="1",y="3"} 2
a{x="1",y="4"} 3
a{x="1",y="5"} 4
a{x="1",y="6"} 1e+06
# HELP gone What was there.
# TYPE gone gauge
gone 1
# TYPE silent gauge
# TYPE b counter
b{p="1"} 1
# TYPE c gauge
c 5
"#;

const NEW: &str = r#"# HELP a It is what.
# TYPE a gauge
a{y="6",x="1"} 1000000
a{y="2",x="1"} 1.5
# TYPE c gauge
c 5.0
# TYPE b gauge
b{q="1"} 1
# TYPE come gauge
come{z="1"} NaN
"#;

#[test]
#[allow(clippy::too_many_lines)] // nearly all of it is what is expected
fn whatever_differs_is_told_by_family() {
    let report = report(OLD, NEW, TERMS);
    assert_eq!((report.old.families, report.old.samples, report.empty), (5, 8, 1));
    assert_eq!((report.new.families, report.new.samples, report.is_same()), (4, 5, false));
    expect![[r#"
        [
            FamilyReport {
                name: "a",
                samples: [
                    Some(
                        5,
                    ),
                    Some(
                        2,
                    ),
                ],
                types: None,
                helps: None,
                labels: [
                    [],
                    [],
                ],
                only: [
                    3,
                    0,
                ],
                examples: [
                    [
                        "a{x=\"1\",y=\"3\"} 2",
                        "a{x=\"1\",y=\"4\"} 3",
                    ],
                    [],
                ],
                changed: 1,
                changes: [
                    Changed {
                        series: "a{y=\"2\",x=\"1\"}",
                        old: 1.0,
                        new: 1.5,
                    },
                ],
            },
            FamilyReport {
                name: "b",
                samples: [
                    Some(
                        1,
                    ),
                    Some(
                        1,
                    ),
                ],
                types: Some(
                    [
                        "counter",
                        "gauge",
                    ],
                ),
                helps: None,
                labels: [
                    [
                        "p",
                    ],
                    [
                        "q",
                    ],
                ],
                only: [
                    1,
                    1,
                ],
                examples: [
                    [
                        "b{p=\"1\"} 1",
                    ],
                    [
                        "b{q=\"1\"} 1",
                    ],
                ],
                changed: 0,
                changes: [],
            },
            FamilyReport {
                name: "come",
                samples: [
                    None,
                    Some(
                        1,
                    ),
                ],
                types: None,
                helps: None,
                labels: [
                    [],
                    [],
                ],
                only: [
                    0,
                    1,
                ],
                examples: [
                    [],
                    [
                        "come{z=\"1\"} NaN",
                    ],
                ],
                changed: 0,
                changes: [],
            },
            FamilyReport {
                name: "gone",
                samples: [
                    Some(
                        1,
                    ),
                    None,
                ],
                types: None,
                helps: None,
                labels: [
                    [],
                    [],
                ],
                only: [
                    1,
                    0,
                ],
                examples: [
                    [
                        "gone 1",
                    ],
                    [],
                ],
                changed: 0,
                changes: [],
            },
        ]
    "#]]
    .assert_debug_eq(&report.families);
}

#[test]
fn as_many_examples_are_shown_as_asked_for() {
    let examples = |examples| {
        let report = report(OLD, NEW, Terms { examples, ..TERMS });
        let a = report.families.into_iter().find(|family| family.name == "a").unwrap();
        (a.only[0], a.examples[0].len(), a.changed, a.changes.len())
    };
    assert_eq!(examples(0), (3, 0, 1, 0));
    assert_eq!(examples(1), (3, 1, 1, 1));
    assert_eq!(examples(usize::MAX), (3, 3, 1, 1));
}

#[test]
fn help_counts_on_request() {
    let (old, new) = ("# HELP a One.\na 1\n", "# HELP a Two.\na 1\n");
    assert!(report(old, new, TERMS).is_same());
    let families = report(old, new, Terms { help: true, ..TERMS }).families;
    assert_eq!(families[0].helps, Some(["One.".to_owned(), "Two.".to_owned()]));
}

#[test]
fn points_in_time_may_be_apart() {
    let text = |name: &str, value: f64| format!("{name} {value}\n");
    for (name, apart, same) in [
        ("kube_lease_renew_time", 30.0, true),
        ("kube_lease_renew_time", 30.5, false),
        ("process_start_time_seconds", 1.0, true),
        ("kube_pod_created", -30.0, true),
        ("kube_pod_runtime", 1.0, false),
        ("kube_deployment_spec_replicas", 1.0, false),
    ] {
        let terms = Terms { tolerance: 30.0, ..TERMS };
        let report = report(&text(name, 1.7e9), &text(name, 1.7e9 + apart), terms);
        assert_eq!(report.is_same(), same, "{name} {apart}");
    }
}

#[test]
fn a_format_is_no_difference() {
    let old = "# TYPE a gauge\na{x=\"1\"} 1\n# TYPE h histogram\nh_sum 1\nh_count 2\nh_bucket{le=\"1\"} 2\n";
    let new = "# TYPE a info\na{x=\"1\"} 1.0\n# TYPE h histogram\n# UNIT h seconds\nh_sum 1\nh_count 2\nh_bucket{le=\"1\"} 2 # {t=\"1\"} 1\n# EOF\n";
    let same = report(old, new, TERMS);
    assert_eq!((same.families.len(), same.new.open_metrics, same.new.families), (0, true, 2));
    // But it is where both are in the same format.
    let open_metrics = format!("{old}# EOF\n");
    assert_eq!(report(&open_metrics, new, TERMS).families.len(), 1);
}

#[test]
fn repeated_samples_count_once() {
    let report = report("a 1\na 2\nb 1\nb 1\n", "b 1\na 1\nc 1\nc 1\n", TERMS);
    assert_eq!((report.old.repeated, report.new.repeated), (2, 1));
    assert_eq!(report.families.len(), 1);
    assert_eq!((&*report.families[0].name, report.families[0].only), ("c", [0, 1]));
}

#[test]
fn a_mistake_is_told_with_its_side_and_line() {
    let said = |old: &str, new: &str| {
        let error = compare(|| Ok(old.as_bytes()), || Ok(new.as_bytes()), TERMS).unwrap_err();
        (error.side, error.to_string())
    };
    let line = |text: &str| text.to_owned();
    assert_eq!(said("a 1\n\na x\n", ""), (Side::Old, line("line 3: \"x\" is no value")));
    let cut_off = line("line 2: it has no line break, so that something may be missing");
    assert_eq!(said("a 1\n", "a 1\na 2"), (Side::New, cut_off));
    assert_eq!(said("a 1\n", "# EOF\na 2\n"), (Side::New, line("line 2: it follows the end mark")));
    let bytes: &[u8] = b"a{b=\"\xff\"} 1\n";
    let error = compare(|| Ok(bytes), || Ok(bytes), TERMS).unwrap_err();
    assert_eq!(error.to_string(), "line 1: it is no UTF-8");
}

/// Lines of samples that are all different, each with its labels in some order.
fn samples() -> impl Strategy<Value = Vec<String>> {
    let value =
        prop_oneof![Just("1".to_owned()), Just("NaN".to_owned()), any::<f64>().prop_map(|v| v.to_string())];
    vec(("[a-c]", "(\\\\n|[a-d\"ä])*", any::<bool>(), value), 0..40).prop_map(|samples| {
        let line = |(at, (family, text, turned, value)): (usize, (String, String, bool, String))| {
            let (first, second) = (format!("n=\"{at}\""), format!("t=\"{}\"", text.replace('"', "\\\"")));
            let (first, second) = if turned { (second, first) } else { (first, second) };
            format!("{family}{{{first},{second}}} {value}\n")
        };
        samples.into_iter().enumerate().map(line).collect()
    })
}

proptest! {
    #[test]
    fn an_exposition_is_the_same_in_any_order(
        (lines, shuffled) in samples().prop_flat_map(|lines| (Just(lines.clone()), Just(lines).prop_shuffle()))
    ) {
        let report = report(&lines.concat(), &shuffled.concat(), TERMS);
        prop_assert!(report.is_same(), "{report:?}");
        prop_assert_eq!(report.old, report.new);
    }

    #[test]
    fn what_one_lacks_is_told(lines in samples(), left_out in any::<proptest::sample::Index>()) {
        prop_assume!(!lines.is_empty());
        let mut fewer = lines.clone();
        let missing = fewer.remove(left_out.index(lines.len()));
        let (all, fewer) = (lines.concat(), fewer.concat());
        for (report, side) in [(report(&all, &fewer, TERMS), 0), (report(&fewer, &all, TERMS), 1)] {
            prop_assert_eq!(report.families.len(), 1);
            prop_assert_eq!(report.families[0].only[side], 1);
            prop_assert_eq!(&report.families[0].examples[side], &[missing.trim_end().to_owned()]);
        }
    }
}
