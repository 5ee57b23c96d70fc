//! The templates that workloads make their pods from.

use serde_json::{Value, json};

use super::dice::Dice;
use super::plan::{Owner, Plan, Workload};
use super::words;

/// Variables of a main container beyond those that all have, at most.
const ENVIRONMENT: usize = 3;

/// The label that tells pods of one revision of a template.
pub(super) fn hash_label(owner: Owner) -> &'static str {
    match owner {
        Owner::Deployment | Owner::Nobody => "pod-template-hash",
        Owner::StatefulSet | Owner::DaemonSet => "controller-revision-hash",
        Owner::Job => "batch.kubernetes.io/controller-uid",
        Owner::ReplicationController => "deployment",
    }
}

/// The labels that a workload selects its pods by.
pub(super) fn selector(workload: &Workload) -> Value {
    json!({"app.kubernetes.io/name": workload.base_name(), "app.kubernetes.io/instance": workload.namespace})
}

/// The hash of a workload's first template.
pub(super) fn hash(plan: &Plan, workload: &Workload) -> String {
    Dice::new(plan.seed, "hashes", workload.index).suffix(10, workload.index)
}

/// The template of a workload.
pub(super) fn template(plan: &Plan, workload: &Workload) -> Value {
    let dice = &mut Dice::new(plan.seed, "templates", workload.index);
    let containers = if dice.permille(340) { 2 + dice.below(2) } else { 1 };
    let names = ["app", "proxy", "metrics"];
    let list: Vec<_> = (0..containers).map(|index| container(workload, names[index], index, dice)).collect();
    let mut spec = json!({
        "containers": list,
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": true,
        "priority": 0,
        "restartPolicy": if workload.owner == Owner::Job { "Never" } else { "Always" },
        "schedulerName": "default-scheduler",
        "securityContext": {"runAsNonRoot": true, "runAsUser": 1000, "fsGroup": 2000, "seccompProfile": {"type": "RuntimeDefault"}},
        "serviceAccount": workload.base_name(),
        "serviceAccountName": workload.base_name(),
        "terminationGracePeriodSeconds": 30,
        "tolerations": tolerations(workload.owner, dice),
        "volumes": [
            {"name": "config", "configMap": {"name": format!("{}-config", workload.base_name()), "defaultMode": 420}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}},
        ],
    });
    if dice.permille(360) {
        spec["initContainers"] = json!([init_container(workload, dice)]);
    }
    if dice.permille(250) {
        spec["topologySpreadConstraints"] = json!([{
            "maxSkew": 1,
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector(workload)},
        }]);
    }
    if dice.permille(100) {
        spec["priorityClassName"] = json!("business-critical");
        spec["priority"] = json!(100_000);
    }
    if dice.permille(150) {
        spec["nodeSelector"] = json!({"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux"});
    }
    json!({"metadata": {"labels": labels(workload, dice), "annotations": annotations(dice)}, "spec": spec})
}

fn labels(workload: &Workload, dice: &mut Dice) -> Value {
    let mut labels = selector(workload);
    labels["app.kubernetes.io/component"] = json!(dice.pick(&["server", "worker", "cache", "database"]));
    labels["app.kubernetes.io/managed-by"] = json!("Helm");
    labels["app.kubernetes.io/version"] = json!(format!("1.{}.{}", dice.below(40), dice.below(15)));
    labels["helm.sh/chart"] = json!(format!("{}-2.{}.0", workload.name, dice.below(30)));
    labels["team"] = json!(dice.pick(&["red", "green", "blue", "orange", "violet"]));
    labels
}

fn annotations(dice: &mut Dice) -> Value {
    json!({
        "checksum/config": dice.digest(),
        "prometheus.io/path": "/metrics",
        "prometheus.io/port": "8080",
        "prometheus.io/scrape": "true",
    })
}

