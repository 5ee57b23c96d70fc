//! Requests as the API server, users and controllers send them, with reviews by a stand-in.

use super::*;
use crate::{
    access::Lifetimes,
    resources::{nodes::Node, pods::Pod},
    server::PeerCertificates,
    store::{Reader, store},
    usage::Terms,
    wire::{Context, Decode, LocalObject, decode_json},
};
use axum::{
    body::{Body, to_bytes},
    http::Method,
};
use http::{Request, Response};
use jiff::Timestamp;
use kube::client::Body as KubeBody;
use kube_runtime::watcher::Event;
use parking_lot::Mutex;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::CertificateDer;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::time::Duration;
use tower::{ServiceExt as _, service_fn};

const TERMS: Terms = Terms { resolution: Duration::from_secs(15), depth: 15, span: Duration::from_mins(15) };
const NODES: &str = "/apis/metrics.k8s.io/v1beta1/nodes";
const PODS: &str = "/apis/metrics.k8s.io/v1beta1/pods";

/// What was measured by two answers of a kubelet.
const ANSWERS: [(&str, i64); 2] = [
    (
        r#"node_cpu_usage_seconds_total 100 1000000
node_memory_working_set_bytes 1048576 1000000
container_cpu_usage_seconds_total{container="a",namespace="x",pod="web-1"} 1 1000000
container_memory_working_set_bytes{container="a",namespace="x",pod="web-1"} 4096 1000000
container_cpu_usage_seconds_total{container="b",namespace="x",pod="web-1"} 1 1000000
container_memory_working_set_bytes{container="b",namespace="x",pod="web-1"} 4096 1000000
container_cpu_usage_seconds_total{container="a",namespace="b",pod="db"} 1 1000000
container_memory_working_set_bytes{container="a",namespace="b",pod="db"} 4096 1000000
container_cpu_usage_seconds_total{container="a",namespace="b",pod="done"} 1 1000000
container_memory_working_set_bytes{container="a",namespace="b",pod="done"} 4096 1000000
"#,
        1000,
    ),
    (
        r#"node_cpu_usage_seconds_total 115 1015000
node_memory_working_set_bytes 3000320 1015000
node_swap_usage_bytes 2048 1015000
container_cpu_usage_seconds_total{container="a",namespace="x",pod="web-1"} 2.5 1015000
container_memory_working_set_bytes{container="a",namespace="x",pod="web-1"} 8192 1015000
container_cpu_usage_seconds_total{container="b",namespace="x",pod="web-1"} 1.000015 1011200
container_memory_working_set_bytes{container="b",namespace="x",pod="web-1"} 4096 1011200
container_cpu_usage_seconds_total{container="a",namespace="b",pod="db"} 4 1015000
container_memory_working_set_bytes{container="a",namespace="b",pod="db"} 1048576 1015000
container_cpu_usage_seconds_total{container="a",namespace="b",pod="done"} 4 1015000
container_memory_working_set_bytes{container="a",namespace="b",pod="done"} 4096 1015000
"#,
        1015,
    ),
];

struct Cluster {
    nodes: Reader<Node>,
    pods: Reader<Pod>,
}

impl Objects for Cluster {
    fn nodes(&self) -> Option<Vec<Arc<Snapshot<Node>>>> {
        Some(vec![self.nodes.snapshot()?])
    }

    fn pods(&self) -> Option<Vec<Arc<Snapshot<Pod>>>> {
        Some(vec![self.pods.snapshot()?])
    }
}

fn reader<K: LocalObject + Decode + DeserializeOwned + Clone + PartialEq>(objects: &[Value]) -> Reader<K> {
    let (mut writer, reader) = store();
    let objects =
        objects.iter().map(|json| decode_json::<K>(json.to_string().as_bytes(), &Context::all()).unwrap());
    writer.apply([Event::Init].into_iter().chain(objects.map(Event::InitApply)).chain([Event::InitDone]));
    reader
}

struct Well;

impl Health for Well {
    fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    fn alive(&self) -> Result<(), String> {
        Ok(())
    }
}

/// An authority of certificates.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(parameters, key) }
    }

    fn issue(&self, name: &str, group: Option<&str>) -> PeerCertificates {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, name);
        if let Some(group) = group {
            parameters.distinguished_name.push(DnType::OrganizationName, group);
        }
        let certificate = parameters.signed_by(&KeyPair::generate().unwrap(), &self.issuer).unwrap();
        PeerCertificates(Arc::new([CertificateDer::from(certificate.der().to_vec())]))
    }
}

