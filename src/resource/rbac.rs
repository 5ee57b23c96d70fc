//! What kinds of the group `rbac.authorization.k8s.io` have in common.

use crate::wire::Atom;

crate::wire! {
    /// `rbac.v1.RoleRef`, reduced.
    pub struct RoleRef {
        /// `Role` or `ClusterRole`.
        kind: Atom = 2,
        /// The role's name.
        name: Atom = 3,
    }
}
