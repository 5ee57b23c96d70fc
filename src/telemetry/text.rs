//! Text format 0.0.4 out of `OpenMetrics`.

/// Rewrites an `OpenMetrics` exposition as text format 0.0.4, in which the HELP and TYPE lines of a
/// counter and an info name the metric as its samples do, infos are gauges, and there is no end
/// mark.
pub(super) fn from_open_metrics(exposition: &str) -> String {
    let types: std::collections::HashMap<&str, &str> =
        exposition.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
    let mut text = String::with_capacity(exposition.len());
    for line in exposition.lines() {
        let header = |keyword: &str| {
            line.strip_prefix("# ")?.strip_prefix(keyword)?.strip_prefix(' ')?.split_once(' ')
        };
        if let Some((name, rest)) = header("HELP").or_else(|| header("TYPE")) {
            let (suffix, metric_type) = match types.get(name) {
                Some(&"counter") => ("_total", "counter"),
                Some(&"info") => ("_info", "gauge"),
                Some(&"unknown") => ("", "untyped"),
                Some(other) => ("", *other),
                None => ("", ""),
            };
            let is_type = line.starts_with("# TYPE");
            let (keyword, rest) = if is_type { ("TYPE", metric_type) } else { ("HELP", rest) };
            text.extend(["# ", keyword, " ", name, suffix, " ", rest, "\n"]);
        } else if !line.starts_with('#') {
            text.extend([line, "\n"]);
        }
    }
    text
}

/// The families with these names out of an exposition in the text format.
pub(super) fn named(exposition: &str, names: &[String]) -> String {
    let mut shown = false;
    let mut text = String::new();
    for line in exposition.lines() {
        if let Some(name) = line.strip_prefix("# HELP ").and_then(|rest| rest.split(' ').next()) {
            shown = names.iter().any(|wanted| wanted == name);
        }
        if shown {
            text.extend([line, "\n"]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_and_infos_are_named_as_their_samples() {
        let open_metrics = "\
# HELP a A counter.
# TYPE a counter
a_total 1
# HELP b An info.
# TYPE b info
b_info{x=\"y\"} 1
# HELP c_seconds A gauge.
# TYPE c_seconds gauge
# UNIT c_seconds seconds
c_seconds 0.5
# EOF
";
        let text = "\
# HELP a_total A counter.
# TYPE a_total counter
a_total 1
# HELP b_info An info.
# TYPE b_info gauge
b_info{x=\"y\"} 1
# HELP c_seconds A gauge.
# TYPE c_seconds gauge
c_seconds 0.5
";
        assert_eq!(from_open_metrics(open_metrics), text);
    }
}
