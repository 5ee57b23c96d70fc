//! Informers against a server that follows a script.

pub(super) mod proto;
