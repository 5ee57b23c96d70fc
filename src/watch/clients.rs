//! The client of the moment, which many informers share.

use super::{
    client::{self, Lane},
    credentials::{ConfigError, Loaded, Source},
    discovery::Discovery,
    failure::unwrapped,
    peers::{PeerError, Peers, Trust},
};
use crate::files::Fingerprint;
use http::{Request, Response};
use jiff::Timestamp;
use kube::{Client, Config, client::Body};
use parking_lot::Mutex;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, watch};
use tower::BoxError;

/// Hands out the client that is right at the moment. Clones are handles to the same one.
///
/// Tokens are refreshed by the client itself. Where a client certificate, a CA bundle or the
/// kubeconfig change, where a credential plugin's certificate expires or the server answers 401, a
/// new client takes over without anything being read again.
#[derive(Debug, Clone)]
pub struct Clients(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    current: watch::Sender<Current>,
    discovery: Discovery,
    /// The number of informers on each lane.
    lanes: Mutex<Vec<usize>>,
    /// What the current client was made of. Held while another one is made.
    made_of: AsyncMutex<Made>,
}

#[derive(Debug)]
struct Made {
    source: Option<Source>,
    loaded: Loaded,
    at: Instant,
    /// What the files held when no client could be made of them.
    refused: Option<Fingerprint>,
}

/// A client, and which cluster it speaks to.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) client: Client,
    /// Counts changes of the server's URL: a resourceVersion is worth nothing to another cluster.
    pub(super) cluster: u64,
}

impl std::fmt::Debug for Current {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Current").field("cluster", &self.cluster).finish_non_exhaustive()
    }
}

/// How many informers share a connection. Go's HTTP/2 server allows 250 requests at a time unless
/// it is told otherwise, and one beyond them would wait unseen.
const PER_LANE: usize = 100;

/// A server that rejects our credentials is not asked with new ones more often than this.
const REJECTED_AGAIN: Duration = Duration::from_secs(10);
/// Credentials that could not be used, or that hardly last, are asked for again after so long even if
/// no file has changed.
const AGAIN: Duration = Duration::from_secs(30);
/// So long before it expires a client is made anew.
const EXPIRING: Duration = Duration::from_mins(1);

impl Clients {
    /// Reads the configuration and sets up a client, without asking the server anything.
    pub async fn load(source: Source) -> Result<Self, ConfigError> {
        let loaded = source.load().await?;
        let (loaded, client) = make(loaded).await?;
        let url = &loaded.config.cluster_url;
        // Only these parts: the rest may hold a password.
        tracing::info!(host = url.host(), port = url.port_u16(), "Reading from the API server.");
        Ok(Self::new(Some(source), loaded, client))
    }

    /// A client for a configuration that never changes.
    pub async fn fixed(config: Config) -> Result<Self, ConfigError> {
        let (loaded, client) = make(Loaded::fixed(config)).await?;
        Ok(Self::new(None, loaded, client))
    }

    fn new(source: Option<Source>, loaded: Loaded, client: Client) -> Self {
        let current = watch::Sender::new(Current { client, cluster: 0 });
        let made_of = AsyncMutex::new(Made { source, loaded, at: Instant::now(), refused: None });
        let (discovery, lanes) = (Discovery::default(), Mutex::default());
        Self(Arc::new(Shared { current, discovery, lanes, made_of }))
    }

    /// The client of the moment, for a single request.
    pub fn client(&self) -> Client {
        self.0.current.borrow().client.clone()
    }

    /// Asks the API server for a path that is no object's, over a connection that nobody shares while
    /// the answer is awaited and that is kept for the next one.
    pub async fn get(&self, path: &str) -> Result<Response<Body>, BoxError> {
        let request = Request::get(path).extension(Lane::Own).body(Body::empty())?;
        self.client().send(request).await.map_err(unwrapped)
    }

    /// A client for other servers that take the same credentials.
    pub async fn peers(&self, trust: &Trust) -> Result<Peers, PeerError> {
        // First, so that no other client can be missed.
        let current = self.0.current.subscribe();
        let config = self.0.made_of.lock().await.loaded.config.clone();
        Peers::new(config, trust, current).await
    }

    /// Looks after the client for ever: every `interval` it is made anew where a file has changed
    /// or where it is about to expire.
    pub async fn keep_fresh(&self, interval: Duration) {
        loop {
            tokio::time::sleep(interval).await;
            self.refresh(interval).await;
        }
    }

