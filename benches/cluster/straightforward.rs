//! The straightforward build that the exporter is compared to: reflectors of whole API objects read
//! as JSON, rendered by the exporter's own families where they don't depend on its lean objects.
//!
//! All kinds that are measured are held, and of pods the most common families are served.

use super::{
    exporter::{Exporter, free_addresses},
    process::Process,
};
use anyhow::Context as _;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt as _, future};
use k8s_openapi::api::{
    apps::v1::{Deployment, ReplicaSet},
    core::v1::{ConfigMap, ContainerState, ContainerStatus, Namespace, Node, Pod, Secret, Service},
};
use kstate::exposition::{Families, Identity, Samples, Selection, write_identity};
use kube::{Api, Client, Config, Resource, ResourceExt as _};
use kube_runtime::{
    WatchStreamExt as _,
    reflector::{self, Store},
    watcher,
};
use serde::de::DeserializeOwned;
use std::{
    fmt::Debug,
    io::Write as _,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// What the process of this build is started with.
const NAME: &str = "straightforward";

/// Starts it as a process of its own and waits until it is complete.
pub(super) fn start(apiserver: SocketAddr) -> anyhow::Result<Exporter> {
    let (address, _) = free_addresses()?;
    let program = std::env::current_exe()?;
    let arguments = [NAME.to_owned(), apiserver.to_string(), address.port().to_string()];
    Exporter::wait(|| Process::run(program, &arguments), address, address, |_| Ok(()))
}

/// The API server and the port, where these are its arguments.
pub(super) fn asked_for(arguments: &[String]) -> Option<(SocketAddr, u16)> {
    match arguments {
        [name, apiserver, port] if name == NAME => Some((apiserver.parse().ok()?, port.parse().ok()?)),
        _ => None,
    }
}

/// Watches and serves until it is killed.
#[tokio::main]
pub(super) async fn run((apiserver, port): (SocketAddr, u16)) -> anyhow::Result<()> {
    let client = Client::try_from(Config::new(format!("http://{apiserver}").parse()?))?;
    let held = Held::default();
    let pods = hold::<Pod>(&client, &held);
    hold::<ConfigMap>(&client, &held);
    hold::<Deployment>(&client, &held);
    hold::<Namespace>(&client, &held);
    hold::<Node>(&client, &held);
    hold::<ReplicaSet>(&client, &held);
    hold::<Secret>(&client, &held);
    hold::<Service>(&client, &held);
    let router = Router::new()
        .route("/metrics", get(metrics))
        .route("/readyz", get(ready))
        .with_state(Served { pods, held });
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    axum::serve(listener, router).await.context("serving")
}

/// How many kinds were read, and how many there are.
#[derive(Clone, Default)]
struct Held {
    read: Arc<AtomicUsize>,
    kinds: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Served {
    pods: Store<Pod>,
    held: Held,
}

/// Reads a kind and holds its objects whole.
fn hold<K>(client: &Client, held: &Held) -> Store<K>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Debug + Send + Sync + 'static,
{
    let (store, writer) = reflector::store();
    let objects = Api::<K>::all(client.clone());
    let stream = watcher(objects, watcher::Config::default()).default_backoff().reflect(writer);
    tokio::spawn(stream.for_each(|_| future::ready(())));
    let (held, reader) = (held.clone(), store.clone());
    held.kinds.fetch_add(1, Ordering::Relaxed);
    tokio::spawn(async move {
        if reader.wait_until_ready().await.is_ok() {
            held.read.fetch_add(1, Ordering::Relaxed);
        }
    });
    store
}

async fn ready(State(served): State<Served>) -> StatusCode {
    let Held { read, kinds } = served.held;
    let is_ready = read.load(Ordering::Relaxed) == kinds.load(Ordering::Relaxed);
    if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

async fn metrics(State(served): State<Served>, headers: HeaderMap) -> impl IntoResponse {
    let encodings = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let gzip = encodings.is_some_and(|encodings| encodings.contains("gzip"));
    let body = tokio::task::spawn_blocking(move || {
        let text = render(&served.pods.state());
        if !gzip {
            return Ok(text);
        }
        let mut stream = GzEncoder::new(Vec::new(), Compression::fast());
        stream.write_all(&text)?;
        stream.finish()
    });
    let body = body.await.map_err(std::io::Error::from).flatten();
    let encoding = if gzip { "gzip" } else { "identity" };
    body.map(|body| ([(header::CONTENT_ENCODING, encoding)], body))
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn render(pods: &[Arc<Pod>]) -> Vec<u8> {
    let (selection, mut out, mut identity) = (Selection::default(), Vec::new(), Vec::new());
    for family in FAMILIES {
        family.description().write_header(&mut out);
        for pod in pods {
            identity.clear();
            write_identity(IDENTITY, &**pod, [], &mut identity);
            family.render(pod, &identity, &selection, &mut out);
        }
    }
    out
}

type Family = kstate::exposition::Family<Pod>;

const IDENTITY: &[Identity<Pod>] = &[
    Identity { name: "namespace", value: |pod, out| out.push_str(&pod.namespace().unwrap_or_default()) },
    Identity { name: "pod", value: |pod, out| out.push_str(&pod.name_any()) },
    Identity { name: "uid", value: |pod, out| out.push_str(&pod.uid().unwrap_or_default()) },
];

const PHASES: [&str; 5] = ["Pending", "Succeeded", "Failed", "Unknown", "Running"];

const FAMILIES: Families<Pod> = &[
    &Family::gauge("kube_pod_container_info", "Image of a container.")
        .labels(["container", "image_spec", "image", "image_id", "container_id"])
        .samples(|pod, out| {
            let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
            for container in containers {
                let Some(status) = statuses(pod).find(|status| status.name == container.name) else {
                    continue;
                };
                out.one([
                    &status.name,
                    container.image.as_deref().unwrap_or_default(),
                    &status.image,
                    &status.image_id,
                    status.container_id.as_deref().unwrap_or_default(),
                ]);
            }
        }),
    &Family::gauge("kube_pod_container_status_ready", "Whether a container is ready.")
        .labels(["container"])
        .samples(|pod, out| statuses(pod).for_each(|status| out.push([&status.name], status.ready))),
    &Family::counter("kube_pod_container_status_restarts_total", "Restarts of a container.")
        .labels(["container"])
        .samples(|pod, out| statuses(pod).for_each(|status| out.push([&status.name], status.restart_count))),
    &Family::gauge("kube_pod_container_status_running", "Whether a container runs.")
        .labels(["container"])
        .samples(|pod, out| states(pod, out, |state| state.running.is_some())),
    &Family::gauge("kube_pod_container_status_terminated", "Whether a container has ended.")
        .labels(["container"])
        .samples(|pod, out| states(pod, out, |state| state.terminated.is_some())),
    &Family::gauge("kube_pod_container_status_waiting", "Whether a container waits.")
        .labels(["container"])
        .samples(|pod, out| states(pod, out, |state| state.waiting.is_some())),
    &Family::gauge("kube_pod_created", "Unix timestamp of the pod's creation.").samples(|pod, out| {
        out.value(pod.metadata.creation_timestamp.as_ref().map(|time| time.0.as_second()));
    }),
    &Family::gauge("kube_pod_info", "Where a pod runs.")
        .labels(["host_ip", "pod_ip", "node", "priority_class"])
        .samples(|pod, out| {
            let (spec, status) = (pod.spec.as_ref(), pod.status.as_ref());
            out.one([
                status.and_then(|status| status.host_ip.as_deref()).unwrap_or_default(),
                status.and_then(|status| status.pod_ip.as_deref()).unwrap_or_default(),
                spec.and_then(|spec| spec.node_name.as_deref()).unwrap_or_default(),
                spec.and_then(|spec| spec.priority_class_name.as_deref()).unwrap_or_default(),
            ]);
        }),
    &Family::gauge("kube_pod_owner", "Owner of a pod.").labels(["owner_kind", "owner_name"]).samples(
        |pod, out| {
            for owner in pod.owner_references() {
                out.one([&owner.kind, &owner.name]);
            }
        },
    ),
    &Family::gauge("kube_pod_restart_policy", "Restart policy of a pod.").labels(["type"]).samples(
        |pod, out| {
            out.one([pod.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref()).unwrap_or_default()]);
        },
    ),
    &Family::gauge("kube_pod_start_time", "Unix timestamp of the pod's start.").samples(|pod, out| {
        let started = pod.status.as_ref().and_then(|status| status.start_time.as_ref());
        out.value(started.map(|time| time.0.as_second()));
    }),
    &Family::gauge("kube_pod_status_phase", "Phase of a pod.").labels(["phase"]).samples(|pod, out| {
        let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref()).unwrap_or_default();
        out.state(&PHASES, phase);
    }),
];

/// Whether each container is in a state.
fn states(pod: &Pod, out: &mut Samples<'_, 1>, is: fn(&ContainerState) -> bool) {
    for status in statuses(pod) {
        out.push([&status.name], status.state.as_ref().is_some_and(is));
    }
}

fn statuses(pod: &Pod) -> impl Iterator<Item = &ContainerStatus> {
    pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten())
}
