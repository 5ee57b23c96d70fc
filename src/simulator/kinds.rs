//! The kinds that are served: one row each.

use super::schema::Message;
use super::tables::{self, Column};

/// A kind of object as discovery, paths and tables know it.
#[derive(Debug)]
pub(super) struct Kind {
    /// The plural, lower-case name in paths.
    pub(super) plural: &'static str,
    /// The kind, which is also the name of its message in the schema.
    pub(super) name: &'static str,
    /// The API group; empty for the core group.
    pub(super) group: &'static str,
    /// Whether the objects live in namespaces.
    pub(super) namespaced: bool,
    /// What `kubectl` accepts instead of the plural.
    pub(super) short_names: &'static [&'static str],
    /// Whether `kubectl get all` shows the kind.
    pub(super) in_all: bool,
    /// The columns of its table after the name.
    pub(super) columns: &'static [Column],
}

impl Kind {
    /// The kind of this plural name.
    pub(super) fn plural(plural: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.plural == plural)
    }

    /// The kind of this plural name in a group, which is empty for the core group.
    pub(super) fn served(group: &str, plural: &str) -> Option<&'static Self> {
        Self::plural(plural).filter(|kind| kind.group == group)
    }

    /// The position in [`KINDS`].
    pub(super) fn index(&self) -> usize {
        KINDS.iter().position(|kind| kind.plural == self.plural).expect("every kind is a row of the table")
    }

    /// The group and version as in `apiVersion`.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { VERSION.to_owned() } else { format!("{}/{VERSION}", self.group) }
    }

    /// The fields of the kind.
    pub(super) fn message(&self) -> &'static Message {
        Message::named(self.name)
    }

    /// The singular, lower-case name.
    pub(super) fn singular(&self) -> String {
        self.name.to_lowercase()
    }
}

/// The version of every group that is served.
pub(super) const VERSION: &str = "v1";

/// All kinds, groups side by side.
pub(super) const KINDS: [Kind; 10] = [
    Kind {
        plural: "namespaces",
        name: "Namespace",
        group: "",
        namespaced: false,
        short_names: &["ns"],
        in_all: false,
        columns: tables::NAMESPACES,
    },
    Kind {
        plural: "nodes",
        name: "Node",
        group: "",
        namespaced: false,
        short_names: &["no"],
        in_all: false,
        columns: tables::NODES,
    },
    Kind {
        plural: "persistentvolumeclaims",
        name: "PersistentVolumeClaim",
        group: "",
        namespaced: true,
        short_names: &["pvc"],
        in_all: false,
        columns: tables::CLAIMS,
    },
    Kind {
        plural: "pods",
        name: "Pod",
        group: "",
        namespaced: true,
        short_names: &["po"],
        in_all: true,
        columns: tables::PODS,
    },
    Kind {
        plural: "services",
        name: "Service",
        group: "",
        namespaced: true,
        short_names: &["svc"],
        in_all: true,
        columns: tables::SERVICES,
    },
    Kind {
        plural: "daemonsets",
        name: "DaemonSet",
        group: "apps",
        namespaced: true,
        short_names: &["ds"],
        in_all: true,
        columns: tables::DAEMONSETS,
    },
    Kind {
        plural: "deployments",
        name: "Deployment",
        group: "apps",
        namespaced: true,
        short_names: &["deploy"],
        in_all: true,
        columns: tables::DEPLOYMENTS,
    },
    Kind {
        plural: "replicasets",
        name: "ReplicaSet",
        group: "apps",
        namespaced: true,
        short_names: &["rs"],
        in_all: true,
        columns: tables::REPLICASETS,
    },
    Kind {
        plural: "statefulsets",
        name: "StatefulSet",
        group: "apps",
        namespaced: true,
        short_names: &["sts"],
        in_all: true,
        columns: tables::STATEFULSETS,
    },
    Kind {
        plural: "jobs",
        name: "Job",
        group: "batch",
        namespaced: true,
        short_names: &[],
        in_all: true,
        columns: tables::JOBS,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_message_with_metadata() {
        for kind in &KINDS {
            assert_eq!(kind.message().numbered(1).unwrap().name, "metadata", "{}", kind.name);
        }
    }
}
