//! Answers from the objects of files.

use super::{metered::Metered, now};
use crate::{
    app::{
        Failure,
        render::{Outcome, Sinks, load},
    },
    cli::SelectionArgs,
    config::Choice,
    top::{Facts, Query, Received, View, answer},
    wire::Timestamp,
};
use std::{path::PathBuf, sync::Arc};

/// The objects of files.
pub(super) struct Files {
    sinks: Sinks,
    metered: Arc<Metered>,
}

impl Files {
    /// Reads what a view needs. What can't be read is named on standard error, and left out.
    pub(super) fn read(view: View, files: &[PathBuf]) -> Result<Self, Failure> {
        let choice = choice(view, &[])?;
        let (mut sinks, mut metered) = (Sinks::new(&choice), Metered::default());
        load(files, |api_version, kind, json| {
            if metered.take(api_version, kind, json) {
                Outcome::Taken
            } else {
                sinks.add(api_version, kind, json)
            }
        })?;
        sinks.complete();
        Ok(Self { sinks, metered: Arc::new(metered) })
    }

    pub(super) fn answer(&self, view: View, query: &Query) -> Result<Received, Failure> {
        self.answer_at(view, query, now())
    }

    /// The answer at another point in time.
    pub(super) fn answer_at(&self, view: View, query: &Query, now: Timestamp) -> Result<Received, Failure> {
        let facts = Facts::gather(view, &self.sinks, Arc::clone(&self.metered) as _);
        Ok(answer(view, query, &facts, now)?.into())
    }
}

/// What is read for a view: its kinds with all labels.
pub(super) fn choice(view: View, namespaces: &[String]) -> Result<Choice, Failure> {
    let kinds: Vec<&str> = view.needs().iter().chain(view.wants()).copied().collect();
    let list = |text: String| vec![text.parse().expect("any text is a list")];
    Ok(SelectionArgs {
        resources: list(kinds.join(",")),
        keep_labels: list(kinds.join(",")),
        namespaces: if namespaces.is_empty() { Vec::new() } else { list(namespaces.join(",")) },
        ..SelectionArgs::default()
    }
    .try_into()?)
}
