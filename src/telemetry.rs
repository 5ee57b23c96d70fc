//! What the exporter says of itself: every self metric, on `prometheus-client`.

mod budgets;
mod build;
mod configuration;
mod kinds;
mod process;
mod text;
mod usage;

pub use budgets::BudgetReport;
pub use build::{BUILD, Build};
pub use kinds::{KindReport, KindState};
pub use usage::UsageReport;

use crate::shard::Shard;
use budgets::Budgets;
use configuration::Configuration;
use kinds::Kinds;
use process::Process;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};
use std::{path::Path, time::Duration};
use usage::Usage;

/// The buckets of Prometheus' client libraries, in seconds.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The self metrics. Cheap to record, rendered when they are scraped.
#[derive(Debug)]
pub struct Telemetry {
    registry: Registry,
    requests: Family<Request, Histogram, fn() -> Histogram>,
    scrapes: Counter,
    aborted: Counter,
    refused: Counter,
    samples: Gauge,
    text: Gauge,
    sent: Gauge,
    cache: (Gauge, Counter, Counter),
    web_config: Family<[(&'static str, String); 1], Gauge>,
    total_shards: Gauge,
    ordinal: Family<Ordinal, Gauge>,
    budgets: Budgets,
    configuration: Configuration,
    usage: Usage,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ordinal {
    shard_ordinal: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    handler: &'static str,
    method: &'static str,
}

/// What one scrape cost.
#[derive(Debug, Clone, Copy)]
pub struct ScrapeReport {
    /// From the request to the last byte handed to the connection.
    pub duration: Duration,
    /// Samples rendered.
    pub samples: u64,
    /// Bytes of text rendered.
    pub text_bytes: u64,
    /// Bytes handed to the connection.
    pub sent_bytes: u64,
    /// What it had of the gzip cache.
    pub cache: CacheReport,
    /// False where the client went away or was too slow.
    pub complete: bool,
}

/// How the gzip cache was of use to a scrape.
#[derive(Debug, Clone, Copy, Default)]
pub struct CacheReport {
    /// Segments that were there.
    pub hits: u64,
    /// Segments that were compressed to keep them.
    pub misses: u64,
    /// Bytes of all segments, after the scrape.
    pub bytes: usize,
}

impl Telemetry {
    // The library ends the help text of everything registered with a full stop of its own, but not
    // those that collectors write.

    /// Self metrics that ask `kinds` for the state of all kinds whenever they are scraped.
    pub fn new(kinds: impl Fn() -> Vec<KindReport> + Send + Sync + 'static) -> Self {
        let mut registry = Registry::default();
        registry.register("kube_state_metrics_build", "Version and platform of the exporter", BUILD.info());
        let total_shards = Gauge::default();
        registry.register(
            "kube_state_metrics_total_shards",
            "Number of processes that share the objects",
            total_shards.clone(),
        );
        let ordinal = Family::default();
        registry.register(
            "kube_state_metrics_shard_ordinal",
            "This process' place among them",
            ordinal.clone(),
        );

        let requests = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        registry.register("http_request_duration_seconds", "Time to answer a scrape", requests.clone());
        let (scrapes, aborted) = (Counter::default(), Counter::default());
        registry.register("kstate_scrapes", "Scrapes of the main port", scrapes.clone());
        registry.register(
            "kstate_scrapes_aborted",
            "Scrapes whose client went away or was too slow",
            aborted.clone(),
        );
        let refused = Counter::default();
        registry.register(
            "kstate_scrapes_refused",
            "Scrapes refused because too many were being answered",
            refused.clone(),
        );
        let (samples, text, sent) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("kstate_scrape_samples", "Samples of the last complete scrape", samples.clone());
        registry.register(
            "kstate_scrape_text_bytes",
            "Text of the last complete scrape before compression",
            text.clone(),
        );
        registry.register(
            "kstate_scrape_sent_bytes",
            "Bytes sent for the last complete scrape",
            sent.clone(),
        );
        let cache = (Gauge::default(), Counter::default(), Counter::default());
        registry.register(
            "kstate_gzip_cache_bytes",
            "Compressed text kept for the scrapes to come, after the last scrape",
            cache.0.clone(),
        );
        registry.register(
            "kstate_gzip_cache_hits",
            "Pieces of scrapes with gzip that were compressed already, each a family of 64 objects",
            cache.1.clone(),
        );
        registry.register(
            "kstate_gzip_cache_misses",
            "Pieces of scrapes with gzip that were compressed anew and kept",
            cache.2.clone(),
        );
        let budgets = Budgets::default();
        budgets.register(&mut registry);
        let web_config = Family::default();
        registry.register(
            "kstate_web_config_usable",
            "Whether the web configuration and its files can be used as they are; if not, earlier ones are in force",
            web_config.clone(),
        );
        let configuration = Configuration::default();
        configuration.register(&mut registry);
        let usage = Usage::default();
        usage.register(&mut registry);
        registry.register_collector(Box::new(Kinds::new(kinds)));
        registry.register_collector(Box::new(Process));
        let telemetry = Self {
            registry,
            requests,
            scrapes,
            aborted,
            refused,
            samples,
            text,
            sent,
            cache,
            web_config,
            total_shards,
            ordinal,
            budgets,
            configuration,
            usage,
        };
        telemetry.record_shard(Shard::default());
        telemetry
    }

    /// Records whose share of the objects is exported from now on.
    pub fn record_shard(&self, shard: Shard) {
        self.total_shards.set(shard.total.into());
        self.ordinal.clear();
        self.ordinal.get_or_create(&Ordinal { shard_ordinal: shard.ordinal }).set(shard.ordinal.into());
    }

    /// Records a scrape of the main port.
    #[allow(clippy::cast_possible_wrap)] // no scrape has 2^63 bytes
    pub fn record_scrape(&self, method: &str, report: ScrapeReport) {
        let request = Request { handler: "metrics", method: known(method) };
        self.requests.get_or_create(&request).observe(report.duration.as_secs_f64());
        self.scrapes.inc();
        let (bytes, hits, misses) = &self.cache;
        bytes.set(report.cache.bytes as i64);
        hits.inc_by(report.cache.hits);
        misses.inc_by(report.cache.misses);
        if report.complete {
            self.samples.set(report.samples as i64);
            self.text.set(report.text_bytes as i64);
            self.sent.set(report.sent_bytes as i64);
        } else {
            self.aborted.inc();
        }
    }

    /// Records that a scrape of the main port was refused since there were too many.
    pub fn record_refusal(&self) {
        self.refused.inc();
    }

    /// Records how kinds stand to their budgets, in place of what was recorded before.
    pub fn record_budgets<'a>(&self, reports: impl Iterator<Item = BudgetReport<'a>>) {
        self.budgets.record(reports);
    }

    /// Records that a configuration file with this content is in force.
    pub fn record_config(&self, file: &Path, content: &[u8]) {
        self.configuration.record(file, content);
    }

    /// Records that a configuration file, as it is, can't be used.
    pub fn record_config_failure(&self, file: &Path) {
        self.configuration.record_failure(file);
    }

    /// Records whether a web configuration file can be used as it is.
    pub fn record_web_config(&self, file: &Path, usable: bool) {
        let labels = [("filename", file.display().to_string())];
        self.web_config.get_or_create(&labels).set(i64::from(usable));
    }

    /// Forgets web configuration files that are not in use any more.
    pub fn forget_web_configs(&self) {
        self.web_config.clear();
    }

    /// Records how it went to ask a kubelet what is used.
    pub fn record_usage_request(&self, result: &'static str, duration: Duration) {
        self.usage.record_request(result, duration);
    }

    /// Records a round over all kubelets, in place of the one before.
    pub fn record_usage_round(&self, report: UsageReport) {
        self.usage.record_round(report);
    }

    /// Forgets what was recorded of usage but counters: nobody asks kubelets any longer.
    pub fn forget_usage(&self) {
        self.usage.forget();
    }

    /// The exposition in text format 0.0.4.
    pub fn render(&self) -> String {
        let mut open_metrics = String::new();
        encode(&mut open_metrics, &self.registry).expect("writing to a string doesn't fail");
        text::from_open_metrics(&open_metrics)
    }

    /// The exposition of the metrics with these names.
    pub fn render_named(&self, names: &[String]) -> String {
        text::named(&self.render(), names)
    }
}

/// A method as a label. Clients can make methods up, each of which would be a series for ever, so
/// all but those that Prometheus' Go library knows are one.
fn known(method: &str) -> &'static str {
    const METHODS: [&str; 10] =
        ["get", "put", "head", "post", "delete", "connect", "options", "notify", "trace", "patch"];
    METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(method)).unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: ScrapeReport = ScrapeReport {
        duration: Duration::from_millis(3),
        samples: 70,
        text_bytes: 900,
        sent_bytes: 90,
        cache: CacheReport { hits: 5, misses: 2, bytes: 300 },
        complete: true,
    };

