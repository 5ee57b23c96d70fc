//! What nodes and containers use, while the configuration asks for it.

use super::{Failure, kinds::Reading, tasks};
use crate::{
    kubelets::{self, Access, Observer, Outcome, Round, Settings},
    telemetry::{Telemetry, UsageReport},
    usage::Usage,
    watch::{Clients, PeerError, Trust},
};
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};
use tokio_util::task::AbortOnDropHandle;

/// The asking of kubelets, which ends when this is dropped.
pub(super) struct Using {
    reading: Reading,
    telemetry: Arc<Telemetry>,
    asking: Mutex<Option<Asking>>,
}

struct Asking {
    settings: Settings,
    usage: Arc<Usage>,
    _task: AbortOnDropHandle<()>,
}

impl Using {
    /// Nobody is asked so far.
    pub(super) fn new(reading: Reading, telemetry: Arc<Telemetry>) -> Self {
        Self { reading, telemetry, asking: Mutex::default() }
    }

    /// Asks kubelets as these settings say from now on, or nobody. What is known stays.
    pub(super) fn apply(&self, settings: Option<&Settings>) {
        let mut asking = self.asking.lock();
        let Some(settings) = settings else {
            if asking.take().is_some() {
                self.telemetry.forget_usage();
            }
            return;
        };
        if asking.as_ref().is_some_and(|asking| asking.settings == *settings) {
            return;
        }
        let usage = match asking.take() {
            Some(before) => {
                before.usage.set_terms(settings.terms);
                before.usage
            }
            None => Arc::new(Usage::new(settings.terms)),
        };
        let Reading { clients, tuning, alive } = self.reading.clone();
        let observer = Arc::new(Told(Arc::clone(&self.telemetry)));
        let task = kubelets::scrape(clients, tuning, settings.clone(), Arc::clone(&usage), observer);
        let task = tasks::spawn(task, &alive);
        *asking = Some(Asking { settings: settings.clone(), usage, _task: task });
    }

    /// What is known, while anybody is asked.
    pub(super) fn usage(&self) -> Option<Arc<Usage>> {
        self.asking.lock().as_ref().map(|asking| Arc::clone(&asking.usage))
    }
}

/// Whether settings can be followed, as far as files are concerned where there are no clients as yet.
pub(super) async fn check(settings: Option<&Settings>, clients: Option<&Clients>) -> Result<(), Failure> {
    let Some(settings) = settings else { return Ok(()) };
    settings.check(clients).await.map_err(|error| {
        let trust = match &settings.access {
            Access::Direct(direct) => direct.trust.clone(),
            Access::Proxy => Trust::default(),
        };
        let flag = match &error {
            PeerError::File(path, _) | PeerError::Content(path, _) => match &trust.certificate {
                _ if trust.authority.as_ref() == Some(path) => "--kubelet-certificate-authority",
                Some((certificate, _)) if certificate == path => "--kubelet-client-certificate",
                _ => "--kubelet-client-key",
            },
            PeerError::Client(_) if trust.certificate.is_some() => "--kubelet-client-certificate",
            PeerError::Client(_) => "--usage",
        };
        Failure::usage(format!("{flag}: {error}"))
    })
}

struct Told(Arc<Telemetry>);

impl Observer for Told {
    fn asked(&self, outcome: Outcome, duration: Duration) {
        self.0.record_usage_request(outcome.name(), duration);
    }

    fn finished(&self, round: Round) {
        let Round { nodes, answered, measured_nodes, measured_containers, duration } = round;
        let report = UsageReport { nodes, answered, measured_nodes, measured_containers, duration };
        self.0.record_usage_round(report);
    }
}
