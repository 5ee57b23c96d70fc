//! Where the API server is and who asks: what the flags, a kubeconfig or the pod say.

use crate::files::Fingerprint;
use http::{HeaderValue, Uri, header::USER_AGENT};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use kube::config::{Cluster, Config, InClusterError, KubeConfigOptions, Kubeconfig, KubeconfigError};
use std::{net::IpAddr, path::PathBuf, time::Duration};

/// Where the configuration comes from. When both fields are empty it is that of the pod's service
/// account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// A kubeconfig, whose current context is used.
    pub kubeconfig: Option<PathBuf>,
    /// The API server's URL, which replaces the kubeconfig's. Alone, it is used without
    /// credentials. Without a scheme it means `http`.
    pub apiserver: Option<String>,
}

/// Why there is no configuration. Each is one line that names the flag or the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The kubeconfig cannot be read or used.
    #[error("--kubeconfig {path}: {source}")]
    Kubeconfig {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: KubeconfigError,
    },
    /// The URL is none.
    #[error("--apiserver {0}: not a URL such as https://host:6443")]
    Apiserver(String),
    /// No flag says where the API server is and this is no pod either.
    #[error("neither --kubeconfig nor --apiserver is given, and this is no pod with a service account: {0}")]
    InCluster(#[source] InClusterError),
    /// The proxy has a scheme that is not spoken here.
    #[error("proxy {0}: only http, https, socks5 and socks5h proxies are supported")]
    Proxy(String),
    /// The credentials cannot be used.
    #[error("the API client cannot be set up: {0}")]
    Client(#[source] super::ClientError),
}

/// A configuration, and the files it was made from.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: Config,
    pub(super) proxy: Option<Intercept>,
    files: Vec<PathBuf>,
    held: Fingerprint,
}

impl Loaded {
    /// A configuration that no file stands behind.
    pub(super) fn fixed(config: Config) -> Self {
        Self { config, proxy: None, files: Vec::new(), held: Fingerprint::default() }
    }

    /// True where a file has other contents by now.
    pub(super) fn is_stale(&self) -> bool {
        !self.held.holds()
    }

    /// What the files that it comes from hold now.
    pub(super) fn files_now(&self) -> Fingerprint {
        Fingerprint::of(&self.files)
    }

    /// True where both come from files with the same contents.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.held == other.held
    }
}

impl Source {
    /// Reads the configuration.
    pub(super) async fn load(&self) -> Result<Loaded, ConfigError> {
        let apiserver = self.apiserver.as_deref().map(parse_url).transpose()?;
        let mut loaded = match (&self.kubeconfig, apiserver) {
            (Some(path), apiserver) => from_kubeconfig(path, apiserver).await?,
            (None, Some(url)) => {
                let proxy = from_environment(&url)?;
                Loaded { proxy, ..Loaded::fixed(Config::new(url)) }
            }
            (None, None) => {
                let config = Config::incluster().map_err(ConfigError::InCluster)?;
                let proxy = from_environment(&config.cluster_url)?;
                // The token is read again by the client itself.
                Loaded { proxy, files: vec![SERVICE_ACCOUNT_CA.into()], ..Loaded::fixed(config) }
            }
        };
        trim_token(&mut loaded);
        loaded.config.headers.push((USER_AGENT, user_agent()));
        loaded.config.connect_timeout = Some(CONNECT_TIMEOUT);
        loaded.held = Fingerprint::of(&loaded.files);
        Ok(loaded)
    }
}

