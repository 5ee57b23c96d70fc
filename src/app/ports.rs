//! The two ports: bound, opened, and opened otherwise while they are in use.

use super::Failure;
use crate::{
    config::{Serving, ServingLimits},
    server::{Answers, Limits, Listener, Served, Shutdown, Terms, main_router, telemetry_router},
    web::{WebConfig, WebConfigError},
};
use axum::Router;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::{sync::watch, task::JoinSet};

/// A host and a port, as they were asked for.
pub(super) type Asked = (IpAddr, u16);

/// Both ports, bound, and how they are to be served.
pub(super) struct Ports {
    main: (Asked, Listener),
    telemetry: (Asked, Listener),
    limits: Limits,
    pub(super) web: Option<Arc<WebConfig>>,
}

impl Ports {
    pub(super) fn bind(serving: &Serving) -> Result<Self, Failure> {
        let web = serving.web_config.as_deref().map(WebConfig::load).transpose()?;
        Ok(Self {
            main: (serving.main, bind("--port", serving.main)?),
            telemetry: (serving.telemetry, bind("--telemetry-port", serving.telemetry)?),
            limits: serving.limits.into(),
            web: web.map(Arc::new),
        })
    }

    /// How the ports are to be opened.
    pub(super) fn scheme(&self) -> &'static str {
        scheme(self.web.as_deref())
    }

    /// The addresses of the main and the telemetry port.
    pub(super) fn addresses(&self) -> (SocketAddr, SocketAddr) {
        (self.main.1.address(), self.telemetry.1.address())
    }

    /// Begins to serve.
    pub(super) fn open(self, served: Served) -> OpenPorts {
        let Self { main, telemetry, limits, web } = self;
        let shutdown = Shutdown::new();
        let mut serving = JoinSet::new();
        let (to_main, to_telemetry) = answers(&served, limits, web.as_ref());
        let main = OpenPort::open(main, to_main, &shutdown, &mut serving);
        let telemetry = OpenPort::open(telemetry, to_telemetry, &shutdown, &mut serving);
        let ports = OpenPorts { main, telemetry, web, served, shutdown, serving };
        ports.tell();
        ports
    }
}

pub(super) fn bind(flag: &str, (host, port): Asked) -> Result<Listener, Failure> {
    Listener::bind(host, port).map_err(|error| Failure::Runtime(anyhow::anyhow!("{flag}: {error}")))
}

fn scheme(web: Option<&WebConfig>) -> &'static str {
    if web.is_some_and(|web| web.in_force().tls.is_some()) { "https" } else { "http" }
}

fn answers(served: &Served, limits: Limits, web: Option<&Arc<WebConfig>>) -> (Answers, Answers) {
    let answers = |router: Router, limits| Answers { router, terms: Terms { limits, web: web.cloned() } };
    (
        answers(main_router(served.clone()), limits),
        answers(telemetry_router(served.clone()), Limits::TELEMETRY),
    )
}

