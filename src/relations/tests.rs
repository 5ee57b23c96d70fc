use super::*;
use crate::wire::{Context, Workload, decode_json};
use proptest::prelude::*;
use std::collections::HashMap;

const DEPLOYMENTS: Source = Source(0);
const REPLICA_SETS: Source = Source(1);
const OTHERS: Source = Source(2);

crate::wire! {
    /// Whatever has metadata.
    pub struct Thing {
        /// The metadata.
        metadata: ObjectMeta = 1,
    }
}
crate::local_object!(Thing);

fn meta(json: &str) -> ObjectMeta {
    let object = format!(r#"{{"metadata": {json}}}"#);
    decode_json::<Thing>(object.as_bytes(), &Context::all()).unwrap().metadata
}

/// Metadata of an object that is owned by the ones named, as in `apps/v1 ReplicaSet web-1`.
fn object(name: &str, controller: Option<&str>) -> ObjectMeta {
    let owners = controller.map(|controller| {
        let [api_version, kind, owner] = controller.split(' ').collect::<Vec<_>>().try_into().unwrap();
        format!(
            r#"{{"apiVersion": "{api_version}", "kind": "{kind}", "name": "{owner}", "uid": "{owner}", "controller": true}}"#
        )
    });
    meta(&format!(
        r#"{{"name": "{name}", "namespace": "shop", "uid": "{name}", "ownerReferences": [{}]}}"#,
        owners.unwrap_or_default()
    ))
}

fn rules(workload: bool, labels: &[(Origin, &str)]) -> Rules {
    let injected = |(origin, key): &(Origin, &str)| Injected { origin: *origin, keys: Keys::new([*key]) };
    Rules { labels: labels.iter().map(injected).collect(), workload }
}

/// Who runs a pod, and the kinds of owners of which nothing is known.
fn run_by(known: &Known, pod: &ObjectMeta) -> (String, Vec<String>) {
    let mut unknown = Vec::new();
    let subject = Subject { kind: "Pod", metadata: pod, node: "" };
    let relations =
        known.relations(&rules(true, &[]), subject, &mut |it| unknown.push(it.owner.kind.to_string()));
    let [Workload { kind, name, top_kind, top_name }] = &*relations.workload else { panic!() };
    (format!("{} {}, {} {}", &**kind, &**name, &**top_kind, &**top_name), unknown)
}

#[test]
fn a_workload_is_what_was_deployed() {
    let mut known = Known::default();
    for (name, controller) in [
        ("web-1", Some("apps/v1 Deployment web")),
        ("web", None),
        ("night-7", Some("batch/v1 CronJob night")),
        ("night", None),
        ("db", Some("example.com/v1 Database orders")),
        ("orders", None),
        ("canary-1", Some("argoproj.io/v1alpha1 Rollout canary")),
        ("canary", None),
        ("agent", None),
        ("once", None),
        ("old-1", Some("apps.openshift.io/v1 DeploymentConfig old")),
        ("train-0", Some("batch.volcano.sh/v1alpha1 Queue q")),
    ] {
        known.put(Says::Owner, OTHERS, object(name, controller));
    }
    for (controller, expected, unknown) in [
        (Some("apps/v1 ReplicaSet web-1"), "Deployment web, Deployment web", &[][..]),
        (Some("batch/v1 Job night-7"), "CronJob night, CronJob night", &[]),
        (Some("batch/v1 Job once"), "Job once, Job once", &[]),
        (Some("apps/v1 DaemonSet agent"), "DaemonSet agent, DaemonSet agent", &[]),
        (Some("apps/v1 StatefulSet db"), "StatefulSet db, Database orders", &[]),
        (Some("apps/v1 ReplicaSet canary-1"), "Rollout canary, Rollout canary", &[]),
        (
            Some("v1 ReplicationController old-1"),
            "DeploymentConfig old, DeploymentConfig old",
            &["DeploymentConfig"],
        ),
        // Of another group, and no step on the way to anything.
        (Some("batch.volcano.sh/v1alpha1 Job train-0"), "Job train-0, Queue q", &["Queue"]),
        (Some("apps/v1 ReplicaSet new-1"), "ReplicaSet new-1, ReplicaSet new-1", &["ReplicaSet"]),
        (Some("v1 Node n1"), "Pod p, Node n1", &[]),
        (None, "Pod p, Pod p", &[]),
    ] {
        let (workload, missing) = run_by(&known, &object("p", controller));
        assert_eq!(
            (&*workload, missing),
            (expected, unknown.iter().map(ToString::to_string).collect()),
            "{controller:?}"
        );
    }
}

#[test]
fn owners_that_own_each_other_end_somewhere() {
    let mut known = Known::default();
    known.put(Says::Owner, OTHERS, object("a", Some("batch/v1 Job b")));
    known.put(Says::Owner, OTHERS, object("b", Some("batch/v1 Job a")));
    assert!(run_by(&known, &object("p", Some("batch/v1 Job a"))).1.is_empty());
}

#[test]
fn an_owner_that_is_no_controller_runs_nothing() {
    let pod = meta(
        r#"{"name": "p", "uid": "p", "ownerReferences": [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": "c", "uid": "c"},
            {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "uid": "d", "controller": true}]}"#,
    );
    assert_eq!(run_by(&Known::default(), &pod).0, "DaemonSet d, DaemonSet d");
    let without_uids = meta(
        r#"{"name": "p", "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "controller": true}]}"#,
    );
    assert_eq!(run_by(&Known::default(), &without_uids), ("ReplicaSet r, ReplicaSet r".to_owned(), vec![]));
}

