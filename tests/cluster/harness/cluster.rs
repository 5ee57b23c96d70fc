//! etcd and kube-apiserver on free ports of the loopback interface.

use super::{
    components::component,
    eventually,
    http::post,
    kubeconfig::{Account, write_kubeconfig},
    ports::free_port,
    process::Process,
};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;

/// Who may do everything.
pub(crate) const ADMIN: Account = Account { user: "admin", token: "admin-token", group: "system:masters" };
/// Who may do nothing until somebody allows it.
pub(crate) const EXPORTER: Account = Account { user: "exporter", token: "exporter-token", group: "" };

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(90);

/// Parts of the API server that would have a say in the objects of a test: these name accounts,
/// classes and namespaces that are not there, and there are limits, quotas, policies and webhooks
/// among them. Flags can enable them again.
const WITHOUT: [&str; 16] = [
    "DefaultIngressClass",
    "DefaultStorageClass",
    "DefaultTolerationSeconds",
    "LimitRanger",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionWebhook",
    "NamespaceLifecycle",
    "PodSecurity",
    "Priority",
    "ResourceQuota",
    "RuntimeClass",
    "ServiceAccount",
    "StorageObjectInUseProtection",
    "TaintNodesByCondition",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionWebhook",
];

/// The API of a cluster without nodes and controllers.
#[derive(Debug)]
pub(crate) struct Cluster {
    apiserver: Process,
    _etcd: Process,
    etcd_port: u16,
    port: u16,
    flags: Vec<String>,
    folder: TempDir,
}

impl Cluster {
    /// Starts a cluster, with further flags for its API server, and waits until it is ready.
    pub(crate) async fn start(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (etcd_port, port) = (free_port(), free_port());
        let tokens: String = [ADMIN, EXPORTER]
            .map(|Account { user, token, group }| format!("{token},{user},{user},\"{group}\"\n"))
            .concat();
        fs::write(folder.path().join("tokens.csv"), tokens).unwrap();
        let flags: Vec<String> = flags.iter().map(ToString::to_string).collect();
        let etcd = start_etcd(folder.path(), etcd_port);
        let apiserver = start_apiserver(folder.path(), etcd_port, port, &flags);
        let mut cluster = Self { apiserver, _etcd: etcd, etcd_port, port, flags, folder };
        let authority = cluster.authority();
        write_kubeconfig(&cluster.kubeconfig(), &cluster.url(), Some(&authority), ADMIN);
        cluster.wait_until_ready().await;
        cluster
    }

    /// Kills the API server at once. etcd and all objects stay.
    pub(crate) fn kill_apiserver(&mut self) {
        self.apiserver.kill();
    }

    /// Starts the API server again with other flags and waits until it is ready.
    pub(crate) async fn restart_apiserver(&mut self, flags: &[&str]) {
        self.kill_apiserver();
        self.flags = flags.iter().map(ToString::to_string).collect();
        self.start_apiserver().await;
    }

    /// Starts the API server again and waits until it is ready.
    pub(crate) async fn start_apiserver(&mut self) {
        self.apiserver = start_apiserver(self.folder.path(), self.etcd_port, self.port, &self.flags);
        self.wait_until_ready().await;
    }

    /// Forgets all earlier states of all objects, so that nothing can be watched from one of them.
    pub(crate) async fn compact_etcd(&self) {
        let url = |call| format!("http://127.0.0.1:{}/v3/kv/{call}", self.etcd_port);
        let range = post(&url("range"), &json!({ "key": "AA==" })).await.unwrap();
        let range: Value = serde_json::from_slice(&range.body).unwrap();
        let revision = &range["header"]["revision"];
        let answer =
            post(&url("compaction"), &json!({ "revision": revision, "physical": true })).await.unwrap();
        assert_eq!(answer.status, 200, "{revision}: {}", answer.text());
    }

