//! How many containers there are by image, registry, node or namespace.

use super::{Cell, Facts, Group, Query, Rank, Unit, Wrong, listing::Viewed, pods, problem::Problem};
use crate::{
    resources::pods::{Container, ContainerStatus, Pod},
    wire::Atom,
};
use std::collections::{BTreeMap, BTreeSet};

type Column = super::cell::Column<Row>;

pub(super) struct Counts(Vec<Row>);

#[derive(Clone, Default)]
pub(super) struct Row {
    group: String,
    containers: usize,
    running: usize,
    pods: usize,
    images: BTreeSet<Atom>,
    registries: BTreeSet<String>,
    nodes: BTreeSet<Atom>,
    namespaces: BTreeSet<Atom>,
}

impl Counts {
    pub(super) fn new(facts: &Facts, query: &Query, group: Group) -> Result<Self, Wrong> {
        let mut rows: BTreeMap<String, Row> = BTreeMap::new();
        // Of a pod that has ended no container is left.
        for pod in pods::chosen(facts, query)?.iter().filter(|pod| !pod.has_ended()) {
            let mut seen = BTreeSet::new();
            for (container, status) in containers(pod) {
                let image = image(container, status);
                let key = match group {
                    Group::Image => &*image,
                    Group::Registry => registry(&image),
                    Group::Node => &*pod.spec.node_name,
                    Group::Namespace => &*pod.metadata.namespace,
                };
                let row = rows.entry(key.to_owned()).or_default();
                row.containers += 1;
                row.running += usize::from(status.is_some_and(|status| status.state.running.is_some()));
                row.pods += usize::from(seen.insert(key.to_owned()));
                if !row.registries.contains(registry(&image)) {
                    row.registries.insert(registry(&image).to_owned());
                }
                if !pod.spec.node_name.is_empty() {
                    row.nodes.insert(pod.spec.node_name.clone());
                }
                row.namespaces.insert(pod.metadata.namespace.clone());
                row.images.insert(image);
            }
        }
        let rows = rows.into_iter().map(|(group, row)| Row { group, ..row });
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.containers));
        Ok(Self(rows))
    }

    /// Whether a column holds a one in each row.
    pub(super) fn is_one(group: Group, column: &str) -> bool {
        match group {
            Group::Image => matches!(column, "images" | "registries"),
            Group::Registry => column == "registries",
            Group::Node => column == "nodes",
            Group::Namespace => column == "namespaces",
        }
    }

    pub(super) fn title(group: Group) -> &'static str {
        match group {
            Group::Image => "IMAGE",
            Group::Registry => "REGISTRY",
            Group::Node => "NODE",
            Group::Namespace => "NAMESPACE",
        }
    }
}

/// The containers of a pod, and those before and beside them, with what the kubelet reports.
fn containers(pod: &Pod) -> impl Iterator<Item = (&Container, Option<&ContainerStatus>)> {
    let find =
        |statuses: &'_ [ContainerStatus], name: &Atom| statuses.iter().position(|held| held.name == *name);
    let status = move |statuses: &'_ [ContainerStatus], name: &Atom| find(statuses, name);
    let (spec, held) = (&pod.spec, &pod.status);
    let init = spec.init_containers.iter().map(move |container| {
        let at = status(&held.init_container_statuses, &container.name);
        (container, at.map(|at| &held.init_container_statuses[at]))
    });
    let main = spec.containers.iter().map(move |container| {
        let at = status(&held.container_statuses, &container.name);
        (container, at.map(|at| &held.container_statuses[at]))
    });
    init.chain(main)
}

/// The image as the runtime names it, in full; as the author does where it has no name for it.
fn image(container: &Container, status: Option<&ContainerStatus>) -> Atom {
    let named = status.map(|status| &status.image).filter(|image| !image.is_empty());
    named.filter(|image| !image.starts_with("sha256:")).unwrap_or(&container.image).clone()
}

/// The registry of an image: the part in front that is a host.
fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

impl Viewed for Counts {
    type Row = Row;

    const COLUMNS: &'static [Column] = &[
        Column::new(
            "group",
            "GROUP",
            Unit::Text,
            Rank::First,
            "The image, registry, node or namespace that is counted by.",
            |row| Cell::text(&*row.group),
        ),
        Column::new(
            "containers",
            "CONTAINERS",
            Unit::Count,
            Rank::First,
            "Containers of pods that have not ended, init containers among them.",
            |row| Cell::count(row.containers),
        ),
        Column::new("running", "RUNNING", Unit::Count, Rank::First, "Those that run.", |row| {
            Cell::count(row.running)
        }),
        Column::new("pods", "PODS", Unit::Count, Rank::First, "Pods that have them.", |row| {
            Cell::count(row.pods)
        }),
        Column::new("images", "IMAGES", Unit::Count, Rank::Second, "Different images.", |row| {
            Cell::count(row.images.len())
        }),
        Column::new("registries", "REGISTRIES", Unit::Count, Rank::Third, "Their registries.", |row| {
            Cell::count(row.registries.len())
        }),
        Column::new("nodes", "NODES", Unit::Count, Rank::First, "Nodes that have them.", |row| {
            Cell::count(row.nodes.len())
        }),
        Column::new(
            "namespaces",
            "NAMESPACES",
            Unit::Count,
            Rank::First,
            "Namespaces that have them.",
            |row| Cell::count(row.namespaces.len()),
        ),
    ];

    fn len(&self) -> usize {
        self.0.len()
    }

    fn row(&self, at: usize) -> Row {
        self.0[at].clone()
    }

    fn problem(_: &Row) -> Option<&Problem> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::registry;

    #[test]
    fn hosts_are_registries() {
        for (image, want) in [
            ("nginx", "docker.io"),
            ("nginx:1.29", "docker.io"),
            ("library/nginx", "docker.io"),
            ("docker.io/library/nginx:1.29", "docker.io"),
            ("registry.example.com/a/b@sha256:00", "registry.example.com"),
            ("registry:5000/a", "registry:5000"),
            ("localhost/a", "localhost"),
        ] {
            assert_eq!(registry(image), want, "{image}");
        }
    }
}
