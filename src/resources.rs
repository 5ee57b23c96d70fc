//! The kinds, a file each.

pub mod certificatesigningrequests;
pub mod clusterrolebindings;
pub mod clusterroles;
pub mod daemonsets;
pub mod deployments;
pub mod endpoints;
pub mod endpointslices;
pub mod jobs;
pub mod mutatingadmissionpolicies;
pub mod mutatingadmissionpolicybindings;
pub mod mutatingwebhookconfigurations;
pub mod namespaces;
pub mod nodes;
pub mod persistentvolumeclaims;
pub mod pods;
pub mod replicasets;
pub mod rolebindings;
pub mod roles;
pub mod serviceaccounts;
pub mod services;
pub mod statefulsets;
pub mod validatingadmissionpolicies;
pub mod validatingadmissionpolicybindings;
pub mod validatingwebhookconfigurations;
