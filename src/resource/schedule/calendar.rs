//! The five fields of a schedule, and what clocks show that fits them.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{Offset, TimeZone},
};

/// The times of a schedule's five fields: in each a bit for every value.
#[derive(Debug)]
pub(super) struct Calendar {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether a day must fit both fields of days. It must where one of them leaves every day open,
    /// and needs to fit only one where both say something.
    both: bool,
}

/// The least and the greatest value of a field, and the names that some of its values have.
struct Bounds(u64, u64, &'static [(&'static str, u64)]);

const MINUTES: Bounds = Bounds(0, 59, &[]);
const HOURS: Bounds = Bounds(0, 23, &[]);
const DAYS: Bounds = Bounds(1, 31, &[]);
const MONTHS: Bounds = Bounds(
    1,
    12,
    &[
        ("jan", 1),
        ("feb", 2),
        ("mar", 3),
        ("apr", 4),
        ("may", 5),
        ("jun", 6),
        ("jul", 7),
        ("aug", 8),
        ("sep", 9),
        ("oct", 10),
        ("nov", 11),
        ("dec", 12),
    ],
);
const WEEKDAYS: Bounds =
    Bounds(0, 6, &[("sun", 0), ("mon", 1), ("tue", 2), ("wed", 3), ("thu", 4), ("fri", 5), ("sat", 6)]);

/// For how many years after the present one a time is looked for.
const YEARS: i16 = 5;

/// More than all days of those years and the hours of some. A zone that left out a whole day, as
/// Samoa's did, has the controller search it for ever.
const STEPS: usize = 4000;

impl Calendar {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut fields = text.split_whitespace();
        let mut field = |bounds| list(fields.next()?, bounds);
        let (minutes, hours) = (field(&MINUTES)?.0, field(&HOURS)?.0);
        let ((days, any_day), (months, _)) = (field(&DAYS)?, field(&MONTHS)?);
        let (weekdays, any_weekday) = field(&WEEKDAYS)?;
        let calendar = Self { minutes, hours, days, months, weekdays, both: any_day || any_weekday };
        fields.next().is_none().then_some(calendar)
    }

    pub(super) fn next(&self, after: i64, zone: &TimeZone) -> Option<i64> {
        if !self.comes() {
            return None;
        }
        let mut clock = Clock::at(after.checked_add(1)?, zone)?;
        let last = clock.shown.year().checked_add(YEARS)?;
        let (mut unit, mut exact) = (Unit::Month, true);
        let mut steps = 0;
        while steps < STEPS {
            if unit == Unit::Month && clock.shown.year() > last {
                return None;
            }
            if self.fits(unit, clock.shown) {
                match unit.smaller() {
                    Some(smaller) => unit = smaller,
                    None => return Some(clock.at),
                }
                continue;
            }
            if exact {
                // Whatever comes later begins with the unit. A clock that was moved on to the
                // beginning of some unit needn't be set back again.
                clock = clock.floor(unit)?;
                exact = false;
            }
            clock = clock.step(unit)?;
            steps += 1;
            if unit.starts_over(clock.shown) {
                unit = Unit::Month;
            }
        }
        None
    }

    /// False where a field is a list of nothing, so that no time would ever be found. That a month has
    /// no such day is left to the search, which may take a later month in a zone without some midnight.
    fn comes(&self) -> bool {
        let day =
            if self.both { self.days != 0 && self.weekdays != 0 } else { self.days | self.weekdays != 0 };
        day && self.months != 0 && self.hours != 0 && self.minutes != 0
    }

    fn fits(&self, unit: Unit, shown: DateTime) -> bool {
        match unit {
            Unit::Month => has(self.months, shown.month()),
            Unit::Day => {
                let weekday = shown.weekday().to_sunday_zero_offset();
                let (of_month, of_week) = (has(self.days, shown.day()), has(self.weekdays, weekday));
                if self.both { of_month && of_week } else { of_month || of_week }
            }
            Unit::Hour => has(self.hours, shown.hour()),
            Unit::Minute => has(self.minutes, shown.minute()),
            Unit::Second => shown.second() == 0,
        }
    }
}

fn has(set: u64, value: i8) -> bool {
    set >> value & 1 != 0
}

