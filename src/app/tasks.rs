//! Tasks that run as long as whoever started them.

use futures::{FutureExt as _, future::BoxFuture};
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio_util::task::AbortOnDropHandle;

/// Runs what should never end by itself until the handle is dropped. Where it does end, it has
/// panicked or will be missed, and `alive` becomes false.
pub(super) fn spawn(
    task: impl Future<Output = ()> + Send + 'static,
    alive: &Arc<AtomicBool>,
) -> AbortOnDropHandle<()> {
    // In a box, so that the runtime's part of it is not compiled for each of 39 kinds.
    spawn_boxed(task.boxed(), alive)
}

fn spawn_boxed(task: BoxFuture<'static, ()>, alive: &Arc<AtomicBool>) -> AbortOnDropHandle<()> {
    let alive = Arc::clone(alive);
    AbortOnDropHandle::new(tokio::spawn(async move {
        let panicked = AssertUnwindSafe(task).catch_unwind().await.is_err();
        tracing::error!(panicked, "A task has ended that never should; /livez asks for a restart.");
        alive.store(false, Ordering::Relaxed);
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn is_alive_after(task: impl Future<Output = ()> + Send + 'static, kept: bool) -> bool {
        let alive = Arc::new(AtomicBool::new(true));
        let handle = spawn(task, &alive);
        let handle = kept.then_some(handle);
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(handle);
        alive.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn whoever_ends_is_missed_unless_nobody_wants_it_any_longer() {
        assert!(!is_alive_after(async {}, true).await);
        assert!(!is_alive_after(async { panic!("on purpose") }, true).await);
        assert!(is_alive_after(std::future::pending(), true).await);
        assert!(is_alive_after(std::future::pending(), false).await);
    }
}
