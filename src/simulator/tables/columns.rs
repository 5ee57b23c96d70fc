//! The columns of each kind after the name.

use jiff::Timestamp;

use super::cells::{self, age, pod};
use super::{Cell, Column};

const fn text(title: &'static str, place: &'static str) -> Column {
    text_or(title, place, "")
}

const fn text_or(title: &'static str, place: &'static str, other: &'static str) -> Column {
    Column::new(title, "string", Cell::Text(place, other))
}

const fn number(title: &'static str, place: &'static str) -> Column {
    Column::new(title, "integer", Cell::Number(place))
}

const fn boolean(title: &'static str, place: &'static str) -> Column {
    Column::new(title, "boolean", Cell::Boolean(place))
}

const fn length(title: &'static str, place: &'static str) -> Column {
    Column::new(title, "integer", Cell::Length(place))
}

const fn made(title: &'static str, make: fn(&serde_json::Value) -> serde_json::Value) -> Column {
    Column::new(title, "string", Cell::Made(make))
}

/// The column that almost every kind has.
const AGE: Column = made("Age", |object| age(&object["metadata"]["creationTimestamp"], Timestamp::now()));

/// What the server shows of kinds that it has no table for.
const PLAIN: &[Column] = &[Column::new("Created At", "date", Cell::Text("/metadata/creationTimestamp", ""))];

const CONTAINERS: Column =
    made("Containers", |set| cells::containers(&set["spec"]["template"], "name")).wide();
const IMAGES: Column = made("Images", |set| cells::containers(&set["spec"]["template"], "image")).wide();
const SELECTOR: Column = made("Selector", |set| cells::selector(&set["spec"]["selector"])).wide();

pub(in super::super) const CONFIGMAPS: &[Column] =
    &[Column::new("Data", "string", Cell::Made(cells::config_map_entries)), AGE];

pub(in super::super) const ENDPOINTS: &[Column] = &[made("Endpoints", cells::endpoints), AGE];

pub(in super::super) const LIMITRANGES: &[Column] = PLAIN;

pub(in super::super) const NAMESPACES: &[Column] = &[text("Status", "/status/phase"), AGE];

pub(in super::super) const NODES: &[Column] = &[
    made("Status", cells::node_status),
    made("Roles", cells::roles),
    AGE,
    text("Version", "/status/nodeInfo/kubeletVersion"),
    made("Internal-IP", |node| cells::address(node, "InternalIP")).wide(),
    made("External-IP", |node| cells::address(node, "ExternalIP")).wide(),
    text("OS-Image", "/status/nodeInfo/osImage").wide(),
    made("Kernel-Version", cells::kernel).wide(),
    text("Container-Runtime", "/status/nodeInfo/containerRuntimeVersion").wide(),
];

pub(in super::super) const CLAIMS: &[Column] = &[
    text("Status", "/status/phase"),
    text("Volume", "/spec/volumeName"),
    text("Capacity", "/status/capacity/storage"),
    made("Access Modes", |claim| cells::access_modes(&claim["status"]["accessModes"])),
    text("StorageClass", "/spec/storageClassName"),
    text_or("VolumeAttributesClass", "/spec/volumeAttributesClassName", "<unset>"),
    AGE,
    text_or("VolumeMode", "/spec/volumeMode", "<unset>").wide(),
];

pub(in super::super) const VOLUMES: &[Column] = &[
    text("Capacity", "/spec/capacity/storage"),
    made("Access Modes", |volume| cells::access_modes(&volume["spec"]["accessModes"])),
    text("Reclaim Policy", "/spec/persistentVolumeReclaimPolicy"),
    text("Status", "/status/phase"),
    made("Claim", cells::claim),
    text("StorageClass", "/spec/storageClassName"),
    text_or("VolumeAttributesClass", "/spec/volumeAttributesClassName", "<unset>"),
    text("Reason", "/status/reason"),
    AGE,
    text_or("VolumeMode", "/spec/volumeMode", "<unset>").wide(),
];

pub(in super::super) const PODS: &[Column] = &[
    made("Ready", pod::ready),
    made("Status", pod::status),
    made("Restarts", pod::restarts),
    AGE,
    text_or("IP", "/status/podIP", "<none>").wide(),
    text_or("Node", "/spec/nodeName", "<none>").wide(),
    text_or("Nominated Node", "/status/nominatedNodeName", "<none>").wide(),
    text_or("Readiness Gates", "", "<none>").wide(),
];

pub(in super::super) const CONTROLLERS: &[Column] = &[
    number("Desired", "/spec/replicas"),
    number("Current", "/status/replicas"),
    number("Ready", "/status/readyReplicas"),
    AGE,
    CONTAINERS,
    IMAGES,
    made("Selector", |controller| cells::map(&controller["spec"]["selector"])).wide(),
];

pub(in super::super) const QUOTAS: &[Column] = &[
    made("Request", |quota| cells::quota(quota, false)),
    made("Limit", |quota| cells::quota(quota, true)),
    AGE,
];

pub(in super::super) const SECRETS: &[Column] =
    &[text("Type", "/type"), length("Data", "/data").called_text(), AGE];

pub(in super::super) const SERVICE_ACCOUNTS: &[Column] = &[AGE];

pub(in super::super) const SERVICES: &[Column] = &[
    text("Type", "/spec/type"),
    text_or("Cluster-IP", "/spec/clusterIP", "<none>"),
    text_or("External-IP", "/status/loadBalancer/ingress/0/ip", "<none>"),
    made("Port(s)", cells::service_ports),
    AGE,
    made("Selector", |service| cells::map(&service["spec"]["selector"])).wide(),
];

pub(in super::super) const MUTATING_POLICIES: &[Column] =
    &[length("Mutations", "/spec/mutations"), made("ParamKind", cells::parameter_kind), AGE];

