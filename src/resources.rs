//! The kinds, a file each.

pub mod namespaces;
pub mod pods;
