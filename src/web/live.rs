//! The configuration in force, which follows its files.

use super::{
    Certificate, Fault, RateLimit, Users, WebConfigError,
    file::{File, Headers, Rate},
    files::Files,
    tls,
};
use crate::files::Fingerprint;
use arc_swap::ArcSwap;
use http::{
    HeaderName, HeaderValue,
    header::{
        CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        X_XSS_PROTECTION,
    },
};
use parking_lot::Mutex;
use rustls::ServerConfig;
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A web configuration file, or a certificate, whose changes take effect for the next connection or
/// request. A change that can't be used leaves the old configuration in force.
#[derive(Debug)]
pub struct WebConfig {
    source: Source,
    current: ArcSwap<InForce>,
    /// What the files held when they could not be used.
    refused: Mutex<Option<Fingerprint>>,
}

#[derive(Debug)]
enum Source {
    File(PathBuf),
    Certificate(Certificate),
}

#[derive(Debug)]
struct InForce {
    read: Fingerprint,
    settings: Arc<Settings>,
}

/// What a web configuration file asks for.
#[derive(Debug)]
pub struct Settings {
    /// How connections are made secure; plain HTTP without.
    pub tls: Option<Arc<ServerConfig>>,
    /// Whether HTTP/2 is spoken.
    pub http2: bool,
    /// Headers of all answers.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Who may ask, everybody where there are none.
    pub users: Users,
    /// How many requests are answered.
    pub rate_limit: Option<RateLimit>,
}

impl WebConfig {
    /// Reads the file and all that it names.
    pub fn load(path: &Path) -> Result<Self, WebConfigError> {
        Self::begin(Source::File(path.to_owned()))
    }

    /// What there is to a port that has a certificate and nothing else.
    pub fn of_certificate(certificate: Certificate) -> Result<Self, WebConfigError> {
        Self::begin(Source::Certificate(certificate))
    }

    fn begin(source: Source) -> Result<Self, WebConfigError> {
        let mut files = source.files();
        let settings = source
            .read(&mut files, false)
            .and_then(|file| Settings::new(file, &mut files))
            .map_err(|fault| fault.at(&source))?;
        let current = InForce { read: files.fingerprint(), settings: Arc::new(settings) };
        Ok(Self { source, current: ArcSwap::from_pointee(current), refused: Mutex::default() })
    }

    /// The file; empty where there is only a certificate.
    pub fn path(&self) -> &Path {
        match &self.source {
            Source::File(path) => path,
            Source::Certificate(_) => Path::new(""),
        }
    }

    /// The settings in force, without a look at the files.
    pub fn in_force(&self) -> Arc<Settings> {
        Arc::clone(&self.current.load().settings)
    }

    /// Whether the files as they are can't be used.
    pub fn is_refused(&self) -> bool {
        self.refused.lock().is_some()
    }

    /// The settings of the moment: reads the files, and follows them where they have changed.
    pub async fn current(self: &Arc<Self>) -> Arc<Settings> {
        let this = Arc::clone(self);
        tokio::task::spawn_blocking(move || this.follow()).await.unwrap_or_else(|_| self.in_force())
    }

    fn follow(&self) -> Arc<Settings> {
        let current = self.current.load_full();
        if current.read.holds() && !self.is_refused() {
            // Not what is in force by now, which another may have replaced by what it read earlier.
            return Arc::clone(&current.settings);
        }
        let mut refused = self.refused.lock();
        if self.current.load().read.holds() {
            if refused.take().is_some() {
                tracing::info!(at = %self.source, "The web configuration is again as it is in force.");
            }
            return self.in_force();
        }
        if refused.as_ref().is_some_and(Fingerprint::holds) {
            return self.in_force();
        }
        let mut files = self.source.files();
        let settings = self.source.read(&mut files, true).and_then(|file| self.next(file, &mut files));
        let read = files.fingerprint();
        match settings {
            Ok(settings) => {
                tracing::info!(at = %self.source, "The web configuration or one of its files has changed and is in force.");
                self.current.store(Arc::new(InForce { read, settings: Arc::new(settings) }));
                *refused = None;
            }
            Err(fault) => {
                tracing::error!(error = %fault.at(&self.source), "A changed web configuration can't be used, the old one stays in force.");
                *refused = Some(read);
            }
        }
        self.in_force()
    }

    fn next(&self, file: File, files: &mut Files) -> Result<Settings, Fault> {
        let next = Settings::new(file, files)?;
        match (self.in_force().tls.is_some(), next.tls.is_some()) {
            (true, false) => Err(Fault::Switched("off")),
            (false, true) => Err(Fault::Switched("on")),
            _ => Ok(next),
        }
    }
}

impl Source {
    fn files(&self) -> Files {
        Files::beside(match self {
            Self::File(path) => path,
            Self::Certificate(_) => Path::new(""),
        })
    }

    /// What it says, where a file that is read again must not have become empty.
    fn read(&self, files: &mut Files, again: bool) -> Result<File, Fault> {
        match self {
            Self::File(path) => match files.read_first(path)?.as_slice() {
                [] if again => Err(Fault::Emptied),
                bytes => File::parse(bytes),
            },
            Self::Certificate(certificate) => certificate.file(files),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "--tls-config {}", path.display()),
            Self::Certificate(_) => f.write_str("--secure-port"),
        }
    }
}

impl Settings {
    fn new(file: File, files: &mut Files) -> Result<Self, Fault> {
        let File { tls_server_config, http_server_config, basic_auth_users, rate_limit } = file;
        let http = http_server_config.unwrap_or_default();
        let http2 = http.http2.unwrap_or(true);
        let users = Users::new(basic_auth_users.unwrap_or_default())?;
        let rate_limit = rate_limit.as_ref().and_then(limit);
        if rate_limit.is_some_and(|limit| limit.burst == 0) {
            tracing::warn!("The web configuration answers no request at all: its rate_limit has no burst.");
        }
        let tls = tls::server_config(&tls_server_config.unwrap_or_default(), http2, files)?;
        Ok(Self {
            tls: tls.map(Arc::new),
            http2,
            headers: headers(http.headers.unwrap_or_default())?,
            users,
            rate_limit,
        })
    }
}

fn headers(headers: Headers) -> Result<Vec<(HeaderName, HeaderValue)>, Fault> {
    let set = [
        (CONTENT_SECURITY_POLICY, headers.content_security_policy),
        (X_FRAME_OPTIONS, headers.x_frame_options),
        (X_CONTENT_TYPE_OPTIONS, headers.x_content_type_options),
        (X_XSS_PROTECTION, headers.x_xss_protection),
        (STRICT_TRANSPORT_SECURITY, headers.strict_transport_security),
    ];
    let set = set.into_iter().filter(|(_, value)| !value.is_empty());
    set.map(|(name, value)| {
        let value = HeaderValue::try_from(value)
            .map_err(|error| Fault::material(name.as_str(), error.to_string()))?;
        Ok((name, value))
    })
    .collect()
}

/// No limit without an interval. A burst below zero allows as little as none.
fn limit(rate: &Rate) -> Option<RateLimit> {
    let interval = rate.interval.unwrap_or_default().0;
    let burst = u32::try_from(rate.burst.unwrap_or_default().max(0)).unwrap_or(u32::MAX);
    (!interval.is_zero()).then_some(RateLimit { interval, burst })
}
