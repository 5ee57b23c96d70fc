//! What an informer does about a failure.

use super::{Absence, Event, Failure, Goal, Run};
use crate::watch::{discovery::News, encoding::Watched};
use std::time::Duration;

/// Streaming lists that break in a row until pages are tried, each of which is done sooner.
const CUTS: u32 = 3;
/// Answers in a row that a kind is not served until it is taken for gone.
const ABSENT: u32 = 2;

impl<K: Watched> Run<K> {
    /// Chooses what to ask next and waits as long as it takes.
    pub(super) async fn recover(&mut self, failure: Failure) {
        self.open = None;
        if self.goal == Goal::StreamingList
            && (failure.refuses_streaming_list() || matches!(failure, Failure::Silent(_)))
        {
            self.streaming = false;
            self.goal = Goal::Page(None);
            return self.reader.journal.pages(&failure);
        }
        if self.goal == Goal::StreamingList && failure.code() == Some(403) {
            // Whoever may only list sees the objects at least as they were.
            self.goal = Goal::Page(None);
            return;
        }
        let watching = self.goal == Goal::Watch;
        self.reader.status.count(|c| if watching { &c.watch_errors } else { &c.list_errors });
        if failure.needs_relist() {
            return self.relist(&failure).await;
        }
        if failure.code() == Some(404) {
            return self.lose(&failure);
        }
        self.absence = Absence::default();
        let doing = if watching { "Watching" } else { "Reading the list" };
        let wait = self.wait(&failure).await;
        self.reader.journal.failed(doing, &failure, wait);
        self.rest(wait).await;
    }

    async fn relist(&mut self, failure: &Failure) {
        if self.goal == Goal::Watch {
            self.reader.status.count(|c| &c.relists);
        }
        self.goal = match self.goal {
            // Tokens last for minutes; a list that takes longer has to come in one piece.
            Goal::Page(_) | Goal::Whole => Goal::Whole,
            Goal::StreamingList | Goal::Watch => self.first(),
        };
        self.reader.journal.relist(failure);
        // Whatever failed before, the server answers now.
        self.backoff.reset();
        if self.relisted {
            // The last attempt came to nothing, so this one might too.
            let wait = self.relists.wait();
            self.rest(wait).await;
        }
        self.relisted = true;
    }

    /// The server doesn't serve the kind.
    fn lose(&mut self, failure: &Failure) {
        self.reader.status.not_found(&failure.to_string());
        self.seat.clients.discovery().lost(&self.request);
        self.goal = self.first();
        self.absence.assumed = true;
        self.count_absence();
    }

    /// Waits until the kind may be asked for again.
    pub(super) async fn wait_until_served(&mut self) {
        let clients = self.seat.clients.clone();
        let news = tokio::select! {
            news = clients.discovery().news(&clients, &self.request, &self.tuning) => news,
            // Another account may see more.
            () = self.seat.changed() => News::Served,
        };
        match news {
            News::Missing => self.count_absence(),
            News::Served => self.absence.assumed = false,
            News::Unknown => {
                let wait = self.slow.wait();
                self.rest(wait).await;
                self.absence.assumed = false;
            }
        }
    }

    fn count_absence(&mut self) {
        self.absence.answers = self.absence.answers.saturating_add(1);
        // What was never read is not known to be empty.
        if self.absence.answers == ABSENT && self.reader.status.was_complete() {
            self.due.extend([Event::Init, Event::InitDone]);
        }
    }

    /// Notes the failure, chooses what is next and says how long to wait for it.
    async fn wait(&mut self, failure: &Failure) -> Duration {
        let error = failure.to_string();
        let status = &self.reader.status;
        match failure.code() {
            Some(403) => {
                status.forbidden(&error);
                if self.goal != Goal::Watch {
                    self.goal = self.first();
                }
                return self.slow.wait();
            }
            // The server makes nothing of the version or the token that it gave.
            Some(400) if matches!(self.goal, Goal::Watch | Goal::Page(Some(_))) => self.goal = self.first(),
            Some(401) => self.seat.clients.rejected().await,
            _ => {}
        }
        if self.goal == Goal::StreamingList && matches!(failure, Failure::Cut | Failure::Broken(_)) {
            self.cuts += 1;
            if self.cuts == CUTS {
                self.streaming = false;
                self.goal = Goal::Page(None);
            }
        }
        self.reader.status.failed(&error);
        let wait = self.backoff.wait();
        match failure.retry_after() {
            Some(asked) if !asked.is_zero() => {
                let asked = asked.min(self.tuning.slow.1);
                asked + rand::random_range(Duration::ZERO..=asked / 10)
            }
            _ => wait,
        }
    }

    /// Waits, but not beyond a change of credentials, which may mend what failed.
    async fn rest(&mut self, wait: Duration) {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.seat.changed() => {}
        }
    }

    /// How a set is begun.
    fn first(&self) -> Goal {
        if self.streaming { Goal::StreamingList } else { Goal::Page(None) }
    }
}