/// The values of a list, and whether one of its entries is every value. Empty entries count for
/// nothing, as does a list of nothing else.
fn list(text: &str, bounds: &Bounds) -> Option<(u64, bool)> {
    let (mut values, mut any) = (0, false);
    for entry in text.split(',').filter(|entry| !entry.is_empty()) {
        let (range, step) = match entry.split_once('/') {
            Some((range, step)) => (range, Some(number(step)?)),
            None => (entry, None),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from, Some(to)),
            None => (range, None),
        };
        // What comes after a star makes no difference.
        let star = matches!(from, "*" | "?");
        let &Bounds(min, max, names) = bounds;
        let first = if star { min } else { value(from, names)? };
        let last = match to {
            _ if star => max,
            Some(to) => value(to, names)?,
            None if step.is_some() => max,
            None => first,
        };
        let step = step.unwrap_or(1);
        if first < min || last > max || first > last || step == 0 {
            return None;
        }
        any |= star && step == 1;
        let step = usize::try_from(step).unwrap_or(usize::MAX);
        values |= (first..=last).step_by(step).fold(0, |values, value| values | 1 << value);
    }
    Some((values, any))
}

/// A value by its name or number.
fn value(text: &str, names: &[(&str, u64)]) -> Option<u64> {
    match names.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)) {
        Some((_, value)) => Some(*value),
        None => number(text),
    }
}

fn number(text: &str) -> Option<u64> {
    u64::try_from(text.parse::<i64>().ok()?).ok()
}

/// A part of the time that a clock shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

impl Unit {
    fn smaller(self) -> Option<Self> {
        match self {
            Self::Month => Some(Self::Day),
            Self::Day => Some(Self::Hour),
            Self::Hour => Some(Self::Minute),
            Self::Minute => Some(Self::Second),
            Self::Second => None,
        }
    }

    /// Whether a clock shows the first value of the unit, so that the larger ones have changed.
    fn starts_over(self, shown: DateTime) -> bool {
        match self {
            Self::Month => shown.month() == 1,
            Self::Day => shown.day() == 1,
            Self::Hour => shown.hour() == 0,
            Self::Minute => shown.minute() == 0,
            Self::Second => shown.second() == 0,
        }
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// A point in time, and what clocks of a zone show then. Its steps come out where those of
/// `robfig/cron` do also around changes of the offset. All fail only beyond the year 9999.
struct Clock<'z> {
    zone: &'z TimeZone,
    /// Seconds since 1970.
    at: i64,
    shown: DateTime,
}

impl<'z> Clock<'z> {
    fn at(at: i64, zone: &'z TimeZone) -> Option<Self> {
        let time = Timestamp::from_second(at).ok()?;
        Some(Self { zone, at, shown: zone.to_offset(time).to_datetime(time) })
    }

    /// The time at which the clock shows this, chosen as Go's `time.Date` does where there is none
    /// or there are two: by the offset at about that time.
    fn showing(&self, shown: DateTime) -> Option<Self> {
        let shown = Offset::UTC.to_timestamp(shown).ok()?.as_second();
        let offset =
            |at| Timestamp::from_second(at).map(|time| i64::from(self.zone.to_offset(time).seconds()));
        let about = offset(shown).ok()?;
        let offset = if about == 0 { 0 } else { offset(shown - about).ok()? };
        Self::at(shown - offset, self.zone)
    }

    /// The beginning of the unit.
    fn floor(&self, unit: Unit) -> Option<Self> {
        let (date, hour) = (self.shown.date(), self.shown.hour());
        match unit {
            Unit::Month => self.showing(date.first_of_month().into()),
            Unit::Day => self.showing(date.into()),
            Unit::Hour => self.showing(date.to_datetime(Time::new(hour, 0, 0, 0).ok()?)),
            Unit::Minute => Self::at(self.at - self.at.rem_euclid(MINUTE), self.zone),
            Unit::Second => Self::at(self.at, self.zone),
        }
    }

    /// One unit later.
    fn step(&self, unit: Unit) -> Option<Self> {
        let (date, time) = (self.shown.date(), self.shown.time());
        match unit {
            Unit::Month => self.showing(next_month(date)?.to_datetime(time)),
            Unit::Day => {
                let next = self.showing(date.tomorrow().ok()?.to_datetime(time))?;
                // Midnight may be missing. The clock then goes on to the following one, or back.
                match i64::from(next.shown.hour()) {
                    0 => Some(next),
                    hour if hour > 12 => Self::at(next.at + (24 - hour) * HOUR, self.zone),
                    hour => Self::at(next.at - hour * HOUR, self.zone),
                }
            }
            Unit::Hour => Self::at(self.at + HOUR, self.zone),
            Unit::Minute => Self::at(self.at + MINUTE, self.zone),
            Unit::Second => Self::at(self.at + MINUTE - i64::from(time.second()), self.zone),
        }
    }
}

/// The same day of the next month, or as many days after its end as it lacks.
fn next_month(date: Date) -> Option<Date> {
    let first = date.last_of_month().tomorrow().ok()?;
    first.checked_add(jiff::Span::new().days(date.day() - 1)).ok()
}