pub(in super::super) const VALIDATING_POLICIES: &[Column] =
    &[length("Validations", "/spec/validations"), made("ParamKind", cells::parameter_kind), AGE];

pub(in super::super) const POLICY_BINDINGS: &[Column] =
    &[text("PolicyName", "/spec/policyName"), made("ParamRef", cells::parameter), AGE];

pub(in super::super) const WEBHOOKS: &[Column] = &[length("Webhooks", "/webhooks"), AGE];

pub(in super::super) const DAEMONSETS: &[Column] = &[
    number("Desired", "/status/desiredNumberScheduled"),
    number("Current", "/status/currentNumberScheduled"),
    number("Ready", "/status/numberReady"),
    number("Up-to-date", "/status/updatedNumberScheduled"),
    number("Available", "/status/numberAvailable"),
    made("Node Selector", |set| cells::map(&set["spec"]["template"]["spec"]["nodeSelector"])),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub(in super::super) const DEPLOYMENTS: &[Column] = &[
    made("Ready", cells::ready_replicas),
    number("Up-to-date", "/status/updatedReplicas").called_text(),
    number("Available", "/status/availableReplicas").called_text(),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub(in super::super) const REPLICASETS: &[Column] = &[
    number("Desired", "/spec/replicas"),
    number("Current", "/status/replicas"),
    number("Ready", "/status/readyReplicas"),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub(in super::super) const STATEFULSETS: &[Column] =
    &[made("Ready", cells::ready_replicas), AGE, CONTAINERS, IMAGES];

pub(in super::super) const AUTOSCALERS: &[Column] = &[
    made("Reference", |scaler| cells::reference(&scaler["spec"]["scaleTargetRef"])),
    made("Targets", cells::targets),
    made("MinPods", cells::least_pods),
    number("MaxPods", "/spec/maxReplicas").called_text(),
    number("Replicas", "/status/currentReplicas").called_text(),
    AGE,
];

pub(in super::super) const CRONJOBS: &[Column] = &[
    text("Schedule", "/spec/schedule"),
    text_or("Timezone", "/spec/timeZone", "<none>"),
    Column::new("Suspend", "boolean", Cell::Made(cells::is_suspended)),
    length("Active", "/status/active"),
    made("Last Schedule", cells::last_schedule),
    AGE,
    made("Containers", |cron| cells::containers(&cron["spec"]["jobTemplate"]["spec"]["template"], "name"))
        .wide(),
    made("Images", |cron| cells::containers(&cron["spec"]["jobTemplate"]["spec"]["template"], "image"))
        .wide(),
    made("Selector", |cron| cells::selector(&cron["spec"]["jobTemplate"]["spec"]["selector"])).wide(),
];

pub(in super::super) const JOBS: &[Column] = &[
    made("Status", cells::job_status),
    made("Completions", |job| cells::count(&job["status"]["succeeded"], &job["spec"]["completions"])),
    made("Duration", cells::job_duration),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub(in super::super) const SIGNING_REQUESTS: &[Column] = &[
    AGE,
    text_or("SignerName", "/spec/signerName", "<none>"),
    text("Requestor", "/spec/username"),
    made("RequestedDuration", cells::requested_duration),
    made("Condition", cells::signing_status),
];

pub(in super::super) const LEASES: &[Column] = &[text("Holder", "/spec/holderIdentity"), AGE];

pub(in super::super) const ENDPOINTSLICES: &[Column] = &[
    text("AddressType", "/addressType"),
    made("Ports", cells::slice_ports),
    made("Endpoints", cells::slice_endpoints),
    AGE,
];

pub(in super::super) const INGRESS_CLASSES: &[Column] =
    &[text("Controller", "/spec/controller"), made("Parameters", cells::class_parameters), AGE];

pub(in super::super) const INGRESSES: &[Column] = &[
    text_or("Class", "/spec/ingressClassName", "<none>"),
    made("Hosts", cells::hosts),
    made("Address", cells::ingress_addresses),
    made("Ports", cells::ingress_ports),
    AGE,
];

pub(in super::super) const NETWORK_POLICIES: &[Column] =
    &[made("Pod-Selector", |policy| cells::selector(&policy["spec"]["podSelector"])), AGE];

pub(in super::super) const BUDGETS: &[Column] = &[
    made("Min Available", |budget| cells::limit(&budget["spec"]["minAvailable"])),
    made("Max Unavailable", |budget| cells::limit(&budget["spec"]["maxUnavailable"])),
    number("Allowed Disruptions", "/status/disruptionsAllowed"),
    AGE,
];

pub(in super::super) const ROLES: &[Column] = PLAIN;

pub(in super::super) const ROLE_BINDINGS: &[Column] = &[
    made("Role", |binding| cells::reference(&binding["roleRef"])),
    AGE,
    made("Users", |binding| cells::subjects(binding, "User")).wide(),
    made("Groups", |binding| cells::subjects(binding, "Group")).wide(),
    made("ServiceAccounts", |binding| cells::subjects(binding, "ServiceAccount")).wide(),
];

pub(in super::super) const STORAGE_CLASSES: &[Column] = &[
    text("Provisioner", "/provisioner"),
    text_or("ReclaimPolicy", "/reclaimPolicy", "Delete"),
    text_or("VolumeBindingMode", "/volumeBindingMode", "Immediate"),
    boolean("AllowVolumeExpansion", "/allowVolumeExpansion").called_text(),
    AGE,
];

pub(in super::super) const ATTACHMENTS: &[Column] = &[
    text("Attacher", "/spec/attacher"),
    text("PV", "/spec/source/persistentVolumeName"),
    text("Node", "/spec/nodeName"),
    boolean("Attached", "/status/attached"),
    AGE,
];
