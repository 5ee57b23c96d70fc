//! What telemetry says of a kind.

use super::Opened;
use crate::{
    resource::Resource,
    telemetry::{KindReport, KindState},
    watch::State,
};

/// The state of a kind's stores together. `limit` is that of their lists.
pub(super) fn report<K: Resource>(parts: &[Opened<K>], limit: Option<u64>) -> KindReport {
    let mut report = KindReport {
        resource: K::NAMES.plural,
        go_type: format!("*{}.{}", K::NAMES.version, K::NAMES.kind),
        state: KindState::Complete,
        complete: true,
        objects: 0,
        bytes: 0,
        last_event: None,
        lists: (0, 0),
        watches: (0, 0),
        relists: 0,
        decode_errors: 0,
        listed: None,
    };
    for part in parts {
        let counts = part.status.counts();
        report.state = report.state.max(kind_state(&part.status.state()));
        report.lists.0 += counts.lists;
        report.lists.1 += counts.list_errors;
        report.watches.0 += counts.watches;
        report.watches.1 += counts.watch_errors;
        report.relists += counts.relists;
        report.decode_errors += counts.decode_errors;
        if let Some(limit) = limit.filter(|_| counts.lists > 0) {
            // The fullest list shows whether the limit was reached.
            let fullest = report.listed.map_or(0, |(listed, _)| listed).max(counts.listed);
            report.listed = Some((fullest, limit));
        }
        report.last_event =
            [report.last_event, part.status.last_event()].into_iter().flatten().reduce(f64::max);
        match part.objects.snapshot() {
            Some(snapshot) => {
                report.objects += snapshot.objects;
                report.bytes += snapshot.bytes;
            }
            None => report.complete = false,
        }
    }
    report
}

fn kind_state(state: &State) -> KindState {
    match state {
        State::Reading => KindState::Reading,
        State::Complete => KindState::Complete,
        State::Forbidden(_) => KindState::Forbidden,
        State::NotFound(_) => KindState::NotFound,
        State::Failing { .. } => KindState::Failing,
    }
}
