//! The kinds, a file each.

pub mod namespaces;
