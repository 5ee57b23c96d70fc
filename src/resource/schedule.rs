//! When `CronJobs` run, by the rules of Kubernetes' own controller.
//!
//! The controller reads schedules with version 3 of the Go library `robfig/cron`. No crate follows
//! it in what it admits (no day 7, no range around the end, but steps beyond a range and lists with
//! nothing in them), in which days two restricted fields mean, and in what happens where clocks are
//! moved, so these rules are here. `testdata/schedules.tsv` holds what the library says.

mod calendar;
mod duration;
mod zone;

use calendar::Calendar;
use jiff::tz::TimeZone;
pub use zone::set_local_zone;

/// When a `CronJob` runs.
#[derive(Debug)]
pub struct Schedule(Rule);

#[derive(Debug)]
enum Rule {
    /// Whenever clocks of a zone show certain times.
    At(Calendar, TimeZone),
    /// Once in so many seconds, counted from any time.
    Every(i64),
}

impl Schedule {
    /// Reads `spec.schedule` and `spec.timeZone`; `None` where the controller refuses either.
    pub fn parse(schedule: &str, time_zone: Option<&str>) -> Option<Self> {
        let field = match time_zone {
            Some(name) => Some(zone::named(name)?),
            None => None,
        };
        match field {
            // A schedule with a zone of its own is left as it is.
            Some(zone) if !schedule.contains("TZ") => Self::parse_in(schedule.trim(), zone),
            _ => match ["TZ=", "CRON_TZ="].iter().find_map(|prefix| schedule.strip_prefix(prefix)) {
                Some(prefixed) => {
                    let (name, rest) = prefixed.split_once(' ')?;
                    Self::parse_in(rest.trim(), zone::named(name)?)
                }
                None => Self::parse_in(schedule, zone::local()),
            },
        }
    }

    fn parse_in(text: &str, zone: TimeZone) -> Option<Self> {
        let fields = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            _ => match text.strip_prefix("@every ") {
                Some(text) => return Some(Self(Rule::Every(duration::seconds(text)?.max(1)))),
                None => text,
            },
        };
        Some(Self(Rule::At(Calendar::parse(fields)?, zone)))
    }

    /// The first time after this one, both in seconds since 1970; `None` where there is none before
    /// the end of the fifth year after it.
    pub fn next(&self, after: i64) -> Option<i64> {
        match &self.0 {
            Rule::At(calendar, zone) => calendar.next(after, zone),
            Rule::Every(seconds) => after.checked_add(*seconds),
        }
    }
}

#[cfg(test)]
mod tests;
