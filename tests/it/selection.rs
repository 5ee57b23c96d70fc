//! What is exported of which objects, as tables: families, labels and annotations.
//!
//! The tables in `selection/` are written from what kube-state-metrics does; each says how it is read.

use crate::{
    contract::{self, ContractKind},
    exposition::{Family, parse},
    process::{errors, run},
};
use kstate::catalog::KINDS;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Families by name; a case of `families.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FamilyCase {
    case: String,
    #[serde(default = "a_pod")]
    objects: Vec<String>,
    #[serde(default)]
    flags: Vec<String>,
    only: Option<BTreeSet<String>>,
    #[serde(default)]
    gone: BTreeSet<String>,
    #[serde(default)]
    also: BTreeSet<String>,
}

/// Something typed wrong; a case of `mistakes.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    #[serde(default)]
    flags: Vec<String>,
    /// A list of keys that is tried for labels and for annotations.
    keys: Option<String>,
    says: Vec<String>,
}

/// Labels named by keys; a case of `keys.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Naming {
    keys: BTreeMap<String, String>,
    shown: String,
}

/// Keys that are shown; a case of `allowlists.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    allow: String,
    /// The value of the same flag given a second time.
    again: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    has: BTreeMap<String, String>,
    pod: Option<String>,
    node: Option<String>,
}

/// The flags of keys, the ends of the names of their families, and the beginnings of their labels.
const SHOWING: [(&str, &str, &str); 2] = [
    ("--metric-labels-allowlist", "_labels", "label_"),
    ("--metric-annotations-allowlist", "_annotations", "annotation_"),
];

/// Kinds without families for labels and annotations that a flag names.
const WITHOUT: [&str; 11] = [
    "leases",
    "limitranges",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "mutatingwebhookconfigurations",
    "replicationcontrollers",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "validatingwebhookconfigurations",
    "volumeattachments",
    // Beside one that has them, to see that it goes on being shown.
    "pods",
];

fn a_pod() -> Vec<String> {
    vec!["pods".to_owned()]
}

fn table<T: DeserializeOwned>(yaml: &str) -> T {
    serde_saphyr::from_str(yaml).unwrap_or_else(|error| panic!("{error}"))
}

/// An object of a kind that has a name and these labels and annotations.
fn object(plural: &str, name: &str, keys: &BTreeMap<String, String>) -> Value {
    let kind = KINDS.iter().find(|kind| kind.names.plural == plural).unwrap();
    let mut metadata =
        json!({ "name": name, "uid": format!("u-{name}"), "labels": keys, "annotations": keys });
    if kind.names.namespaced {
        metadata["namespace"] = json!("n");
    }
    json!({ "apiVersion": kind.names.api_version(), "kind": kind.names.kind, "metadata": metadata })
}

