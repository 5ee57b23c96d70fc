//! Pods in which everything that counts is mixed.

use proptest::{
    collection::{btree_map, vec},
    option::{of, weighted},
    prelude::*,
    sample::select,
};
use serde_json::{Map, Value, json};

const RESOURCES: [&str; 8] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "hugepages-2Mi",
    "hugepages-1Gi",
    "nvidia.com/gpu",
    "example.com/slot",
    "storage",
];

/// So few that amounts are often the same, or nearly so, in one notation or another.
const COMMON: [&str; 16] = [
    "0",
    "0m",
    "0.0",
    "1",
    "1000m",
    "1.000",
    "1000000001n",
    "100m",
    "0.1",
    "1k",
    "1e3",
    "1Ki",
    "1.5Gi",
    "1536Mi",
    "1G",
    "2",
];

const PHASES: [&str; 5] = ["Pending", "Running", "Succeeded", "Failed", "Unknown"];
/// Why a resize waits, if one does.
const REASONS: [&str; 4] = ["Infeasible", "Deferred", "Error", ""];
/// Of a container, where it has one.
const RESTART_POLICIES: [&str; 3] = ["Always", "OnFailure", "Never"];

/// Any pod.
pub(super) fn pod() -> impl Strategy<Value = Value> {
    let init_container = (amounts(), weighted(0.7, select(&RESTART_POLICIES[..])));
    let parts = (
        vec(amounts(), 1..4),
        vec(init_container, 0..5),
        weighted(0.4, amounts()),
        weighted(0.4, list()),
        conditions(),
        select(&PHASES[..]),
        any::<bool>(),
        weighted(0.1, list()),
    );
    parts.prop_map(|(containers, init, whole, overhead, conditions, phase, reversed, claimed)| {
        let containers: Vec<_> = containers
            .into_iter()
            .zip(0..)
            .map(|(amounts, i)| amounts.named(format!("c{i}"), None))
            .collect();
        let init: Vec<_> = init
            .into_iter()
            .zip(0..)
            .map(|((amounts, policy), i)| amounts.named(format!("i{i}"), policy))
            .collect();
        let whole = whole.unwrap_or_default();
        let ([containers, container_statuses], [init, init_statuses]) =
            (lists(containers, reversed), lists(init, reversed));
        json!({
            "spec": object([
                ("containers", Some(containers)),
                ("initContainers", Some(init)),
                ("overhead", overhead),
                ("resources", whole.asked),
            ]),
            "status": object([
                ("phase", Some(phase.into())),
                ("conditions", Some(conditions)),
                ("containerStatuses", Some(container_statuses)),
                ("initContainerStatuses", Some(init_statuses)),
                ("resources", whole.actual),
                ("allocatedResources", whole.allocated),
                ("nodeAllocatableResourceClaimStatuses", claimed.map(|resources| {
                    json!([{"resourceClaimName": "claim", "resources": resources}])
                })),
            ]),
        })
    })
}

/// What is asked for a container or for a pod as a whole, and what its kubelet says of that.
#[derive(Debug, Clone, Default)]
struct Amounts {
    asked: Option<Value>,
    actual: Option<Value>,
    allocated: Option<Value>,
}

fn amounts() -> impl Strategy<Value = Amounts> {
    let parts = (weighted(0.8, requirements()), of(requirements()), of(list()), any::<bool>());
    parts.prop_map(|(asked, actual, allocated, settled)| {
        if settled {
            // As it is while nobody resizes anything.
            let allocated = asked.as_ref().and_then(|asked| asked.get("requests")).cloned();
            Amounts { actual: asked.clone(), allocated, asked }
        } else {
            Amounts { asked, actual, allocated }
        }
    })
}

impl Amounts {
    /// A container with these amounts, and its status where there is one.
    fn named(self, name: String, policy: Option<&str>) -> (Value, Option<Value>) {
        let told = self.actual.is_some() || self.allocated.is_some();
        let status = object([
            ("name", Some(name.clone().into())),
            ("resources", self.actual),
            ("allocatedResources", self.allocated),
        ]);
        let container = object([
            ("name", Some(name.into())),
            ("restartPolicy", policy.map(Value::from)),
            ("resources", self.asked),
        ]);
        (container, told.then_some(status))
    }
}

/// Containers, and their statuses, of which one more belongs to no container.
fn lists(containers: Vec<(Value, Option<Value>)>, reversed: bool) -> [Value; 2] {
    let (containers, statuses): (Vec<_>, Vec<_>) = containers.into_iter().unzip();
    let mut statuses: Vec<Value> = statuses.into_iter().flatten().collect();
    if reversed {
        statuses.reverse();
        statuses.insert(
            0,
            json!({"name": "gone", "resources": {"requests": {"cpu": 99}, "limits": {"cpu": 99}}}),
        );
    }
    [containers.into(), statuses.into()]
}

fn conditions() -> impl Strategy<Value = Value> {
    let pending = weighted(0.6, (select(&REASONS[..]), select(&["True", "False"][..])));
    (pending, any::<bool>()).prop_map(|(pending, in_progress)| {
        let mut conditions = vec![json!({"type": "Ready", "status": "True"})];
        if in_progress {
            conditions.push(json!({"type": "PodResizeInProgress", "status": "True", "reason": "Infeasible"}));
        }
        if let Some((reason, status)) = pending {
            conditions.push(json!({"type": "PodResizePending", "status": status, "reason": reason}));
        }
        conditions.into()
    })
}

fn requirements() -> impl Strategy<Value = Value> {
    (of(list()), of(list()))
        .prop_map(|(requests, limits)| object([("requests", requests), ("limits", limits)]))
}

fn list() -> impl Strategy<Value = Value> {
    btree_map(select(&RESOURCES[..]), amount(), 0..5).prop_map(|list| {
        Value::Object(list.into_iter().map(|(name, amount)| (name.to_owned(), amount)).collect())
    })
}

/// Below 1000E: beyond that, amounts lose their suffix on the way through an API server.
fn amount() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => select(&COMMON[..]).prop_map(Value::from),
        4 => "[+]?[0-9]{1,3}(\\.[0-9]{0,11})?([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9])?".prop_map(Value::from),
        1 => (0..4_u32).prop_map(Value::from),
        1 => (0..40_u32).prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
    ]
}

/// The fields that there are.
fn object<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let present = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(present.collect::<Map<_, _>>())
}
