//! What stands around the workloads: nodes, namespaces, services and claims.

use serde_json::{Value, json};

use super::dice::{Dice, time};
use super::plan::{Plan, Workload};
use super::words;

/// The name of a node.
pub(super) fn node_name(number: usize) -> String {
    format!("node-{:04}", number + 1)
}

/// The address of a node, distinct for every number.
pub(super) fn node_ip(number: usize) -> String {
    format!("172.{}.{}.{}", 16 + number / 65_536, number / 256 % 256, number % 256)
}

/// A namespace; one with workloads says how they are guarded and whose they are.
pub(super) fn namespace(plan: &Plan, number: usize, name: &str) -> Value {
    let dice = &mut Dice::new(plan.seed, "namespaces", number);
    let now = plan.now;
    let mut namespace = json!({
        "metadata": {
            "name": name,
            "uid": dice.uid(),
            "creationTimestamp": time(now - dice.within(100..400) * 86_400),
            "labels": {
                "kubernetes.io/metadata.name": name,
                "pod-security.kubernetes.io/enforce": "baseline",
                "team": dice.pick(&["red", "green", "blue", "orange", "violet"]),
            },
        },
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    });
    if number >= plan.namespaces {
        namespace["metadata"]["labels"] = json!({"kubernetes.io/metadata.name": name});
    }
    namespace
}

/// A node.
pub(super) fn node(seed: u64, number: usize, now: i64) -> Value {
    let dice = &mut Dice::new(seed, "nodes", number);
    let (name, ip) = (node_name(number), node_ip(number));
    let created = now - dice.within(5..90) * 86_400;
    let zone = format!("region-1{}", ["a", "b", "c"][number % 3]);
    let (cores, memory) = [(8, 32), (16, 64), (32, 128)][dice.below(3)];
    let resources = |cpu: String, memory: i64| {
        json!({
            "cpu": cpu,
            "memory": format!("{memory}Ki"),
            "ephemeral-storage": "203056560Ki",
            "hugepages-1Gi": "0",
            "hugepages-2Mi": "0",
            "pods": "110",
        })
    };
    // The kernel keeps some for itself.
    let kib = memory * 1024 * 1024 - 712_345;
    let images: Vec<_> = (0..20)
        .map(|_| {
            let image = words::image(dice.below(words::IMAGES));
            json!({"names": [image], "sizeBytes": dice.within(10_000_000..900_000_000)})
        })
        .collect();
    let mut spec = json!({
        "podCIDR": format!("10.{}.{}.0/24", 64 + number / 256 % 64, number % 256),
        "providerID": format!("example:///{zone}/{}", dice.suffix(17, number)),
    });
    if dice.permille(50) {
        spec["taints"] = json!([{"key": "example.com/dedicated", "value": "batch", "effect": "NoSchedule"}]);
    }
    if dice.permille(10) {
        spec["unschedulable"] = json!(true);
    }
    json!({
        "metadata": {
            "name": name,
            "uid": dice.uid(),
            "creationTimestamp": time(created),
            "labels": {
                "beta.kubernetes.io/arch": "amd64",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node-role.kubernetes.io/worker": "",
                "node.kubernetes.io/instance-type": format!("standard-{cores}"),
                "topology.kubernetes.io/region": "region-1",
                "topology.kubernetes.io/zone": zone,
            },
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": spec,
        "status": {
            "capacity": resources(cores.to_string(), kib),
            "allocatable": resources(format!("{}m", cores * 1000 - 100), kib - 1_000_000),
            "conditions": node_conditions(true, created, now),
            "addresses": [{"type": "InternalIP", "address": ip}, {"type": "Hostname", "address": name}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10_250}},
            "nodeInfo": {
                "machineID": dice.digest()[..32],
                "systemUUID": dice.uid(),
                "bootID": dice.uid(),
                "kernelVersion": "6.12.0-1-amd64",
                "osImage": "Debian GNU/Linux 13 (trixie)",
                "containerRuntimeVersion": "containerd://2.1.4",
                "kubeletVersion": "v1.36.0",
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
            "images": images,
        },
    })
}

/// The conditions of a node that is ready, or whose kubelet fell silent.
pub(in super::super) fn node_conditions(is_ready: bool, since: i64, now: i64) -> Value {
    let condition = |kind: &str, ready_status: &str, reason: &str, message: &str| {
        let (status, reason, message) = if is_ready {
            (ready_status, reason, message)
        } else {
            ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
        };
        json!({
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": time(now),
            "lastTransitionTime": time(since),
        })
    };
    json!([
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available"
        ),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
    ])
}

/// The service in front of a workload.
pub(super) fn service(seed: u64, workload: &Workload, selector: &Value, created: i64) -> Value {
    let dice = &mut Dice::new(seed, "services", workload.index);
    let number = workload.index;
    let ip = format!("10.{}.{}.{}", 32 + number / 65_536, number / 256 % 256, number % 256);
    let is_public = dice.permille(30);
    let mut service = json!({
        "metadata": {
            "namespace": workload.namespace,
            "name": workload.name,
            "uid": dice.uid(),
            "creationTimestamp": time(created),
            "labels": selector,
        },
        "spec": {
            "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "http"}],
            "selector": selector,
            "clusterIP": ip,
            "clusterIPs": [ip],
            "type": if is_public { "LoadBalancer" } else { "ClusterIP" },
            "sessionAffinity": "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
        },
        "status": {"loadBalancer": {}},
    });
    if is_public {
        let ip = format!("203.0.113.{}", number % 256);
        service["spec"]["externalTrafficPolicy"] = json!("Cluster");
        service["status"]["loadBalancer"] = json!({"ingress": [{"ip": ip, "ipMode": "VIP"}]});
    }
    service
}

/// A claim, bound to a volume but for a few.
pub(super) fn claim(dice: &mut Dice, namespace: &str, name: &str, created: i64) -> Value {
    let uid = dice.uid();
    let size = dice.pick(&["10Gi", "50Gi", "100Gi"]);
    let mut claim = json!({
        "metadata": {
            "namespace": namespace,
            "name": name,
            "uid": uid,
            "creationTimestamp": time(created),
            "annotations": {"volume.kubernetes.io/storage-provisioner": "disk.csi.example.com"},
            "finalizers": ["kubernetes.io/pvc-protection"],
        },
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
            "storageClassName": "fast",
            "volumeMode": "Filesystem",
        },
        "status": {"phase": "Pending"},
    });
    if !dice.permille(20) {
        claim["spec"]["volumeName"] = json!(format!("pvc-{uid}"));
        claim["status"] =
            json!({"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": size}});
    }
    claim
}
