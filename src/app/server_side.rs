//! The start of a process that wants its share of the objects from the API server.

use super::kinds;
use crate::{
    config::Choice,
    shard::Placement,
    watch::{Clients, Tuning, places_objects},
};
use anyhow::bail;
use std::time::{Duration, Instant};

/// How long to wait until the server is asked again.
const AGAIN: Duration = Duration::from_secs(2);

/// Fails where the server is to place objects and doesn't. One that can't be reached is waited for
/// as long as `patience`.
pub(super) async fn check(
    clients: &Clients,
    choice: &Choice,
    patience: Duration,
    tuning: &Tuning,
) -> anyhow::Result<()> {
    if choice.scope.shard.placement != Placement::Range {
        return Ok(());
    }
    let deadline = Instant::now() + patience;
    let mut said = false;
    loop {
        let mut last = None;
        for kind in &choice.kinds {
            let Some(setup) = kinds::setup(kind.names.plural, choice) else { continue };
            match places_objects(clients, setup.request(), tuning).await {
                Ok(true) => return Ok(()),
                Ok(false) => bail!(
                    "--server-side-sharding: the API server sends all objects to everybody; its feature gate \
                     ShardedListAndWatch (alpha since Kubernetes 1.36) has to be on"
                ),
                // Another kind may be readable.
                Err(error) if error.is_refusal() => last = Some(error),
                Err(error) => {
                    last = Some(error);
                    break;
                }
            }
        }
        let Some(error) = last else { return Ok(()) };
        if Instant::now() >= deadline {
            bail!(
                "--server-side-sharding: whether the API server places objects can't be found out: {error}"
            );
        }
        if !std::mem::replace(&mut said, true) {
            tracing::warn!(error = %error, "Whether the server places objects can't be found out yet, it is tried again.");
        }
        tokio::time::sleep(AGAIN).await;
    }
}
