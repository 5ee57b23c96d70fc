//! Numbers as people read them.

use crate::top::Unit;

/// A number in its unit, in few characters.
pub(super) fn shown(number: f64, unit: Unit, now: i64) -> String {
    match unit {
        Unit::Cores => cores(number),
        Unit::Bytes => bytes(number),
        Unit::Time => age(number, now),
        Unit::Seconds => span(number),
        Unit::Count | Unit::OfRow | Unit::Text | Unit::Numbers => plain(number),
    }
}

/// The unit that a row names for itself.
pub(super) fn unit_of(name: &str) -> Unit {
    match name {
        "core" => Unit::Cores,
        "byte" => Unit::Bytes,
        _ => Unit::Count,
    }
}

fn plain(number: f64) -> String {
    format!("{number}")
}

/// Thousandths of a core below one, and two digits behind the point above.
fn cores(number: f64) -> String {
    if number == 0.0 {
        "0".to_owned()
    } else if number.abs() < 0.9995 {
        // As kubectl does: what is used is never nothing.
        format!("{}m", (number * 1000.0).ceil())
    } else {
        let text = format!("{number:.2}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// In the largest unit of 1024 that leaves a whole one, with a digit behind the point below a hundred.
fn bytes(number: f64) -> String {
    let (mut number, mut units) = (number, ["", "Ki", "Mi", "Gi", "Ti", "Pi"].into_iter());
    let mut unit = units.next().unwrap_or_default();
    while number.abs() >= 1024.0
        && let Some(larger) = units.next()
    {
        (number, unit) = (number / 1024.0, larger);
    }
    let text = format!("{number:.*}", usize::from(number.abs() < 100.0));
    let text = text.strip_suffix(".0").unwrap_or(&text);
    format!("{text}{unit}")
}

/// How long something is ago, or how long until it.
fn age(at: f64, now: i64) -> String {
    let past = now as f64 - at;
    if past < 0.0 { format!("in {}", span(-past)) } else { span(past) }
}

/// A time span in one or two units, as kubectl shortens it.
fn span(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation)] // of a time span in seconds
    let seconds = seconds as i64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with =
        |first: String, rest: i64, unit: &str| if rest > 0 { format!("{first}{rest}{unit}") } else { first };
    if seconds < 120 {
        format!("{seconds}s")
    } else if minutes < 10 {
        with(format!("{minutes}m"), seconds % 60, "s")
    } else if hours < 3 {
        format!("{minutes}m")
    } else if hours < 8 {
        with(format!("{hours}h"), minutes % 60, "m")
    } else if hours < 48 {
        format!("{hours}h")
    } else if days < 8 {
        with(format!("{days}d"), hours % 24, "h")
    } else if days < 730 {
        format!("{days}d")
    } else {
        with(format!("{}y", days / 365), days % 365, "d")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (number, unit, want) in [
            (0.0, Unit::Cores, "0"),
            (0.0001, Unit::Cores, "1m"),
            (0.25, Unit::Cores, "250m"),
            (1.0, Unit::Cores, "1"),
            (12.345, Unit::Cores, "12.35"),
            (0.0, Unit::Bytes, "0"),
            (512.0, Unit::Bytes, "512"),
            (1536.0, Unit::Bytes, "1.5Ki"),
            (134_217_728.0, Unit::Bytes, "128Mi"),
            (2_147_483_648.0, Unit::Bytes, "2Gi"),
            (33_500_000_000.0, Unit::Bytes, "31.2Gi"),
            (110.0, Unit::Count, "110"),
            (1000.0 - 90.0, Unit::Time, "90s"),
            (1000.0 + 150.0, Unit::Time, "in 2m30s"),
            (1000.0 - 7260.0, Unit::Time, "121m"),
            (1000.0 - 259_200.0, Unit::Time, "3d"),
        ] {
            assert_eq!(shown(number, unit, 1000), want, "{number} {unit:?}");
        }
    }
}
