//! Keeping kinds within their budgets of series.

use super::running::RunningKinds;
use crate::{
    config::{Choice, uses},
    scrape::{Budgets, Standing},
    telemetry::{BudgetReport, Telemetry},
};
use std::{sync::Arc, time::Duration};

/// How often series are counted where a kind has a budget of them.
const WEIGHING: Duration = Duration::from_secs(30);

/// The budgets of a choice.
pub(super) fn of(choice: &Choice) -> Budgets {
    Budgets::new(choice.budgets.iter().cloned(), uses)
}

/// Keeps kinds within their budgets, and tells what they lose.
pub(super) async fn weigh(kinds: Arc<RunningKinds>, telemetry: Arc<Telemetry>) {
    let mut told: Vec<Arc<Standing>> = Vec::new();
    loop {
        let weighed = Arc::clone(kinds.scraper());
        let Ok(standings) = tokio::task::spawn_blocking(move || weighed.weigh()).await else { return };
        for standing in &standings {
            let before = told.iter().find(|told| told.resource == standing.resource);
            let before = before.map_or(&[][..], |told| &told.left_out);
            let Standing { resource, most, series, left_out } = &**standing;
            if left_out.is_empty() && !before.is_empty() {
                tracing::info!(
                    resource,
                    most,
                    series,
                    "The kind is within its budget of series again, whole."
                );
            } else if left_out != before {
                let families = left_out.join(", ");
                tracing::warn!(
                    resource,
                    most,
                    series,
                    families,
                    "The kind is over its budget of series; these families are left out."
                );
            }
        }
        telemetry.record_budgets(standings.iter().map(|standing| BudgetReport {
            resource: &standing.resource,
            most: standing.most,
            series: standing.series,
            left_out: &standing.left_out,
        }));
        // Kinds that are still being read are looked at as soon as they are whole.
        let pause = if standings.len() < kinds.budgeted() { Duration::from_secs(1) } else { WEIGHING };
        told = standings;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = kinds.changed() => {}
        }
    }
}