#[test]
fn what_vanishes_is_known_until_nobody_asks_any_longer() {
    let mut known = Known::default();
    let pod = object("p", Some("apps/v1 ReplicaSet web-1"));
    let runs = |known: &Known| run_by(known, &pod).0;
    known.begin(Says::Owner, REPLICA_SETS);
    known.put(Says::Owner, REPLICA_SETS, object("web-1", Some("apps/v1 Deployment web")));
    known.finish(Says::Owner, REPLICA_SETS);
    assert_eq!(runs(&known), "Deployment web, Deployment web");
    known.vanish(Says::Owner, &object("web-1", None));
    for _ in 0..3 {
        known.sweep();
        assert_eq!(runs(&known), "Deployment web, Deployment web", "somebody still asks");
    }
    // A list that doesn't bring it says the same.
    known.put(Says::Owner, REPLICA_SETS, object("web-1", Some("apps/v1 Deployment web")));
    known.begin(Says::Owner, REPLICA_SETS);
    known.finish(Says::Owner, REPLICA_SETS);
    assert_eq!(runs(&known), "Deployment web, Deployment web");
    known.sweep();
    known.sweep();
    assert_eq!(runs(&known), "ReplicaSet web-1, ReplicaSet web-1", "nobody has asked");
    // What is there stays, asked for or not.
    known.put(Says::Owner, REPLICA_SETS, object("web-1", Some("apps/v1 Deployment web")));
    known.sweep();
    known.sweep();
    assert_eq!(runs(&known), "Deployment web, Deployment web");
}

#[test]
fn news_is_what_somebody_has_missed() {
    let mut known = Known::default();
    let concern = |before, known: &Known| rules(true, &[]).concern(before, known.versions());
    let before = known.versions();
    known.put(Says::Owner, DEPLOYMENTS, object("web", None));
    assert!(!concern(before, &known), "nobody has asked");
    run_by(&known, &object("p", Some("apps/v1 ReplicaSet web-1")));
    known.put(Says::Owner, REPLICA_SETS, object("web-1", Some("apps/v1 Deployment web")));
    assert!(concern(before, &known), "somebody was told nothing");
    let before = known.versions();
    known.put(Says::Owner, REPLICA_SETS, object("web-1", Some("apps/v1 Deployment web")));
    assert!(!concern(before, &known), "it says the same");
    known.put(Says::Owner, REPLICA_SETS, object("web-1", Some("apps/v1 Deployment other")));
    assert!(concern(before, &known), "it says something else");
    assert!(
        !rules(false, &[(Origin::Node, "zone")]).concern(before, known.versions()),
        "who owns what is all the same"
    );
}