    /// Makes the client anew where a file has changed, or where it expires before it is looked after
    /// again within `interval`.
    pub async fn refresh(&self, interval: Duration) {
        let made = self.0.made_of.lock().await;
        // Plugins take their time, and an attempt may fail.
        let expires = *self.0.current.borrow().client.valid_until();
        let expires_soon = expires.is_some_and(|at| at <= Timestamp::now() + EXPIRING + interval);
        // What failed may have done so for another reason than its files.
        let again = made.at.elapsed() >= AGAIN;
        let stale = made.loaded.is_stale()
            && (again || made.refused.as_ref().is_none_or(|refused| *refused != made.loaded.files_now()));
        if stale || (expires_soon && again) {
            // Whoever can't be asked for another client says so in the log.
            let _ = self.replace(made, None).await;
        }
    }

    /// Goes on with another configuration. Where its server is another one, everything is read again,
    /// and shown until then as it was. On an error nothing changes.
    pub async fn follow(&self, source: Source) -> Result<(), ConfigError> {
        let made = self.0.made_of.lock().await;
        self.replace(made, Some(source)).await
    }

    /// The server doesn't accept our credentials: tries with newly read ones.
    pub(super) async fn rejected(&self) {
        let made = self.0.made_of.lock().await;
        if made.at.elapsed() >= REJECTED_AGAIN {
            let _ = self.replace(made, None).await;
        }
    }

    /// Makes the client anew, from another source or from its own.
    async fn replace(
        &self,
        mut made: MutexGuard<'_, Made>,
        other: Option<Source>,
    ) -> Result<(), ConfigError> {
        let Some(source) = other.clone().or_else(|| made.source.clone()) else { return Ok(()) };
        if other.is_none() {
            made.at = Instant::now();
        }
        // Before the files are read: what is written meanwhile is looked at again.
        let files = made.loaded.files_now();
        let result = match source.load().await {
            Ok(loaded) => make(loaded).await,
            Err(error) => Err(error),
        };
        let (loaded, client) = match result {
            Ok(new) => new,
            Err(error) if other.is_none() => {
                made.refused = Some(files);
                tracing::warn!(
                    error = %error,
                    "Changed credentials cannot be used, the old ones stay until they can."
                );
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        let same = other.is_none() && loaded.is_same(&made.loaded);
        let moved = loaded.config.cluster_url != made.loaded.config.cluster_url;
        *made = Made { source: Some(source), loaded, at: Instant::now(), refused: None };
        self.0.current.send_if_modified(|current| {
            current.client = client;
            current.cluster += u64::from(moved);
            // Running watches are left alone where only a token was asked for again.
            !same
        });
        if !same {
            tracing::info!("Credentials or the server's address changed, a new client takes over.");
        }
        Ok(())
    }

    /// What is known of kinds that are not served.
    pub(super) fn discovery(&self) -> &Discovery {
        &self.0.discovery
    }

    /// A place on a connection for one informer.
    pub(super) fn seat(&self) -> Seat {
        let lane = {
            let mut lanes = self.0.lanes.lock();
            let lane = lanes.iter().position(|taken| *taken < PER_LANE).unwrap_or(lanes.len());
            if lane == lanes.len() {
                lanes.push(0);
            }
            lanes[lane] += 1;
            lane
        };
        Seat { clients: self.clone(), lane, current: self.0.current.subscribe() }
    }
}

/// A place on a connection. It is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) clients: Clients,
    lane: usize,
    current: watch::Receiver<Current>,
}

impl Seat {
    /// The client of the moment.
    pub(super) fn current(&mut self) -> Current {
        self.current.borrow_and_update().clone()
    }

    /// The connection that it shares.
    pub(super) fn lane(&self) -> Lane {
        Lane::Shared(self.lane)
    }

    /// Waits until there are other credentials than those last asked for.
    pub(super) async fn changed(&mut self) {
        if self.current.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.clients.0.lanes.lock()[self.lane] -= 1;
    }
}

async fn make(loaded: Loaded) -> Result<(Loaded, Client), ConfigError> {
    tokio::task::spawn_blocking(move || {
        let client = client::build(&loaded).map_err(ConfigError::Client)?;
        Ok((loaded, client))
    })
    .await
    .expect("setting up a client does not panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn informers_fill_one_connection_after_the_other() {
        let config = Config::new("http://127.0.0.1:1".parse().unwrap());
        let clients = Clients::fixed(config).await.unwrap();
        let mut seats: Vec<Seat> = (0..=PER_LANE).map(|_| clients.seat()).collect();
        assert_eq!(seats[PER_LANE - 1].lane(), Lane::Shared(0));
        assert_eq!(seats[PER_LANE].lane(), Lane::Shared(1));
        seats.remove(7);
        assert_eq!(clients.seat().lane(), Lane::Shared(0));
    }
}