fn tolerations(owner: Owner, dice: &mut Dice) -> Value {
    let lasting = |key: &str, effect: &str| json!({"key": key, "operator": "Exists", "effect": effect});
    if owner == Owner::DaemonSet {
        return ["not-ready", "unreachable"]
            .map(|key| lasting(&format!("node.kubernetes.io/{key}"), "NoExecute"))
            .into_iter()
            .chain(
                ["disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"]
                    .map(|key| lasting(&format!("node.kubernetes.io/{key}"), "NoSchedule")),
            )
            .collect();
    }
    let mut list = vec![json!({
        "key": "example.com/dedicated",
        "operator": "Equal",
        "value": dice.pick(&["general", "batch", "memory"]),
        "effect": "NoSchedule",
    })];
    if dice.permille(500) {
        list.push(lasting("example.com/spot", "NoSchedule"));
    }
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        list.push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}));
    }
    Value::Array(list)
}

fn container(workload: &Workload, name: &str, index: usize, dice: &mut Dice) -> Value {
    let port = 8080 + index;
    let cpu = dice.pick(&["50m", "100m", "250m", "500m", "1"]);
    let memory = dice.pick(&["64Mi", "128Mi", "256Mi", "512Mi", "1Gi", "2Gi"]);
    let mut resources = json!({
        "requests": {"cpu": cpu, "memory": memory},
        "limits": {"cpu": dice.pick(&["1", "2", "1500m"]), "memory": memory},
    });
    if dice.permille(600) {
        resources["requests"]["ephemeral-storage"] = json!("1Gi");
        resources["limits"]["ephemeral-storage"] = json!("4Gi");
    }
    let probe = |path: &str, period: i32| {
        json!({
            "httpGet": {"path": path, "port": "http", "scheme": "HTTP"},
            "initialDelaySeconds": 5,
            "timeoutSeconds": 2,
            "periodSeconds": period,
            "successThreshold": 1,
            "failureThreshold": 3,
        })
    };
    let mut container = json!({
        "name": name,
        "image": words::image(workload.index * 3 + index * 131),
        "imagePullPolicy": "IfNotPresent",
        "args": ["--config=/etc/app/config.yaml", format!("--listen=:{port}")],
        "ports": [{"name": if index == 0 { "http" } else { name }, "containerPort": port, "protocol": "TCP"}],
        "env": environment(workload, index, dice),
        "resources": resources,
        "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true},
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    });
    // Sidecars are simpler.
    if index == 0 {
        container["livenessProbe"] = probe("/livez", 10);
        container["readinessProbe"] = probe("/readyz", 5);
        container["volumeMounts"] = json!([
            {"name": "config", "mountPath": "/etc/app", "readOnly": true},
            {"name": "tmp", "mountPath": "/tmp"},
        ]);
    }
    container
}

fn environment(workload: &Workload, index: usize, dice: &mut Dice) -> Value {
    let field = |name: &str, path: &str| json!({"name": name, "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": path}}});
    let mut list = vec![field("POD_NAME", "metadata.name"), field("POD_NAMESPACE", "metadata.namespace")];
    if index == 0 {
        list.push(json!({
            "name": "DATABASE_PASSWORD",
            "valueFrom": {"secretKeyRef": {"name": format!("{}-database", workload.base_name()), "key": "password"}},
        }));
        for (name, value) in [
            ("DATABASE_HOST", format!("{}-database.{}.svc.cluster.local", workload.name, workload.namespace)),
            ("LOG_LEVEL", dice.pick(&["info", "debug", "warn"]).to_owned()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.telemetry.svc.cluster.local:4317".to_owned()),
            ("OTEL_SERVICE_NAME", workload.name.clone()),
        ] {
            list.push(json!({"name": name, "value": value}));
        }
        for number in 0..dice.below(ENVIRONMENT) {
            let name = format!("FEATURE_{}_{number}", dice.pick(&["ROLLOUT", "EXPERIMENT", "LIMIT"]));
            list.push(json!({"name": name, "value": dice.below(100).to_string()}));
        }
    }
    Value::Array(list)
}

fn init_container(workload: &Workload, dice: &mut Dice) -> Value {
    json!({
        "name": "migrate",
        "image": words::image(workload.index * 3),
        "imagePullPolicy": "IfNotPresent",
        "command": ["/app/migrate", "--wait"],
        "resources": {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"cpu": "500m", "memory": dice.pick(&["128Mi", "256Mi"])},
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [{"name": "config", "mountPath": "/etc/app", "readOnly": true}],
    })
}
