//! What an operator is told of kubelets that don't answer: little.

use std::{
    mem,
    time::{Duration, Instant},
};

/// How often it is said that some still don't.
const AGAIN: Duration = Duration::from_mins(10);

/// What has been said.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// When it was last said that some don't answer; none while all do.
    said: Option<Instant>,
}

impl Log {
    /// Tells of a round: how many of the nodes have not answered, and one of them with the reason.
    pub(super) fn tell(&mut self, nodes: usize, failed: usize, example: Option<(&str, &str)>) {
        let Some((node, error)) = example else {
            if mem::take(&mut self.said).is_some() {
                tracing::info!(nodes, "All kubelets answer again.");
            }
            return;
        };
        if self.said.is_none_or(|said| said.elapsed() >= AGAIN) {
            self.said = Some(Instant::now());
            tracing::warn!(
                failed,
                nodes,
                node,
                error,
                "Kubelets have not answered; what their containers use is not known."
            );
        }
    }
}