/// The API, with all that stands around it.
struct Api {
    router: Router,
    front: Authority,
    clients: Authority,
    /// What was asked of users.
    reviews: Arc<Mutex<Vec<Value>>>,
}

impl Api {
    fn new() -> Self {
        let nodes = reader::<Node>(&[
            json!({ "metadata": { "name": "n2", "uid": "2" } }),
            json!({ "metadata": { "name": "n1", "uid": "1", "labels": { "zone": "a" } } }),
        ]);
        let pod = |namespace: &str, name: &str, phase: &str, app: &str| {
            json!({
                "metadata": {
                    "namespace": namespace, "name": name, "uid": format!("{namespace}-{name}"),
                    "labels": { "app": app, "tier": "t" },
                },
                "spec": { "nodeName": "n1", "containers": [] },
                "status": { "phase": phase },
            })
        };
        let pods = reader::<Pod>(&[
            pod("x", "web-1", "Running", "web"),
            pod("x", "web-2", "Running", "web"),
            pod("b", "db", "Running", "db"),
            pod("b", "done", "Succeeded", "db"),
        ]);
        let usage = Usage::new(TERMS);
        for (answer, second) in ANSWERS {
            usage.record("n1", answer.as_bytes(), Timestamp::from_second(second).unwrap()).unwrap();
        }
        let (front, clients) = (Authority::new(), Authority::new());
        let map = json!({ "data": {
            "client-ca-file": clients.pem,
            "requestheader-client-ca-file": front.pem,
            "requestheader-allowed-names": r#"["front-proxy"]"#,
            "requestheader-username-headers": r#"["X-Remote-User"]"#,
            "requestheader-uid-headers": r#"["X-Remote-Uid"]"#,
            "requestheader-group-headers": r#"["X-Remote-Group"]"#,
            "requestheader-extra-headers-prefix": r#"["X-Remote-Extra-"]"#,
        }});
        let map: AuthenticationMap = serde_json::from_value(map).unwrap();
        let trust = Trust::new(Some(&map), &TrustFiles::default()).unwrap();
        let reviews = Arc::<Mutex<Vec<Value>>>::default();
        let client = reviewer(&reviews);
        let served = Served {
            objects: Arc::new(Cluster { nodes, pods }),
            usage: Arc::new(usage),
            health: Arc::new(Well),
            access: Arc::new(Access::new(move || client.clone(), Lifetimes::OF_AGGREGATED)),
            trust: Arc::new(ArcSwap::from_pointee(trust)),
            places: Arc::new(Semaphore::new(2)),
        };
        Self { router: router(served), front, clients, reviews }
    }

    async fn send(&self, request: Request<Body>) -> (u16, Value) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        (status, serde_json::from_slice(&body).unwrap_or(Value::String(text)))
    }

    /// As the API server asks for somebody.
    fn proxied(&self, user: &str, path: &str) -> Request<Body> {
        let mut request = Request::get(path).header("x-remote-user", user).body(Body::empty()).unwrap();
        request.extensions_mut().insert(self.front.issue("front-proxy", None));
        request
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(self.proxied("allowed", path)).await
    }

    async fn list(&self, path: &str) -> Vec<String> {
        let (status, list) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {list}");
        let name = |item: &Value| {
            let namespace = item["metadata"]["namespace"].as_str().unwrap_or_default();
            format!("{namespace}/{}", item["metadata"]["name"].as_str().unwrap())
        };
        list["items"].as_array().unwrap().iter().map(name).collect()
    }
}

/// An API server that allows all to users whose name is `allowed`, and knows their tokens by their names.
fn reviewer(reviews: &Arc<Mutex<Vec<Value>>>) -> kube::Client {
    let reviews = Arc::clone(reviews);
    let service = service_fn(move |request: Request<KubeBody>| {
        let reviews = Arc::clone(&reviews);
        async move {
            let body = request.into_body().collect_bytes().await?;
            let mut review: Value = serde_json::from_slice(&body).unwrap();
            if let Some(token) = review["spec"]["token"].as_str() {
                review["status"] = match token {
                    "expired" => json!({ "authenticated": false }),
                    user => {
                        json!({ "authenticated": true, "user": { "username": user, "groups": ["tokens"] } })
                    }
                };
            } else {
                review["status"] = json!({ "allowed": review["spec"]["user"] == "allowed" });
                reviews.lock().push(review["spec"].clone());
            }
            let answer =
                Response::builder().status(201).body(KubeBody::from(review.to_string().into_bytes()));
            Ok::<_, kube::Error>(answer.unwrap())
        }
    });
    kube::Client::new(service, "default")
}

