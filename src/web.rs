//! The web configuration file that Prometheus' exporters share: TLS, users, headers of answers and a
//! limit of requests, for every path of both ports. A port without one may have a certificate alone.
//!
//! Format and meaning are those of the exporter toolkit (`docs/web-configuration.md` of
//! <https://github.com/prometheus/exporter-toolkit>), as far as `rustls` goes.

mod certificate;
mod certificates;
mod client_auth;
mod error;
mod file;
mod files;
mod live;
mod notation;
mod rate;
mod tls;
mod users;

pub use certificate::{Certificate, CertificateFiles};
pub use client_auth::Authorities;
pub use error::{Fault, WebConfigError};
pub use live::{Settings, WebConfig};
pub use rate::{Bucket, RateLimit};
pub use users::Users;