    /// The port of the API server.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Where a file of the test may be written.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The administrator's kubeconfig.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.path().join("admin.kubeconfig")
    }

    /// A kubeconfig for an account that goes through a port of the loopback interface to the API
    /// server.
    pub(crate) fn kubeconfig_through(&self, port: u16, account: Account) -> PathBuf {
        let file = self.folder.path().join(format!("{}-{port}.kubeconfig", account.user));
        write_kubeconfig(&file, &format!("https://127.0.0.1:{port}"), Some(&self.authority()), account);
        file
    }

    /// A client that may do everything.
    pub(crate) async fn client(&self) -> Client {
        self.try_client().await.unwrap()
    }

    /// What kubectl prints as the administrator.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new(component("kubectl"))
            .arg("--kubeconfig")
            .arg(self.kubeconfig())
            .args(["--cache-dir".as_ref(), self.folder.path().join("kubectl").as_os_str()])
            .args(arguments)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "kubectl {arguments:?} ended with {}: {errors}", output.status);
        output.stdout
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("certificates/apiserver.crt")
    }

    async fn try_client(&self) -> Result<Client, String> {
        let kubeconfig = Kubeconfig::read_from(self.kubeconfig()).map_err(|error| error.to_string())?;
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
            .await
            .map_err(|error| error.to_string())?;
        Client::try_from(config).map_err(|error| error.to_string())
    }

    async fn wait_until_ready(&mut self) {
        eventually("the start of kube-apiserver", START, async || {
            self.apiserver.assert_running();
            let client = self.try_client().await?;
            let request = http::Request::get("/readyz").body(Vec::new()).unwrap();
            client.request_text(request).await.map_err(|error| error.to_string())
        })
        .await;
    }
}

fn start_etcd(folder: &Path, port: u16) -> Process {
    let clients = format!("http://127.0.0.1:{port}");
    let peers = format!("http://127.0.0.1:{}", free_port());
    let mut command = Command::new(component("etcd"));
    command
        .args(["--name=test", "--unsafe-no-fsync", "--log-level=warn"])
        .arg(format!("--data-dir={}", folder.join("etcd").display()))
        .arg(format!("--listen-client-urls={clients}"))
        .arg(format!("--advertise-client-urls={clients}"))
        .arg(format!("--listen-peer-urls={peers}"))
        .arg(format!("--initial-advertise-peer-urls={peers}"))
        .arg(format!("--initial-cluster=test={peers}"));
    Process::start("etcd", folder, &mut command)
}

fn start_apiserver(folder: &Path, etcd_port: u16, port: u16, flags: &[String]) -> Process {
    // The certificate is made by the first start. Its key signs the tokens of service accounts too,
    // of which there are none.
    let certificates = folder.join("certificates");
    let key = certificates.join("apiserver.key");
    let enabled: Vec<&str> =
        flags.iter().filter_map(|flag| flag.strip_prefix("--enable-admission-plugins=")).collect();
    let without: Vec<&str> = WITHOUT
        .into_iter()
        .filter(|name| !enabled.join(",").split(',').any(|plugin| plugin == *name))
        .collect();
    let mut command = Command::new(component("kube-apiserver"));
    command
        .arg(format!("--etcd-servers=http://127.0.0.1:{etcd_port}"))
        .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"])
        .arg(format!("--secure-port={port}"))
        .arg(format!("--cert-dir={}", certificates.display()))
        .arg(format!("--service-account-key-file={}", key.display()))
        .arg(format!("--service-account-signing-key-file={}", key.display()))
        .arg("--service-account-issuer=https://kubernetes.default.svc")
        .arg("--authorization-mode=RBAC")
        .arg(format!("--token-auth-file={}", folder.join("tokens.csv").display()))
        .args(["--service-cluster-ip-range=10.0.0.0/16,fd00::/108", "--allow-privileged"])
        .arg(format!("--disable-admission-plugins={}", without.join(",")))
        .args(flags);
    Process::start("kube-apiserver", folder, &mut command)
}
