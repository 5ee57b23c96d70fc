//! Quantities, points in time and spans of time, as Go writes them.

use jiff::Timestamp;
use std::{fmt::Write as _, time::Duration};

/// Nanocores as a quantity: the largest unit of a thousand that leaves a whole number.
pub(super) fn cpu(nanocores: u64) -> String {
    decimal(nanocores, ["n", "u", "m", "", "k", "M", "G"])
}

/// Bytes as a quantity: the largest unit of 1024 that leaves a whole number, and units of a thousand
/// below the first one.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if bytes < 1024 {
        return decimal(bytes, ["", "k", "M", "G", "T", "P", "E"]);
    }
    let unit = (bytes.trailing_zeros() / 10) as usize;
    format!("{}{}", bytes >> (10 * unit), UNITS[unit])
}

fn decimal(mut number: u64, units: [&str; 7]) -> String {
    let mut unit = 0;
    if number == 0 {
        return "0".to_owned();
    }
    while number.is_multiple_of(1000) && unit + 1 < units.len() {
        number /= 1000;
        unit += 1;
    }
    format!("{number}{}", units[unit])
}

/// A point in time in whole seconds.
pub(super) fn time(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}

/// A span of time.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let nanoseconds = duration.subsec_nanos();
    if seconds == 0 {
        let (whole, unit) = match nanoseconds {
            0 => return "0s".to_owned(),
            1..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "µs"),
            _ => (1_000_000, "ms"),
        };
        return fraction(u64::from(nanoseconds / whole), nanoseconds % whole, whole) + unit;
    }
    let mut text = String::new();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    if hours > 0 {
        let _ = write!(text, "{hours}h");
    }
    if hours > 0 || minutes > 0 {
        let _ = write!(text, "{minutes}m");
    }
    text + &fraction(seconds % 60, nanoseconds, 1_000_000_000) + "s"
}

/// A whole number, and behind a point what of another one is left over, without zeros at its end.
fn fraction(whole: u64, rest: u32, unit: u32) -> String {
    let digits = unit.ilog10() as usize;
    let text = format!("{whole}.{rest:0digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_written_as_in_go() {
        for (nanocores, text) in [
            (0, "0"),
            (1, "1n"),
            (123_456_789, "123456789n"),
            (120_000, "120u"),
            (250_000_000, "250m"),
            (1_000_000_000, "1"),
            (1_500_000_000, "1500m"),
            (64_000_000_000, "64"),
        ] {
            assert_eq!(cpu(nanocores), text);
        }
        for (number, text) in [
            (0, "0"),
            (1, "1"),
            (1000, "1k"),
            (1023, "1023"),
            (1024, "1Ki"),
            (1025, "1025"),
            (2000, "2000"),
            (36_000 * 1024, "36000Ki"),
            (36 << 20, "36Mi"),
            (3 << 30, "3Gi"),
            (1 << 63, "8Ei"),
        ] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn times_are_written_as_in_go() {
        assert_eq!(time("2026-08-22T10:20:30.987Z".parse().unwrap()), "2026-08-22T10:20:30Z");
        for (nanoseconds, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1µs"),
            (2_200_000, "2.2ms"),
            (15_200_000_000, "15.2s"),
            (15_000_000_001, "15.000000001s"),
            (10_000_000_000, "10s"),
            (60_000_000_000, "1m0s"),
            (3_600_500_000_000, "1h0m0.5s"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanoseconds)), text);
        }
    }
}
