//! The two text formats and the choice between them.

use std::cmp::Reverse;

/// A format of exposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Prometheus text format 0.0.4.
    Text,
    /// OpenMetrics text.
    OpenMetrics {
        /// True for version 1.0.0, false for 0.0.1.
        v1: bool,
        /// How names beyond the old character set would be written. Ours never are.
        escaping: Escaping,
    },
}

/// An escaping scheme for names, as a client may ask for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Escaping {
    /// Names as they are.
    AllowUtf8,
    /// Other characters as underscores.
    #[default]
    Underscores,
    /// Dots and underscores told apart.
    Dots,
    /// Code points in hexadecimal.
    Values,
}

impl Escaping {
    fn parse(text: &str) -> Option<Self> {
        [Self::AllowUtf8, Self::Underscores, Self::Dots, Self::Values]
            .into_iter()
            .find(|e| e.as_str() == text)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::AllowUtf8 => "allow-utf-8",
            Self::Underscores => "underscores",
            Self::Dots => "dots",
            Self::Values => "values",
        }
    }
}

const PROTOBUF: &str = "application/vnd.google.protobuf";
const OPEN_METRICS: &str = "application/openmetrics-text";

impl Format {
    /// `OpenMetrics` 1.0.0 with the usual escaping.
    pub const OPEN_METRICS: Self = Self::OpenMetrics { v1: true, escaping: Escaping::Underscores };

    /// Chooses by an `Accept` header as Prometheus' own libraries do: the clause of the highest
    /// quality that names a known format decides. Where that is protobuf, or nothing known is
    /// named, the answer is text.
    pub fn negotiate(accept: &str) -> Self {
        let mut clauses: Vec<Clause<'_>> = accept.split(',').filter_map(Clause::parse).collect();
        clauses.sort_by_key(|clause| (Reverse(clause.quality), clause.wildcards()));
        let mut escaping = Escaping::default();
        for clause in clauses {
            if let Some(asked) = clause.parameter("escaping").and_then(Escaping::parse) {
                escaping = asked;
            }
            match (clause.media_type.as_str(), clause.parameter("version")) {
                (OPEN_METRICS, Some("1.0.0")) => return Self::OpenMetrics { v1: true, escaping },
                (OPEN_METRICS, Some("0.0.1") | None) => return Self::OpenMetrics { v1: false, escaping },
                ("text/plain", Some("0.0.4") | None) => return Self::Text,
                (PROTOBUF, _) if clause.is_metric_family() => return Self::Text,
                _ => {}
            }
        }
        Self::Text
    }

    /// The value of the `Content-Type` header.
    pub fn content_type(self) -> String {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8".to_owned(),
            Self::OpenMetrics { v1, escaping } => format!(
                "{OPEN_METRICS}; version={}; charset=utf-8; escaping={}",
                if v1 { "1.0.0" } else { "0.0.1" },
                escaping.as_str()
            ),
        }
    }

    /// What the exposition ends with.
    pub fn end(self) -> &'static str {
        match self {
            Self::Text => "",
            Self::OpenMetrics { .. } => "# EOF\n",
        }
    }
}

/// One media range of an `Accept` header.
struct Clause<'a> {
    media_type: String,
    parameters: Vec<(String, &'a str)>,
    /// In thousandths, the precision that HTTP gives it.
    quality: u16,
}

impl<'a> Clause<'a> {
    /// `None` where the client excludes the type with a quality of 0, or there is no type.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and 1,000
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media_type = parts.next()?.to_ascii_lowercase();
        let parameters: Vec<_> = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"')))
            .collect();
        let quality = match parameters.iter().find(|(name, _)| name == "q") {
            Some((_, value)) => (value.parse::<f64>().unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0) as u16,
            None => 1000,
        };
        (media_type.contains('/') && quality > 0).then_some(Self { media_type, parameters, quality })
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(n, value)| n == name && !value.is_empty()).map(|(_, value)| *value)
    }

    fn wildcards(&self) -> (bool, bool) {
        (self.media_type.starts_with("*/"), self.media_type.ends_with("/*"))
    }

    fn is_metric_family(&self) -> bool {
        self.parameter("proto") == Some("io.prometheus.client.MetricFamily")
            && matches!(self.parameter("encoding"), Some("delimited" | "text" | "compact-text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negotiates_as_prometheus_libraries_do() {
        const OM1: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";
        const OM0: &str = "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores";
        const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
        for (accept, want) in [
            ("", TEXT),
            ("*/*", TEXT),
            ("text/html", TEXT),
            ("application/openmetrics-text", OM0),
            ("application/openmetrics-text; version=0.0.1", OM0),
            ("application/openmetrics-text;version=\"1.0.0\"", OM1),
            ("application/openmetrics-text;version=2.0.0", TEXT),
            ("application/openmetrics-text;version=1.0.0;q=0", TEXT),
            ("text/plain;q=0.5,application/openmetrics-text;version=1.0.0;q=0.6", OM1),
            ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.6", TEXT),
            ("*/*,application/openmetrics-text;version=1.0.0", OM1),
            // Prometheus 2 and 3
            (
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
                OM1,
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,*/*;q=0.1",
                "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
            ),
            // Prometheus with native histograms asks for protobuf first.
            (
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5",
                TEXT,
            ),
        ] {
            assert_eq!(Format::negotiate(accept).content_type(), want, "{accept}");
        }
    }

    #[test]
    fn only_open_metrics_has_an_end_mark() {
        assert_eq!(Format::Text.end(), "");
        assert_eq!(Format::OPEN_METRICS.end(), "# EOF\n");
    }
}