/// Where a pod finds the certificate authority of its API server.
const SERVICE_ACCOUNT_CA: &str = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// The name that the API server's audit log knows us by, with Go's words for the platform.
pub(super) fn user_agent() -> HeaderValue {
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let text = format!("kstate/{} ({}/{arch})", env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    HeaderValue::try_from(text).expect("versions and platforms are ASCII")
}

fn parse_url(text: &str) -> Result<Uri, ConfigError> {
    let full = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    full.parse::<Uri>()
        .ok()
        .filter(|url| matches!(url.scheme_str(), Some("http" | "https")))
        .filter(|url| url.host().is_some_and(|host| !host.is_empty()))
        .ok_or_else(|| ConfigError::Apiserver(text.to_owned()))
}

async fn from_kubeconfig(path: &PathBuf, apiserver: Option<Uri>) -> Result<Loaded, ConfigError> {
    let error = |source| ConfigError::Kubeconfig { path: path.clone(), source };
    let mut kubeconfig = Kubeconfig::read_from(path).map_err(error)?;
    let mut files = vec![path.clone()];
    let mut proxy_url = None;
    if let Some(cluster) = current_cluster(&mut kubeconfig) {
        if let Some(url) = apiserver {
            cluster.server = Some(url.to_string());
        }
        files.extend(cluster.certificate_authority.iter().map(PathBuf::from));
        proxy_url = cluster.proxy_url.clone().filter(|url| !url.is_empty());
    }
    let options = KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(error)?;
    let user = &config.auth_info;
    files.extend(user.client_certificate.iter().chain(&user.client_key).map(PathBuf::from));
    let proxy = match proxy_url {
        Some(url) => Some(explicit_proxy(&url, &config.cluster_url)?),
        None => from_environment(&config.cluster_url)?,
    };
    Ok(Loaded { config, proxy, files, held: Fingerprint::default() })
}

fn current_cluster(kubeconfig: &mut Kubeconfig) -> Option<&mut Cluster> {
    let current = kubeconfig.current_context.as_ref()?;
    let context = kubeconfig.contexts.iter().find(|context| context.name == *current)?;
    let name = &context.context.as_ref()?.cluster;
    kubeconfig.clusters.iter_mut().find(|cluster| cluster.name == *name)?.cluster.as_mut()
}

/// The proxy of a kubeconfig, which `NO_PROXY` does not switch off, as in client-go.
fn explicit_proxy(proxy: &str, server: &Uri) -> Result<Intercept, ConfigError> {
    // Its rules are matched here rather than by kube, which compares `NO_PROXY` with the proxy's
    // own name instead of the server's.
    let unsupported = || ConfigError::Proxy(proxy.to_owned());
    let found = Matcher::builder().all(proxy.to_owned()).build().intercept(server).ok_or_else(unsupported)?;
    if supported(&found) { Ok(found) } else { Err(unsupported()) }
}

/// The proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` ask for. As in Go, a server on this
/// machine is never asked through one.
fn from_environment(server: &Uri) -> Result<Option<Intercept>, ConfigError> {
    if server.host().is_some_and(is_local) {
        return Ok(None);
    }
    match Matcher::from_env().intercept(server) {
        Some(proxy) if !supported(&proxy) => Err(ConfigError::Proxy(proxy.uri().to_string())),
        proxy => Ok(proxy),
    }
}

fn supported(proxy: &Intercept) -> bool {
    matches!(proxy.uri().scheme_str(), Some("http" | "https" | "socks5" | "socks5h"))
}

fn is_local(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// kube takes a token file as it is and fails at the newline that most editors leave at its end.
fn trim_token(loaded: &mut Loaded) {
    let user = &mut loaded.config.auth_info;
    let Some(file) = &user.token_file else { return };
    if user.token.is_none()
        && let Ok(token) = std::fs::read_to_string(file)
        && token.trim() != token
    {
        loaded.files.push(file.into());
        user.token = Some(token.trim().to_owned().into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const KUBECONFIG: &str = "
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: 'https://10.0.0.1:6443', proxy-url: 'socks5://me:pa%40ss@proxy:1080'}}]
users: [{name: u, user: {tokenFile: token}}]
";

    fn folder(kubeconfig: &str) -> (tempfile::TempDir, Source) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        std::fs::write(&path, kubeconfig).unwrap();
        (folder, Source { kubeconfig: Some(path), apiserver: None })
    }

    #[tokio::test]
    async fn a_kubeconfig_names_server_proxy_and_user() {
        let (folder, mut source) = folder(KUBECONFIG);
        std::fs::write(folder.path().join("token"), "secret\n").unwrap();
        let loaded = source.load().await.unwrap();
        assert_eq!(loaded.config.cluster_url, "https://10.0.0.1:6443/");
        assert!(loaded.config.auth_info.token.is_some(), "the token's newline was trimmed");
        let proxy = loaded.proxy.as_ref().unwrap();
        assert_eq!(proxy.uri(), "socks5://proxy:1080/");
        assert_eq!(proxy.raw_auth(), Some(("me", "pa@ss")));

        assert!(!loaded.is_stale());
        std::fs::write(folder.path().join("token"), "other\n").unwrap();
        assert!(loaded.is_stale());

        source.apiserver = Some("127.0.0.1:8001".to_owned());
        assert_eq!(source.load().await.unwrap().config.cluster_url, "http://127.0.0.1:8001/");
    }

    #[tokio::test]
    async fn what_is_wrong_is_one_line_that_names_the_flag() {
        let url = Source { kubeconfig: None, apiserver: Some("ftp://x".to_owned()) };
        let line = url.load().await.unwrap_err().to_string();
        assert_eq!(line, "--apiserver ftp://x: not a URL such as https://host:6443");

        let missing = Source { kubeconfig: Some(Path::new("/nowhere/config").into()), apiserver: None };
        let line = missing.load().await.unwrap_err().to_string();
        assert!(line.starts_with("--kubeconfig /nowhere/config: ") && !line.contains('\n'), "{line}");

        let (_folder, source) = folder(&KUBECONFIG.replace("socks5:", "gopher:"));
        let line = source.load().await.unwrap_err().to_string();
        assert!(line.starts_with("proxy gopher:"), "{line}");
    }

    #[test]
    fn servers_on_this_machine_are_local() {
        for host in ["localhost", "127.0.0.1", "127.8.0.1", "[::1]"] {
            assert!(is_local(host), "{host}");
        }
        assert!(!is_local("10.0.0.1") && !is_local("api.example.com"));
    }
}
