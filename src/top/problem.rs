//! What someone should look at.

use super::Cell;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It may become a problem.
    Notice,
    /// Something isn't as it should be.
    Warning,
    /// Something doesn't work.
    Critical,
}

/// Something that someone should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) severity: Severity,
    /// Why, in words.
    pub(super) reason: String,
}

impl Severity {
    /// As it is shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

#[allow(clippy::unnecessary_wraps)] // wherever there is a problem there might be none
impl Problem {
    pub(super) fn critical(reason: impl Into<String>) -> Option<Self> {
        Some(Self { severity: Severity::Critical, reason: reason.into() })
    }

    pub(super) fn warning(reason: impl Into<String>) -> Option<Self> {
        Some(Self { severity: Severity::Warning, reason: reason.into() })
    }

    pub(super) fn notice(reason: impl Into<String>) -> Option<Self> {
        Some(Self { severity: Severity::Notice, reason: reason.into() })
    }

    /// The worst of several; of two that are as bad the first.
    pub(super) fn worst(all: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        all.into_iter()
            .flatten()
            .reduce(|worst, next| if next.severity > worst.severity { next } else { worst })
    }

    /// What is wrong with some of a number of pods, of which the worst is known. Where it is all of them,
    /// it is as bad.
    pub(super) fn of_pods(troubled: usize, pods: usize, worst: Option<&Self>) -> Option<Self> {
        let worst = worst?;
        let (verb, severity) = match troubled {
            _ if troubled >= pods => ("have", worst.severity),
            1 => ("has", worst.severity.min(Severity::Warning)),
            _ => ("have", worst.severity.min(Severity::Warning)),
        };
        let such = if troubled == 1 { "" } else { ", such as" };
        Some(Self {
            severity,
            reason: format!(
                "{troubled} of {} pods {verb} a problem{such}: {}",
                pods.max(troubled),
                worst.reason
            ),
        })
    }

    pub(super) fn severity_cell(problem: Option<&Self>) -> Cell {
        problem.map_or(Cell::None, |problem| Cell::text(problem.severity.name()))
    }

    pub(super) fn reason_cell(problem: Option<&Self>) -> Cell {
        problem.map_or(Cell::None, |problem| Cell::text(&*problem.reason))
    }
}

/// How much of a limit is used before someone should know.
const NEARLY: f64 = 0.9;

/// A part that has nearly reached its whole.
pub(super) fn near(part: f64, whole: f64) -> bool {
    whole > 0.0 && part >= NEARLY * whole
}

/// A share for people.
pub(super) fn percent(part: f64, whole: f64) -> String {
    format!("{:.0} %", 100.0 * part / whole)
}
