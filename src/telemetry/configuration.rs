//! How it goes with the configuration file.

use md5::{Digest as _, Md5};
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use std::{
    path::Path,
    sync::atomic::AtomicU64,
    time::{SystemTime, UNIX_EPOCH},
};

/// By the kind of file, of which there is one, and its name.
type Labels = [(&'static str, String); 2];

/// Metrics of configuration files.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    hash: Family<Labels, Gauge<f64, AtomicU64>>,
    successful: Family<Labels, Gauge>,
    succeeded_at: Family<Labels, Gauge<f64, AtomicU64>>,
}

impl Configuration {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "kube_state_metrics_config_hash",
            "Hash of the configuration file that is in force",
            self.hash.clone(),
        );
        registry.register(
            "kube_state_metrics_last_config_reload_successful",
            "Whether the configuration file, as it was read last, is in force",
            self.successful.clone(),
        );
        registry.register(
            "kube_state_metrics_last_config_reload_success_timestamp_seconds",
            "When a configuration file was read last that could be used",
            self.succeeded_at.clone(),
        );
    }

    /// A file with this content is in force.
    pub(super) fn record(&self, file: &Path, content: &[u8]) {
        let labels = labels(file);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.hash.get_or_create(&labels).set(hash(content));
        self.successful.get_or_create(&labels).set(1);
        self.succeeded_at.get_or_create(&labels).set(now.as_secs_f64());
    }

    /// The file as it is can't be used.
    pub(super) fn record_failure(&self, file: &Path) {
        self.successful.get_or_create(&labels(file)).set(0);
    }
}

fn labels(file: &Path) -> Labels {
    [("type", "config".to_owned()), ("filename", file.display().to_string())]
}

/// As kube-state-metrics has it: as much of the MD5 hash as a float can hold.
fn hash(content: &[u8]) -> f64 {
    let mut bytes = [0; 8];
    bytes[..6].copy_from_slice(&Md5::digest(content)[..6]);
    u64::from_le_bytes(bytes) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_kube_state_metrics() {
        // d41d8cd98f00…, and 900150983cd2…
        assert_eq!(hash(b"").to_bits(), (0x008f_d98c_1dd4_u64 as f64).to_bits());
        assert_eq!(hash(b"abc").to_bits(), (0xd23c_9850_0190_u64 as f64).to_bits());
    }
}