fn render(objects: &[Value], flags: &[String]) -> String {
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let output = run(&[&["render"], &flags[..], &["-"]].concat(), list.as_bytes());
    assert!(output.status.success(), "{flags:?}: {}", errors(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// The samples of a family, `None` without a header.
fn samples(families: &[Family], name: &str) -> Option<Vec<String>> {
    let family = families.iter().find(|family| family.name == name)?;
    Some(family.samples.iter().map(|sample| sample.line.clone()).collect())
}

/// Puts a prefix before each name of `a="1",b="2"`.
fn prefixed(prefix: &str, labels: &str) -> String {
    let (mut text, mut quoted, mut escaped, mut named) = (String::new(), false, false, false);
    for c in labels.chars() {
        if !quoted && !named {
            text += prefix;
            named = true;
        }
        text.push(c);
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        named &= quoted || c != ',';
    }
    text
}

/// A sample of a family that begins so, with further labels.
fn sample(beginning: &str, prefix: &str, labels: &str) -> String {
    let comma = if labels.is_empty() { "" } else { "," };
    format!("{beginning}{comma}{}}} 1", prefixed(prefix, labels))
}

#[test]
fn families_are_those_that_the_lists_select() {
    let kinds = contract::kinds();
    let cases: Vec<FamilyCase> = table(include_str!("selection/families.yaml"));
    assert!(cases.len() >= 120, "{}", cases.len());
    for FamilyCase { case, objects, flags, only, gone, also } in cases {
        let of = |kind: &&ContractKind| objects.contains(&kind.resource);
        let families = || kinds.iter().filter(of).flat_map(|kind| &kind.families);
        for name in gone.iter().chain(&also).chain(only.iter().flatten()) {
            assert!(families().any(|family| family.name == *name), "{case}: {name} is of no such kind");
        }
        let expected = families().filter(|family| match &only {
            Some(only) => only.contains(&family.name),
            None => also.contains(&family.name) || (!family.opt_in && !gone.contains(&family.name)),
        });
        let expected: Vec<&str> = expected.map(|family| family.name.as_str()).collect();
        let objects: Vec<Value> = objects.iter().map(|kind| object(kind, "o", &BTreeMap::new())).collect();
        let text = render(&objects, &flags);
        let families = parse(&text);
        let names = families.iter().map(|family| family.name.as_str());
        let names: Vec<&str> = names.filter(|name| !contract::OUR_FAMILIES.contains(name)).collect();
        assert_eq!(names, expected, "{case}: {flags:?}");
    }
}

#[test]
fn mistakes_are_told_in_one_line() {
    let mistakes: Vec<Mistake> = table(include_str!("selection/mistakes.yaml"));
    assert!(mistakes.len() >= 60, "{}", mistakes.len());
    for Mistake { flags, keys, says } in mistakes {
        let mut attempts: Vec<(Vec<String>, Option<&str>)> = Vec::new();
        match keys {
            None => attempts.push((flags, None)),
            Some(keys) => {
                attempts.extend(SHOWING.map(|(flag, ..)| (vec![format!("{flag}={keys}")], Some(flag))));
            }
        }
        for (flags, named) in attempts {
            let arguments: Vec<&str> = flags.iter().map(String::as_str).collect();
            let output = run(&[&["render"], &arguments[..], &["-"]].concat(), b"");
            let errors = errors(&output);
            assert_eq!(output.status.code(), Some(2), "{flags:?}: {errors}");
            assert_eq!(
                (output.stdout.len(), errors.trim_end().lines().count()),
                (0, 1),
                "{flags:?}: {errors}"
            );
            for what in says.iter().map(String::as_str).chain(named) {
                assert!(errors.contains(what), "{flags:?}: {what} isn't in {errors}");
            }
        }
    }
}

#[test]
fn keys_become_label_names() {
    let cases: Vec<Naming> = table(include_str!("selection/keys.yaml"));
    assert!(cases.len() >= 70, "{}", cases.len());
    let mut objects = Vec::new();
    for (at, Naming { keys, .. }) in cases.iter().enumerate() {
        let name = format!("o{at}");
        let mut pod = object("pods", &name, keys);
        pod["spec"]["nodeSelector"] = json!(keys);
        let mut attachment = object("volumeattachments", &name, keys);
        attachment["status"]["attachmentMetadata"] = json!(keys);
        objects.extend([pod, attachment]);
    }
    let flags = [
        "--metric-labels-allowlist=pods=[*]",
        "--metric-annotations-allowlist=pods=[*]",
        "--metric-opt-in-list=kube_pod_nodeselectors",
    ];
    let families = parse(&render(&objects, &flags.map(str::to_owned)));
    for (at, Naming { keys, shown }) in cases.iter().enumerate() {
        let pod = format!("namespace=\"n\",pod=\"o{at}\",uid=\"u-o{at}\"");
        let attachment = format!("volumeattachment=\"o{at}\"");
        for (family, identity, prefix) in [
            ("kube_pod_labels", &pod, "label_"),
            ("kube_pod_annotations", &pod, "annotation_"),
            ("kube_pod_nodeselectors", &pod, "nodeselector_"),
            // These show everything in every case.
            ("kube_volumeattachment_labels", &attachment, "label_"),
            ("kube_volumeattachment_status_attachment_metadata", &attachment, "metadata_"),
        ] {
            let beginning = format!("{family}{{{identity}");
            let of = |line: &String| line.starts_with(&format!("{beginning},"));
            let lines: Vec<String> = samples(&families, family).unwrap().into_iter().filter(of).collect();
            assert_eq!(lines, [sample(&beginning, prefix, shown)], "{keys:?}");
        }
    }
}

#[test]
fn labels_and_annotations_are_those_that_are_allowed() {
    let cases: Vec<Allowed> = table(include_str!("selection/allowlists.yaml"));
    assert!(cases.len() >= 70, "{}", cases.len());
    for Allowed { allow, again, flags, has, pod, node } in cases {
        let objects = [object("pods", "p", &has), object("nodes", "o", &has)];
        for (flag, family, prefix) in SHOWING {
            let mut flags = flags.clone();
            flags.extend([Some(&allow), again.as_ref()].into_iter().flatten().map(|v| format!("{flag}={v}")));
            let families = parse(&render(&objects, &flags));
            for (kind, identity, wanted) in
                [("pod", "namespace=\"n\",pod=\"p\",uid=\"u-p\"", &pod), ("node", "node=\"o\"", &node)]
            {
                let name = format!("kube_{kind}{family}");
                let wanted = match wanted.as_deref() {
                    Some("absent") => None,
                    Some(labels) => Some(vec![sample(&format!("{name}{{{identity}"), prefix, labels)]),
                    None => Some(Vec::new()),
                };
                assert_eq!(samples(&families, &name), wanted, "{flags:?}");
            }
        }
    }
}

#[test]
fn each_kind_shows_labels_and_annotations() {
    let kinds: BTreeMap<String, [String; 2]> = table(include_str!("selection/kinds.yaml"));
    let keys = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let objects: Vec<Value> = kinds
        .keys()
        .map(|plural| {
            let mut object = object(plural, "o", &keys);
            object["spec"] = json!({ "signerName": "s" });
            object
        })
        .collect();
    let resources = format!("--resources={}", kinds.keys().cloned().collect::<Vec<_>>().join(","));
    let each = |list: &str| kinds.keys().map(|kind| format!("{kind}={list}")).collect::<Vec<_>>().join(",");
    for (allow, wanted) in [
        (String::new(), None),
        (each("[]"), None),
        ("*=[]".to_owned(), None),
        (each("[other]"), Some("")),
        ("*=[other]".to_owned(), Some("")),
        (each("[team]"), Some("team=\"a\"")),
        ("*=[te*]".to_owned(), Some("team=\"a\"")),
        (each("[*]"), Some("team=\"a\"")),
    ] {
        let mut flags = vec![resources.clone()];
        flags.extend(SHOWING.map(|(flag, ..)| format!("{flag}={allow}")));
        let families = parse(&render(&objects, &flags));
        for (kind, beginnings) in &kinds {
            for (beginning, (_, family, prefix)) in beginnings.iter().zip(SHOWING) {
                let name = beginning.split('{').next().unwrap();
                assert!(name.ends_with(family), "{kind}: {name}");
                let beginning = beginning.strip_suffix('}').unwrap();
                let wanted = Vec::from_iter(wanted.map(|labels| sample(beginning, prefix, labels)));
                assert_eq!(samples(&families, name), Some(wanted), "{kind}, {allow}");
            }
        }
    }
}

#[test]
fn kinds_without_support_take_no_notice() {
    let keys = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let objects = WITHOUT.map(|plural| object(plural, "o", &keys));
    let plain = render(&objects, &[]);
    assert!(plain.contains("\nkube_volumeattachment_labels{volumeattachment=\"o\",label_team=\"a\"} 1\n"));
    for plural in &WITHOUT[..WITHOUT.len() - 1] {
        for (flag, ..) in SHOWING {
            for list in ["[]", "[team]", "[*]"] {
                assert_eq!(render(&objects, &[format!("{flag}={plural}={list}")]), plain, "{plural}={list}");
            }
        }
    }
    let both = SHOWING.map(|(flag, ..)| format!("{flag}=*=[*]"));
    let families = |text: &str| {
        let others = parse(text).into_iter().filter(|family| !family.name.starts_with("kube_pod_"));
        others.map(|family| format!("{family:?}")).collect::<Vec<_>>()
    };
    assert_eq!(families(&render(&objects, &both)), families(&plain));
}
