//! Prometheus exposition: metric families as data, and their text.
//!
//! Knows neither Kubernetes nor IO nor clocks, and nothing in it can fail.

mod distinct;
mod escape;
mod family;
mod format;
mod keys;
mod label_name;
mod number;
mod samples;

pub use escape::write_escaped;
pub use family::{AnyFamily, Description, Draft, Families, Family, MetricType};
pub use format::{Escaping, Format};
pub use keys::Keys;
pub use label_name::{LabelNames, sanitize};
pub use number::write_number;
pub use samples::{Identity, LabelValue, Reading, Samples, Selection, constant_labels, write_identity};
