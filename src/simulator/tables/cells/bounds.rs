//! The cells of what bounds workloads and of who may do what.

use serde_json::{Value, json};

use super::{array, short, text};

/// The kind and name of another object.
pub(in super::super) fn reference(reference: &Value) -> Value {
    Value::String(format!("{}/{}", text(&reference["kind"]), text(&reference["name"])))
}

/// A number or percentage of a budget.
pub(in super::super) fn limit(limit: &Value) -> Value {
    match limit {
        Value::Null => json!("N/A"),
        Value::Number(number) => Value::String(number.to_string()),
        other => other.clone(),
    }
}

/// The least number of pods of an autoscaler.
pub(in super::super) fn least_pods(scaler: &Value) -> Value {
    match scaler["spec"]["minReplicas"].as_i64() {
        Some(number) => Value::String(number.to_string()),
        None => json!("<unset>"),
    }
}

/// What an autoscaler measures and aims at.
pub(in super::super) fn targets(scaler: &Value) -> Value {
    let metrics = array(&scaler["spec"]["metrics"]);
    let current = array(&scaler["status"]["currentMetrics"]);
    let shown = metrics.iter().enumerate().map(|(index, metric)| {
        let current = current.get(index).unwrap_or(&Value::Null);
        let kind = text(&metric["type"]);
        let source =
            format!("{}{}", kind[..kind.len().min(1)].to_lowercase(), kind.get(1..).unwrap_or_default());
        let (target, now) = (&metric[&source]["target"], &current[&source]["current"]);
        let value = |place: &Value, otherwise: &str| {
            let percent = place["averageUtilization"].as_i64().map(|percent| format!("{percent}%"));
            let quantity = || place["averageValue"].as_str().or_else(|| place["value"].as_str());
            percent.or_else(|| quantity().map(str::to_owned)).unwrap_or_else(|| otherwise.to_owned())
        };
        let values = format!("{}/{}", value(now, "<unknown>"), value(target, "<auto>"));
        let average = if target["averageValue"].is_null() { "" } else { " (avg)" };
        match kind {
            "Resource" | "ContainerResource" => format!("{}: {values}", text(&metric[&source]["name"])),
            "External" | "Object" => format!("{values}{average}"),
            _ => values,
        }
    });
    let shown: Vec<_> = shown.collect();
    Value::String(match shown.len() {
        0 => "<none>".to_owned(),
        1 | 2 => shown.join(", "),
        all => format!("{} + {} more...", shown[..2].join(", "), all - 2),
    })
}

/// What is used of a quota: of its limits, or of everything else.
pub(in super::super) fn quota(quota: &Value, limits: bool) -> Value {
    let hard = quota["status"]["hard"].as_object().into_iter().flatten();
    let shown =
        hard.filter(|(resource, _)| resource.starts_with("limits.") == limits).map(|(resource, hard)| {
            let used = quota["status"]["used"][resource].as_str().unwrap_or("0");
            format!("{resource}: {used}/{}", text(hard))
        });
    Value::String(shown.collect::<Vec<_>>().join(", "))
}

/// The subjects of a binding that are of one kind.
pub(in super::super) fn subjects(binding: &Value, kind: &str) -> Value {
    let subjects = array(&binding["subjects"]).iter().filter(|subject| subject["kind"] == kind);
    let names = subjects.map(|subject| match &subject["namespace"] {
        Value::String(namespace) => format!("{namespace}/{}", text(&subject["name"])),
        _ => text(&subject["name"]).to_owned(),
    });
    Value::String(names.collect::<Vec<_>>().join(", "))
}

/// The kind of a policy's parameters.
pub(in super::super) fn parameter_kind(policy: &Value) -> Value {
    match &policy["spec"]["paramKind"] {
        Value::Null => json!("<unset>"),
        kind => Value::String(format!("{}/{}", text(&kind["apiVersion"]), text(&kind["kind"]))),
    }
}

/// The parameter that a binding gives its policy.
pub(in super::super) fn parameter(binding: &Value) -> Value {
    let parameter = &binding["spec"]["paramRef"];
    match &parameter["name"] {
        Value::String(name) => {
            Value::String(format!("{}/{name}", parameter["namespace"].as_str().unwrap_or("*")))
        }
        _ => json!("<unset>"),
    }
}

/// For how long a certificate is asked for.
pub(in super::super) fn requested_duration(request: &Value) -> Value {
    match request["spec"]["expirationSeconds"].as_i64() {
        Some(seconds) => Value::String(short(seconds)),
        None => json!("<none>"),
    }
}

/// How a signing request stands.
pub(in super::super) fn signing_status(request: &Value) -> Value {
    let conditions = array(&request["status"]["conditions"]);
    let has = |kind: &str| conditions.iter().any(|condition| condition["type"] == kind);
    let decision = match (has("Denied"), has("Approved")) {
        (true, _) => "Denied",
        (_, true) => "Approved",
        _ => "Pending",
    };
    let failed = if has("Failed") { ",Failed" } else { "" };
    let issued = if text(&request["status"]["certificate"]).is_empty() { "" } else { ",Issued" };
    Value::String(format!("{decision}{failed}{issued}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_name_what_is_measured() {
        let resource =
            |target: Value| json!({"type": "Resource", "resource": {"name": "cpu", "target": target}});
        let percent = json!({"averageUtilization": 70});
        let mut scaler = json!({"spec": {"metrics": [resource(percent.clone())]}});
        assert_eq!(targets(&scaler), "cpu: <unknown>/70%");
        let current = json!([{"type": "Resource", "resource": {"current": {"averageUtilization": 40}}}]);
        scaler["status"] = json!({"currentMetrics": current});
        assert_eq!(targets(&scaler), "cpu: 40%/70%");
        scaler["spec"]["metrics"] = json!(vec![resource(percent); 3]);
        assert_eq!(targets(&scaler), "cpu: 40%/70%, cpu: <unknown>/70% + 1 more...");
    }

    #[test]
    fn decisions_about_certificates_are_told() {
        let request = |kind: &str, certificate: &str| {
            signing_status(&json!({"status": {"conditions": [{"type": kind}], "certificate": certificate}}))
        };
        assert_eq!(request("Approved", "eA=="), "Approved,Issued");
        assert_eq!(request("Denied", ""), "Denied");
        assert_eq!(signing_status(&json!({})), "Pending");
    }

    #[test]
    fn quotas_are_split_into_requests_and_limits() {
        let status = json!({"hard": {"limits.cpu": "8", "pods": "20"}, "used": {"pods": "7"}});
        let both = json!({"status": status});
        assert_eq!(
            (quota(&both, false), quota(&both, true)),
            (json!("pods: 7/20"), json!("limits.cpu: 0/8"))
        );
    }
}