#[tokio::test]
async fn nodes_say_what_they_use() {
    let api = Api::new();
    let (status, mut list) = api.get(NODES).await;
    assert_eq!(status, 200, "{list}");
    let made: Timestamp =
        list["items"][0]["metadata"]["creationTimestamp"].take().as_str().unwrap().parse().unwrap();
    assert!(Timestamp::now().as_second() - made.as_second() < 60);
    let mut node = json!({
        "metadata": { "name": "n1", "creationTimestamp": null, "labels": { "zone": "a" } },
        "timestamp": "1970-01-01T00:16:55Z",
        "window": "15s",
        "usage": { "cpu": "1", "memory": "2930Ki", "swap": "2Ki" },
    });
    let kind = |kind: &str| json!({ "kind": kind, "apiVersion": "metrics.k8s.io/v1beta1" });
    let mut expected = kind("NodeMetricsList");
    (expected["metadata"], expected["items"]) = (json!({}), json!([node]));
    assert_eq!(list, expected);

    let (status, mut one) = api.get("/apis/metrics.k8s.io/v1/nodes/n1").await;
    one["metadata"]["creationTimestamp"].take();
    (node["kind"], node["apiVersion"]) = ("NodeMetrics".into(), "metrics.k8s.io/v1".into());
    assert_eq!((status, one), (200, node));
}

#[tokio::test]
async fn pods_say_what_their_containers_use() {
    let api = Api::new();
    let (status, mut pod) = api.get("/apis/metrics.k8s.io/v1beta1/namespaces/x/pods/web-1").await;
    pod["metadata"]["creationTimestamp"].take();
    let expected = json!({
        "kind": "PodMetrics", "apiVersion": "metrics.k8s.io/v1beta1",
        "metadata": {
            "name": "web-1", "namespace": "x", "creationTimestamp": null, "labels": { "app": "web", "tier": "t" },
        },
        // Of the container that was measured first.
        "timestamp": "1970-01-01T00:16:51Z",
        "window": "11.2s",
        "containers": [
            { "name": "a", "usage": { "cpu": "100m", "memory": "8Ki" } },
            { "name": "b", "usage": { "cpu": pod["containers"][1]["usage"]["cpu"], "memory": "4Ki" } },
        ],
    });
    assert_eq!((status, &pod), (200, &expected));
    assert!(pod["containers"][1]["usage"]["cpu"].as_str().unwrap().ends_with('n'), "{pod}");
}

#[tokio::test]
async fn lists_are_sorted_and_selected() {
    let api = Api::new();
    for (path, names) in [
        (PODS.to_owned(), "b/db x/web-1"),
        (format!("{PODS}?labelSelector=app%3Dweb"), "x/web-1"),
        (format!("{PODS}?labelSelector=app%20in%20(db,web),tier"), "b/db x/web-1"),
        (format!("{PODS}?labelSelector=app!%3Dweb&limit=500"), "b/db"),
        (format!("{PODS}?fieldSelector=metadata.name%3Ddb"), "b/db"),
        (format!("{PODS}?fieldSelector=metadata.namespace!%3Db"), "x/web-1"),
        ("/apis/metrics.k8s.io/v1/namespaces/b/pods".to_owned(), "b/db"),
        ("/apis/metrics.k8s.io/v1/namespaces/none/pods".to_owned(), ""),
        (NODES.to_owned(), "/n1"),
        (format!("{NODES}?labelSelector=zone%3Db"), ""),
    ] {
        assert_eq!(api.list(&path).await.join(" "), names, "{path}");
    }
}

