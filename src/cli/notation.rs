//! Numbers and time spans as Go reads them.

use std::{ops::RangeInclusive, time::Duration};

/// Reads a whole number of a range, as `strconv.ParseInt` does with the base 0: with the prefixes of
/// other bases and underscores between digits.
pub(super) fn whole<T: TryFrom<i128>>(
    range: RangeInclusive<i128>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = integer(text).filter(|number| range.contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| match (range.start(), range.end()) {
            (low, &UNLIMITED) => format!("a whole number from {low} on is needed"),
            (low, high) => format!("a whole number from {low} to {high} is needed"),
        })
    }
}

/// The largest number of a range that is not worth to be named.
pub(super) const UNLIMITED: i128 = i64::MAX as i128;

fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = signed(text);
    let lower = digits.to_ascii_lowercase();
    let prefixes = [("0x", 16), ("0b", 2), ("0o", 8), ("0", 8)];
    let found = prefixes.iter().find_map(|(prefix, base)| Some((lower.strip_prefix(prefix)?, *base)));
    let (digits, base) = match found {
        // One underscore may stand behind a prefix as well.
        Some((rest, base)) if !rest.is_empty() => (rest.strip_prefix('_').unwrap_or(rest), base),
        _ => (lower.as_str(), 10),
    };
    let sound = |group: &str| !group.is_empty() && group.chars().all(|c| c.is_digit(base));
    if !digits.split('_').all(sound) {
        return None;
    }
    i128::from_str_radix(&digits.replace('_', ""), base).ok().map(|number| sign * number)
}

/// Reads a time span as `time.ParseDuration` does: numbers with units that add up. Negative ones are
/// none here.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (sign, mut rest) = signed(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let (whole, behind) = digits(rest);
        let (fraction, behind) = behind.strip_prefix('.').map_or(("", behind), digits);
        let unit_end = behind.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit_end);
        let unit = UNITS.iter().find(|(name, _)| *name == unit)?.1;
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        // Nanoseconds have no more than thirteen digits behind an hour's point.
        let fraction = &fraction[..fraction.len().min(15)];
        let number = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i128>().ok() };
        let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        let part = number(whole)?.checked_mul(unit)? + number(fraction)? * unit / scale;
        sum = sum.checked_add(part).filter(|sum| *sum <= UNLIMITED)?;
        rest = behind;
    }
    u64::try_from(sign * sum).ok().map(Duration::from_nanos)
}

/// The units of time spans in nanoseconds. Of micro, there are two signs that look the same.
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The digits at the beginning, and the rest.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn signed(text: &str) -> (i128, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_gos() {
        for (text, want) in [
            ("8080", Some(8080)),
            ("+8080", Some(8080)),
            ("-1", Some(-1)),
            ("0", Some(0)),
            ("0x1F90", Some(8080)),
            ("0X1f90", Some(8080)),
            ("017", Some(15)),
            ("0o17", Some(15)),
            ("0b101", Some(5)),
            ("1_000", Some(1000)),
            ("0x_ff", Some(255)),
            ("0_17", Some(15)),
            ("08", None),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("0x", None),
            ("--1", None),
            ("+-1", None),
            ("1.0", None),
            ("1e3", None),
            ("", None),
            ("-", None),
            (" 1", None),
        ] {
            assert_eq!(integer(text), want, "{text}");
        }
        let port = whole::<u16>(0..=65535);
        assert_eq!(port("65535"), Ok(65535));
        assert_eq!(port("65536").unwrap_err(), "a whole number from 0 to 65535 is needed");
        let number = whole::<u64>(1..=UNLIMITED);
        assert_eq!(number("9223372036854775807"), Ok(i64::MAX.unsigned_abs()));
        assert_eq!(number("9223372036854775808").unwrap_err(), "a whole number from 1 on is needed");
    }

    #[test]
    fn durations_are_gos() {
        for (text, want) in [
            ("2m", Some(120_000)),
            ("1m30s", Some(90_000)),
            ("30s1m", Some(90_000)),
            ("1m1m", Some(120_000)),
            ("500ms", Some(500)),
            ("1.5h", Some(5_400_000)),
            (".5s", Some(500)),
            ("1.s", Some(1000)),
            ("+5s", Some(5000)),
            ("0", Some(0)),
            ("-0", Some(0)),
            ("0s", Some(0)),
            ("1500\u{b5}s", Some(1)),
            ("1500\u{3bc}s", Some(1)),
            ("2562047h", Some(9_223_369_200_000)),
            ("2562048h", None),
            ("99999999999999999999999999999999999999999h", None),
            ("-5s", None),
            ("5", None),
            ("1m30", None),
            ("1d", None),
            ("1 m", None),
            ("1m 30s", None),
            ("PT1M", None),
            ("1 minute", None),
            (".s", None),
            ("s", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(duration(text).map(|span| span.as_millis()), want, "{text}");
        }
    }
}