#[test]
fn labels_are_those_of_the_object_its_namespace_and_its_node() {
    let mut known = Known::default();
    let labels = |name: &str, labels: &str| meta(&format!(r#"{{"name": "{name}", "labels": {{{labels}}}}}"#));
    known.put(Says::Namespace, OTHERS, labels("shop", r#""team": "a", "cost-center": "7""#));
    known.put(Says::Node, OTHERS, labels("n1", r#""topology.kubernetes.io/zone": "z1", "team": "metal""#));
    let pod = meta(
        r#"{"name": "p", "namespace": "shop", "labels": {"app": "web", "app.kubernetes.io/name": "x", "app-kubernetes-io-name": "y"}}"#,
    );
    let of = |pod: &ObjectMeta, node: &str, injected: &[(Origin, &str)]| {
        let subject = Subject { kind: "Pod", metadata: pod, node };
        let relations = known.relations(&rules(false, injected), subject, &mut |_| {});
        let labels = relations.labels.iter().map(|(name, value)| format!("{}={}", &**name, &**value));
        labels.collect::<Vec<_>>().join(" ")
    };
    let (own, namespace, node) = (Origin::Own, Origin::Namespace, Origin::Node);
    for (injected, expected) in [
        (&[(own, "app"), (namespace, "team")][..], "label_app=web label_team=a"),
        (&[(node, "topology.kubernetes.io/*")], "label_topology_kubernetes_io_zone=z1"),
        // The first that there is.
        (&[(own, "team"), (namespace, "team"), (node, "team")], "label_team=a"),
        (&[(node, "team"), (namespace, "team")], "label_team=metal"),
        (&[(namespace, "absent")], ""),
        (
            &[(own, "app*name")],
            "label_app_kubernetes_io_name_conflict1=y label_app_kubernetes_io_name_conflict2=x",
        ),
        (&[(namespace, "*")], "label_cost_center=7 label_team=a"),
    ] {
        assert_eq!(of(&pod, "n1", injected), expected, "{injected:?}");
    }
    assert_eq!(of(&pod, "", &[(node, "team")]), "", "it has no node");
    assert_eq!(of(&pod, "n2", &[(node, "team")]), "", "nothing is known of its node");
    assert_eq!(of(&object("p", None), "", &[(namespace, "team")]), "label_team=a");
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, Option<u8>),
    Vanish(u8),
    Relist(Vec<u8>),
    Ask(u8),
    Sweep,
}

fn step() -> impl Strategy<Value = Step> {
    let owner = 0..12_u8;
    prop_oneof![
        6 => (owner.clone(), prop::option::of(0..12_u8)).prop_map(|(owner, of)| Step::Put(owner, of)),
        3 => owner.clone().prop_map(Step::Vanish),
        1 => prop::collection::vec(0..12_u8, 0..8).prop_map(Step::Relist),
        6 => owner.prop_map(Step::Ask),
        1 => Just(Step::Sweep),
    ]
}

proptest! {
    /// Whatever happens in whatever order, whoever looks again after news is told what is known, and who
    /// doesn't was told that already.
    #[test]
    fn nobody_who_waits_for_news_is_left_with_the_old(steps in prop::collection::vec(step(), 0..80)) {
        let mut known = Known::default();
        let set = |owner: u8| format!("r{owner}");
        let owner = |owner: u8, of: Option<u8>| {
            object(&set(owner), of.map(|of| format!("apps/v1 Deployment d{of}")).as_deref())
        };
        // What each pod was told, and when it was looked at last.
        let mut told: HashMap<u8, (String, Versions)> = HashMap::new();
        for step in steps {
            match step {
                Step::Put(id, of) => known.put(Says::Owner, REPLICA_SETS, owner(id, of)),
                Step::Vanish(id) => known.vanish(Says::Owner, &owner(id, None)),
                Step::Relist(ids) => {
                    known.begin(Says::Owner, REPLICA_SETS);
                    for id in ids {
                        known.put(Says::Owner, REPLICA_SETS, owner(id, Some(1)));
                    }
                    known.finish(Says::Owner, REPLICA_SETS);
                }
                Step::Sweep => known.sweep(),
                Step::Ask(id) => {
                    let runs = run_by(&known, &object("p", Some(&format!("apps/v1 ReplicaSet {}", set(id))))).0;
                    told.insert(id, (runs, known.versions()));
                }
            }
            for (id, (before, at)) in &mut told {
                // Only who has news asks again, so that the others may be forgotten.
                if rules(true, &[]).concern(*at, known.versions()) {
                    let pod = object("p", Some(&format!("apps/v1 ReplicaSet {}", set(*id))));
                    (*before, *at) = (run_by(&known, &pod).0, known.versions());
                }
            }
        }
        for (id, (before, _)) in &told {
            let pod = object("p", Some(&format!("apps/v1 ReplicaSet {}", set(*id))));
            prop_assert_eq!(before.as_str(), run_by(&known, &pod).0, "without news");
        }
    }
}
