//! Asking kubelets what nodes and containers use, again and again.
//!
//! Which nodes there are an informer of its own says, which reads a few fields of them. In a round each
//! kubelet is asked once, a little later or sooner than the others, and what it answers goes to a
//! [`Usage`]. One that doesn't answer costs its own data only: those that failed the last time are
//! asked beside the others, and wait for each other alone.

mod asking;
mod log;
mod nodes;
mod outcome;
mod rounds;

pub use outcome::Outcome;

use crate::{
    usage::{Terms, Usage},
    watch::{Clients, PeerError, Trust, Tuning},
};
use asking::Asking;
use nodes::Nodes;
use rounds::Rounds;
use std::{sync::Arc, time::Duration};

/// Which kubelets are asked, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How often, and how much is remembered.
    pub terms: Terms,
    /// The way to them.
    pub access: Access,
    /// How long one may take to answer.
    pub timeout: Duration,
    /// The labels of the nodes whose kubelets are asked, such as `pool=a`; all of them where missing.
    pub selector: Option<String>,
    /// The one node whose kubelet is asked.
    pub node: Option<String>,
}

/// The way to kubelets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Through the API server, which takes the permission to get `nodes/proxy`.
    Proxy,
    /// To each node itself over TLS, which takes the permission to get `nodes/metrics`.
    Direct(Direct),
}

/// How nodes are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Direct {
    /// The kubelets' port.
    pub port: u16,
    /// Whether the port counts more that a node's status names.
    pub status_port: bool,
    /// Which of a node's addresses is taken, by their types: the first that it has.
    pub address_types: Vec<String>,
    /// Whose certificates are trusted, and which is shown.
    pub trust: Trust,
}

/// Who is told how it goes.
pub trait Observer: Send + Sync {
    /// A kubelet was asked, and it took so long.
    fn asked(&self, outcome: Outcome, duration: Duration);
    /// All of them were asked.
    fn finished(&self, round: Round);
}

/// A round over all kubelets.
#[derive(Debug, Clone, Copy)]
pub struct Round {
    /// How many nodes there are to ask.
    pub nodes: usize,
    /// How many of them have answered.
    pub answered: usize,
    /// The nodes of which there are current rates.
    pub measured_nodes: usize,
    /// The containers of which there are current rates.
    pub measured_containers: usize,
    /// From the first to the last.
    pub duration: Duration,
}

/// Asks kubelets for ever, and writes down what they answer.
pub async fn scrape(
    clients: Clients,
    tuning: Tuning,
    settings: Settings,
    usage: Arc<Usage>,
    observer: Arc<dyn Observer>,
) {
    let nodes = Arc::new(Nodes::default());
    let following = nodes.follow(&clients, &tuning, &settings, &usage);
    let asking = Asking::new(clients, settings.access.clone());
    let rounds = Arc::new(Rounds { asking, nodes, usage, observer, settings });
    tokio::join!(following, rounds.run());
}

impl Settings {
    /// Finds out whether kubelets can be spoken to, as far as files and credentials are concerned; files
    /// alone where there are no clients as yet.
    pub async fn check(&self, clients: Option<&Clients>) -> Result<(), PeerError> {
        let Access::Direct(direct) = &self.access else { return Ok(()) };
        direct.trust.check()?;
        match clients {
            Some(clients) => clients.peers(&direct.trust).await.map(drop),
            None => Ok(()),
        }
    }
}
