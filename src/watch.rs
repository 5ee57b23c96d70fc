//! Reading objects from the API server and following their changes.
//!
//! An [`informer`] is an endless stream of what happens to the objects of one request, in the
//! language of kube-runtime's watchers. It reads the set as a streaming list where the server allows
//! it and in pages otherwise, in protobuf or as tables in JSON, then follows a watch, and mends
//! every failure itself; its [`Status`] says how it is doing. [`Clients`] hands out the HTTP client,
//! and makes another when credentials change.
//!
//! This layer knows neither kinds nor rendering.

mod api_status;
mod backoff;
mod client;
mod clients;
mod credentials;
mod discovery;
mod encoding;
mod event;
mod failure;
mod frames;
mod informer;
mod journal;
mod list;
mod paced;
mod peers;
mod probe;
mod proxy;
mod request;
mod response;
mod shared;
mod status;
mod tables;
#[cfg(test)]
mod tests;

pub use backoff::Tuning;
pub use client::ClientError;
pub use clients::Clients;
pub use credentials::{ConfigError, Source};
pub use discovery::{Readable, Served, discover};
pub use encoding::Watched;
pub use failure::causes;
pub use informer::informer;
pub use peers::{PeerError, Peers, Trust};
pub use probe::{ProbeError, places_objects};
pub use request::Request;
pub use status::{Counts, State, Status};