impl From<WebConfigError> for Failure {
    fn from(error: WebConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<ServingLimits> for Limits {
    fn from(limits: ServingLimits) -> Self {
        let ServingLimits { read, read_header, write, idle } = limits;
        Self { read_header, read, write, idle }
    }
}

/// Both ports while they are served.
pub(super) struct OpenPorts {
    main: OpenPort,
    telemetry: OpenPort,
    web: Option<Arc<WebConfig>>,
    served: Served,
    shutdown: Shutdown,
    /// Those that were given up finish their answers.
    serving: JoinSet<()>,
}

/// A port while it is served.
pub(super) struct OpenPort {
    asked: Asked,
    pub(super) address: SocketAddr,
    pub(super) answers: watch::Sender<Answers>,
    pub(super) shutdown: Shutdown,
}

/// What another configuration of the ports takes: sockets and a web configuration in place of those
/// in use.
pub(super) struct Prepared {
    main: Option<(Asked, Listener)>,
    telemetry: Option<(Asked, Listener)>,
    pub(super) web: Option<Arc<WebConfig>>,
}

impl OpenPorts {
    /// What is served.
    pub(super) fn served(&self) -> &Served {
        &self.served
    }

    /// Binds and reads what another configuration needs besides what is in use. What is in use stays.
    pub(super) fn prepare(&self, serving: &Serving) -> Result<Prepared, Failure> {
        let web = match (&self.web, serving.web_config.as_deref()) {
            (Some(web), Some(path)) if web.path() == path => Some(Arc::clone(web)),
            (_, Some(path)) => Some(Arc::new(WebConfig::load(path)?)),
            (_, None) => None,
        };
        let main = self.another(&self.main, "--port", serving.main)?;
        let telemetry = self.another(&self.telemetry, "--telemetry-port", serving.telemetry)?;
        Ok(Prepared { main, telemetry, web })
    }

    /// What of a configuration takes a restart, as lines that name flags.
    pub(super) fn restarts(&self, serving: &Serving) -> Vec<String> {
        let ports = [
            (&self.main, serving.main, ["--host", "--port"]),
            (&self.telemetry, serving.telemetry, ["--telemetry-host", "--telemetry-port"]),
        ];
        let blocked = ports.into_iter().filter(|(port, asked, _)| port.asked != *asked && self.holds(*asked));
        let lines = blocked.map(|(port, (host, number), [host_flag, port_flag])| {
            if number == port.asked.1 {
                let used = port.asked.0;
                format!("{host_flag}={host} takes a restart: port {number} is still in use for {used}")
            } else {
                format!("{port_flag}={number} takes a restart: this process still uses it otherwise")
            }
        });
        lines.collect()
    }

    /// A socket for another address of a port; `None` where that in use has to do.
    fn another(
        &self,
        port: &OpenPort,
        flag: &str,
        asked: Asked,
    ) -> Result<Option<(Asked, Listener)>, Failure> {
        if asked == port.asked || self.holds(asked) {
            return Ok(None);
        }
        Ok(Some((asked, bind(flag, asked)?)))
    }

    /// Whether a socket in use keeps an address from being bound: one of the same port, whatever its
    /// host.
    fn holds(&self, (_, number): Asked) -> bool {
        number != 0 && [&self.main, &self.telemetry].into_iter().any(|port| port.asked.1 == number)
    }

    /// Serves something else, and elsewhere where that was prepared. Connections of before are closed
    /// once their answers are finished.
    pub(super) fn serve(&mut self, prepared: Prepared, served: Served, limits: ServingLimits) {
        let Prepared { main, telemetry, web } = prepared;
        let moved = main.is_some() || telemetry.is_some();
        let (to_main, to_telemetry) = answers(&served, limits.into(), web.as_ref());
        self.served = served;
        self.web = web;
        for (port, other, answers) in
            [(&mut self.main, main, to_main), (&mut self.telemetry, telemetry, to_telemetry)]
        {
            match other {
                None => port.answers.send_modify(|before| *before = answers),
                Some(other) => {
                    let other = OpenPort::open(other, answers, &self.shutdown, &mut self.serving);
                    std::mem::replace(port, other).shutdown.cancel();
                }
            }
        }
        if moved {
            self.tell();
        }
    }

    fn tell(&self) {
        let (main, telemetry) = (self.main.address, self.telemetry.address);
        tracing::info!(%main, %telemetry, scheme = scheme(self.web.as_deref()), "Listening.");
    }

    /// Lets running answers finish and ends.
    pub(super) async fn close(self) {
        self.shutdown.cancel();
        self.serving.join_all().await;
        tracing::info!("Stopped.");
    }
}

impl OpenPort {
    pub(super) fn open(
        (asked, listener): (Asked, Listener),
        answers: Answers,
        shutdown: &Shutdown,
        serving: &mut JoinSet<()>,
    ) -> Self {
        let shutdown = shutdown.child_token();
        let address = listener.address();
        let (answers, received) = watch::channel(answers);
        serving.spawn(listener.serve(received, shutdown.clone()));
        Self { asked, address, answers, shutdown }
    }
}
