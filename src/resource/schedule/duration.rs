//! Go's notation of durations, such as `1h30m`.

/// Units with their nanoseconds.
const UNITS: [(&str, u64); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The whole seconds of a duration; `None` where it is none, or longer than 292 years.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanos = 0_u64;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        let (_, unit) = UNITS.iter().find(|(unit, _)| *unit == name)?;
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        nanos = nanos.checked_add(whole.checked_mul(*unit)?)?.checked_add(part(fraction, *unit))?;
        rest = after;
    }
    let nanos = i64::try_from(nanos).ok()?;
    Some(if negative { -nanos } else { nanos } / 1_000_000_000)
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// The decimal fraction with these digits of so many nanoseconds.
fn part(fraction: &str, unit: u64) -> u64 {
    // More digits than these make no nanosecond.
    let (mut part, mut unit) = (0_u128, u128::from(unit) * 1_000_000);
    for digit in fraction.bytes().take(20) {
        unit /= 10;
        part += u128::from(digit - b'0') * unit;
    }
    u64::try_from(part / 1_000_000).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, want) in [
            ("0", 0),
            ("+0", 0),
            ("1h30m", 5400),
            ("1.5h", 5400),
            (".5m", 30),
            ("2.s", 2),
            ("1h1m1s1ms1us1µs1μs1ns", 3661),
            ("1s1s", 2),
            ("1999ms", 1),
            ("-90s", -90),
            ("0.00000000000000000001h", 0),
            ("2562047h47m16.854775807s", 9_223_372_036),
        ] {
            assert_eq!(seconds(text), Some(want), "{text}");
        }
        for text in ["", "-", "1", "1 h", " 1h", "h", ".h", "1h.", "1d", "1H", "--1h", "2562048h", "1e3s"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