#[tokio::test]
async fn tables_have_the_columns_that_are_known() {
    let api = Api::new();
    let table = |path: &str| {
        let mut request = api.proxied("allowed", path);
        let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
        request.headers_mut().insert("accept", accept.parse().unwrap());
        request
    };
    let (_, table_of_pods) = api.send(table(&format!("{PODS}?limit=500"))).await;
    let columns: Vec<&Value> =
        table_of_pods["columnDefinitions"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
    assert_eq!(columns, ["Name", "cpu", "memory", "Window"]);
    assert_eq!(table_of_pods["kind"], "Table");
    let db = &table_of_pods["rows"][0];
    assert_eq!(db["cells"], json!(["db", "200m", "1Mi", "15s"]));
    assert_eq!(db["object"]["kind"], "PartialObjectMetadata");
    assert_eq!(db["object"]["metadata"]["namespace"], "b");
    assert_eq!(table_of_pods["rows"][1]["cells"][2], "12Ki");
    for (included, object) in [("None", Value::Null), ("Object", "NodeMetrics".into())] {
        let (_, table) = api.send(table(&format!("{NODES}/n1?includeObject={included}"))).await;
        assert_eq!(table["rows"][0]["cells"], json!(["n1", "1", "2930Ki", "15s"]));
        assert_eq!(table["rows"][0]["object"]["kind"], object, "{included}");
    }
}

#[tokio::test]
async fn what_can_not_be_answered_is_said_in_the_apis_form() {
    let api = Api::new();
    for (path, code, reason, message) in [
        (format!("{NODES}/none"), 404, "NotFound", "node \"none\" not found"),
        (format!("{NODES}/n2"), 404, "NotFound", "nodemetrics.metrics.k8s.io \"n2\" not found"),
        (
            "/apis/metrics.k8s.io/v1/namespaces/b/pods/done".to_owned(),
            404,
            "NotFound",
            "pods \"done\" not found",
        ),
        (
            "/apis/metrics.k8s.io/v1/namespaces/x/pods/web-2".to_owned(),
            404,
            "NotFound",
            "podmetrics.metrics.k8s.io \"x/web-2\" not found",
        ),
        (
            format!("{PODS}?fieldSelector=spec.nodeName%3Dn1"),
            400,
            "BadRequest",
            "\"spec.nodeName\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
        ),
        (
            format!("{PODS}?watch=true"),
            405,
            "MethodNotAllowed",
            "watch is not supported on resources of kind \"pods.metrics.k8s.io\"",
        ),
        ("/openapi/v3".to_owned(), 404, "NotFound", "the server could not find the requested resource"),
        (
            "/apis/metrics.k8s.io/v1/pods/p".to_owned(),
            404,
            "NotFound",
            "the server could not find the requested resource",
        ),
    ] {
        let (status, answer) = api.get(&path).await;
        assert_eq!((status, &answer["code"]), (code, &code.into()), "{path}: {answer}");
        assert_eq!((answer["reason"].as_str(), answer["message"].as_str()), (Some(reason), Some(message)));
        assert_eq!((answer["kind"].as_str(), answer["status"].as_str()), (Some("Status"), Some("Failure")));
    }
    let (status, answer) = api.get(&format!("{PODS}?labelSelector=a%20b")).await;
    assert_eq!((status, answer["reason"].as_str()), (400, Some("BadRequest")));
    let mut request = api.proxied("allowed", PODS);
    request.headers_mut().insert("accept", "application/vnd.kubernetes.protobuf".parse().unwrap());
    assert_eq!(api.send(request).await.0, 406);
    let mut request = api.proxied("allowed", PODS);
    *request.method_mut() = Method::POST;
    let (status, answer) = api.send(request).await;
    assert_eq!((status, answer["message"].as_str().map(|text| text.contains("create"))), (405, Some(true)));
}

#[tokio::test]
async fn what_there_is_can_be_discovered() {
    let api = Api::new();
    let (status, resources) = api.get("/apis/metrics.k8s.io/v1beta1").await;
    assert_eq!((status, resources["groupVersion"].as_str()), (200, Some("metrics.k8s.io/v1beta1")));
    let known: Vec<String> = resources["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {} {}", one["name"], one["kind"], one["namespaced"], one["verbs"]))
        .collect();
    assert_eq!(
        known,
        [r#""nodes" "NodeMetrics" false ["get","list"]"#, r#""pods" "PodMetrics" true ["get","list"]"#]
    );
    let (_, group) = api.get("/apis/metrics.k8s.io").await;
    assert_eq!(
        (group["kind"].as_str(), group["preferredVersion"]["version"].as_str()),
        (Some("APIGroup"), Some("v1"))
    );
    let (_, groups) = api.get("/apis").await;
    assert_eq!(groups["kind"], "APIGroupList");
    for version in ["v2", "v2beta1"] {
        let mut request = api.proxied("allowed", "/apis");
        let accept = format!("application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList");
        request.headers_mut().insert("accept", accept.parse().unwrap());
        let (_, aggregated) = api.send(request).await;
        assert_eq!(aggregated["apiVersion"], format!("apidiscovery.k8s.io/{version}"));
        assert_eq!(
            aggregated["items"][0]["versions"][1]["resources"][1]["responseKind"]["kind"],
            "PodMetrics"
        );
    }
}

#[tokio::test]
async fn users_are_who_the_api_server_says() {
    let api = Api::new();
    let mut request =
        api.proxied("allowed", "/apis/metrics.k8s.io/v1/namespaces/x/pods?fieldSelector=metadata.name%3Dp");
    for (name, value) in [
        ("x-remote-uid", "7"),
        ("x-remote-group", "one"),
        ("x-remote-group", "two"),
        ("x-remote-extra-example.com%2fscope", "s"),
    ] {
        request.headers_mut().append(name, value.parse().unwrap());
    }
    assert_eq!(api.send(request).await.0, 200);
    assert_eq!(
        *api.reviews.lock(),
        [json!({
            "user": "allowed", "uid": "7", "groups": ["one", "two", "system:authenticated"],
            "extra": { "example.com/scope": ["s"] },
            "resourceAttributes": {
                "group": "metrics.k8s.io", "version": "v1", "resource": "pods", "verb": "list",
                "namespace": "x", "name": "p",
            },
        })]
    );
}

#[tokio::test]
async fn whoever_is_not_vouched_for_gets_nothing() {
    let api = Api::new();
    let with = |certificate: Option<PeerCertificates>, headers: &[(&str, &str)]| {
        let mut request = Request::get(NODES).body(Body::empty()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        request.extensions_mut().extend(
            certificate
                .map(|certificate| {
                    let mut extensions = http::Extensions::new();
                    extensions.insert(certificate);
                    extensions
                })
                .unwrap_or_default(),
        );
        request
    };
    let allowed = [("x-remote-user", "allowed")];
    let other = Authority::new();
    for (what, certificate, headers, code) in [
        ("headers without a certificate", None, &allowed[..], 403),
        ("another authority", Some(other.issue("front-proxy", None)), &allowed, 401),
        ("another name", Some(api.front.issue("somebody", None)), &allowed, 401),
        ("a user's certificate does not vouch", Some(api.clients.issue("denied", None)), &allowed, 403),
        ("the front itself is nobody", Some(api.front.issue("front-proxy", None)), &[], 401),
        ("a user's certificate", Some(api.clients.issue("allowed", None)), &[], 200),
        ("a master's certificate", Some(api.clients.issue("anybody", Some("system:masters"))), &[], 200),
        ("a token", None, &[("authorization", "Bearer allowed")], 200),
        ("somebody else's token", None, &[("authorization", "Bearer denied")], 403),
        ("a token that is none", None, &[("authorization", "Bearer expired")], 401),
        (
            "a token besides a certificate",
            Some(other.issue("x", None)),
            &[("authorization", "Bearer allowed")],
            200,
        ),
        ("nothing at all", None, &[], 403),
    ] {
        let (status, answer) = api.send(with(certificate, headers)).await;
        assert_eq!(status, code, "{what}: {answer}");
    }
    let (_, answer) = api.send(with(None, &[])).await;
    assert_eq!(
        answer["message"],
        "nodes.metrics.k8s.io is forbidden: User \"system:anonymous\" cannot list resource \"nodes\" in API group \
         \"metrics.k8s.io\" at the cluster scope"
    );
    let (_, answer) = api.send(api.proxied("denied", "/apis")).await;
    assert_eq!(answer["message"], "forbidden: User \"denied\" cannot get path \"/apis\"");
    for path in ["/healthz", "/livez", "/readyz"] {
        assert_eq!(api.send(Request::get(path).body(Body::empty()).unwrap()).await.0, 200, "{path}");
    }
}

#[test]
fn what_is_said_of_trust_must_make_sense() {
    let trust = |key: &str, value: &str| {
        let map = json!({ "data": { "requestheader-client-ca-file": Authority::new().pem, key: value } });
        let map: AuthenticationMap = serde_json::from_value(map).unwrap();
        Trust::new(Some(&map), &TrustFiles::default()).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(trust("requestheader-group-headers", r#"["X-Remote-Group"]"#), Ok(()));
    assert!(
        trust("requestheader-group-headers", "X-Remote-Group")
            .unwrap_err()
            .contains("requestheader-group-headers")
    );
    assert!(trust("client-ca-file", "nonsense").unwrap_err().contains("client-ca-file"));
    let nobody = Trust::new(None, &TrustFiles::default()).unwrap();
    assert!(nobody.clients.is_none() && nobody.front.is_none());
}