    #[test]
    fn methods_that_clients_make_up_are_one() {
        let telemetry = Telemetry::new(Vec::new);
        for method in ["POST", "MADE-UP-1", "MADE-UP-2"] {
            telemetry.record_scrape(method, REPORT);
        }
        let text = telemetry.render();
        for line in [
            "http_request_duration_seconds_count{handler=\"metrics\",method=\"post\"} 1",
            "http_request_duration_seconds_count{handler=\"metrics\",method=\"unknown\"} 2",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains("made-up"), "{text}");
    }

    #[test]
    fn another_shard_takes_the_place_of_the_one_before() {
        let telemetry = Telemetry::new(Vec::new);
        telemetry.record_shard(Shard { ordinal: 2, total: 3, ..Shard::default() });
        let text = telemetry.render();
        let of_shards: Vec<&str> =
            text.lines().filter(|line| line.contains("shard") && !line.starts_with('#')).collect();
        assert_eq!(
            of_shards,
            ["kube_state_metrics_total_shards 3", "kube_state_metrics_shard_ordinal{shard_ordinal=\"2\"} 2"]
        );
    }

    #[test]
    fn tells_of_kinds_and_scrapes() {
        let telemetry = Telemetry::new(|| {
            vec![KindReport {
                resource: "pods",
                go_type: "*v1.Pod".to_owned(),
                state: KindState::Forbidden,
                complete: true,
                objects: 7,
                bytes: 700,
                last_event: Some(1_700_000_000.5),
                lists: (3, 1),
                watches: (5, 0),
                relists: 2,
                decode_errors: 4,
                listed: Some((6, 8)),
            }]
        });
        telemetry.record_scrape("GET", REPORT);
        let text = telemetry.render();
        for line in [
            "# TYPE kube_state_metrics_list_total counter",
            "kube_state_metrics_list_total{result=\"success\",resource=\"*v1.Pod\"} 3",
            "kube_state_metrics_list_total{result=\"error\",resource=\"*v1.Pod\"} 1",
            "kube_state_metrics_watch_total{result=\"success\",resource=\"*v1.Pod\"} 5",
            "kube_state_metrics_list_objects{resource=\"*v1.Pod\"} 6",
            "kube_state_metrics_list_objects_limit{resource=\"*v1.Pod\"} 8",
            "kube_state_metrics_total_shards 1",
            "kube_state_metrics_shard_ordinal{shard_ordinal=\"0\"} 0",
            "kstate_resource_objects{resource=\"pods\"} 7",
            "kstate_resource_bytes{resource=\"pods\"} 700",
            "kstate_resource_complete{resource=\"pods\"} 1",
            "kstate_resource_state{resource=\"pods\",state=\"forbidden\"} 1",
            "kstate_resource_state{resource=\"pods\",state=\"complete\"} 0",
            "kstate_resource_decode_errors_total{resource=\"pods\"} 4",
            "kstate_resource_relists_total{resource=\"pods\"} 2",
            "kstate_scrape_samples 70",
            "kstate_gzip_cache_bytes 300",
            "kstate_gzip_cache_hits_total 5",
            "kstate_gzip_cache_misses_total 2",
            "# TYPE kstate_scrapes_total counter",
            "kstate_scrapes_total 1",
            "http_request_duration_seconds_bucket{le=\"0.005\",handler=\"metrics\",method=\"get\"} 1",
            "# TYPE kube_state_metrics_build_info gauge",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
        }
        assert!(text.contains("process_resident_memory_bytes "), "{text}");
        assert!(
            !text.contains("# EOF") && !text.contains("result=\"error\",resource=\"*v1.Pod\"} 0"),
            "{text}"
        );
    }
}
