//! Amounts of resources.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError},
};
use serde::{Deserialize, Deserializer, de};
use std::{
    fmt,
    ops::{Add, Sub},
};

/// `resource.Quantity`: a fixed-point number in units of 10⁻⁹, the finest that Kubernetes keeps.
///
/// Amounts finer than that are rounded away from zero, and those with a binary suffix are capped
/// at 2⁶³-1, both as the API server does. Beyond ±1.7·10²⁹ an amount stays at that bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    /// Two halves, since 128-bit integers would have every list of quantities aligned to 16 bytes.
    high: i64,
    low: u64,
}

const NANO: i128 = 1_000_000_000;
const MILLI_NANOS: i128 = 1_000_000;

impl Quantity {
    /// Reads Kubernetes' notation, such as `100m`, `1Gi`, `1e3` or `-0.5`.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (digits, suffix) = unsigned.split_at(end);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let suffix = Suffix::parse(suffix)?;
        let nanos = suffix.nanos(whole, fraction);
        Some(Self::from_nanos(if negative { -nanos } else { nanos }))
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // exactly the two halves
    fn from_nanos(nanos: i128) -> Self {
        Self { high: (nanos >> 64) as i64, low: nanos as u64 }
    }

    /// The amount in units of 10⁻⁹.
    pub fn nanos(self) -> i128 {
        i128::from(self.high) << 64 | i128::from(self.low)
    }

    /// True where there is none of it.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// The amount as a whole number, rounded away from zero.
    pub fn value(self) -> f64 {
        if let Some(nanos) = self.small() {
            return nanos.div_ceil(1_000_000_000) as f64;
        }
        self.round_up(NANO) as f64
    }

    /// The amount in thousandths, rounded away from zero; amounts of more than 2⁶³ thousandths are
    /// rounded to a whole number instead.
    pub fn milli(self) -> f64 {
        const MAX: i128 = i64::MAX as i128 / 1000;
        if let Some(nanos) = self.small() {
            return nanos.div_ceil(1_000_000) as f64 / 1000.0;
        }
        let whole = self.round_up(NANO);
        if whole > MAX { whole as f64 } else { self.round_up(MILLI_NANOS) as f64 / 1000.0 }
    }

    /// The amount as kube-state-metrics computes it where it doesn't round: the whole number of the
    /// amount's own notation times a power of a thousand. That may be off in the last digit.
    pub fn approximate(self) -> f64 {
        let (mut number, mut powers) = (self.nanos(), [1e-9, 1e-6, 1e-3, 1.0].into_iter());
        let mut unit = powers.next().unwrap_or(1.0);
        for larger in powers {
            if number % 1000 != 0 {
                break;
            }
            (number, unit) = (number / 1000, larger);
        }
        number as f64 * unit
    }

    /// The amount where 64 bits hold it, as they do up to 18 GB: dividing 128 bits takes a call.
    fn small(self) -> Option<u64> {
        (self.high == 0).then_some(self.low)
    }

    fn round_up(self, unit: i128) -> i128 {
        let nanos = self.nanos();
        nanos / unit + (nanos % unit).signum()
    }
}

impl Add for Quantity {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::from_nanos(self.nanos().saturating_add(other.nanos()))
    }
}

impl Sub for Quantity {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::from_nanos(self.nanos().saturating_sub(other.nanos()))
    }
}

/// What a number is multiplied by.
#[derive(Clone, Copy)]
enum Suffix {
    /// So many powers of ten.
    Decimal(i32),
    /// So many powers of two.
    Binary(u32),
}

impl Suffix {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" => Self::Decimal(0),
            "n" => Self::Decimal(-9),
            "u" => Self::Decimal(-6),
            "m" => Self::Decimal(-3),
            "k" => Self::Decimal(3),
            "M" => Self::Decimal(6),
            "G" => Self::Decimal(9),
            "T" => Self::Decimal(12),
            "P" => Self::Decimal(15),
            "E" => Self::Decimal(18),
            "Ki" => Self::Binary(10),
            "Mi" => Self::Binary(20),
            "Gi" => Self::Binary(30),
            "Ti" => Self::Binary(40),
            "Pi" => Self::Binary(50),
            "Ei" => Self::Binary(60),
            _ => Self::Decimal(text.strip_prefix(['e', 'E'])?.parse().ok()?),
        })
    }

    /// The number `whole.fraction` times this suffix, in units of 10⁻⁹.
    fn nanos(self, whole: &str, fraction: &str) -> i128 {
        match self {
            Self::Decimal(power) => shifted(whole, fraction, power.saturating_add(9)),
            Self::Binary(power) => {
                let cap = i128::from(i64::MAX) * NANO;
                // A number of this many digits is beyond the cap, whatever its suffix.
                if whole.trim_start_matches('0').len() > 19 {
                    return cap;
                }
                let scaled = shifted(whole, "", 9).saturating_mul(1 << power);
                // The fraction in units of 10⁻¹⁸ stays below 2⁶⁰, so that no product overflows.
                let fine = shifted("", fraction, 18).saturating_mul(1 << power);
                scaled.saturating_add(fine / NANO + (fine % NANO).signum()).min(cap)
            }
        }
    }
}

/// `whole.fraction` times a power of ten, rounded up to a whole number; the greatest number where
/// it doesn't fit.
fn shifted(whole: &str, fraction: &str, power: i32) -> i128 {
    let point = i64::try_from(whole.len()).unwrap_or(i64::MAX).saturating_add(i64::from(power));
    let mut digits = whole.bytes().chain(fraction.bytes());
    let mut value = 0_i128;
    for _ in 0..point {
        let digit = match digits.next() {
            Some(digit) => i128::from(digit - b'0'),
            // The rest is zeros, and there are too many for any number but zero.
            None if value == 0 => return 0,
            None => 0,
        };
        value = match value.checked_mul(10).and_then(|v| v.checked_add(digit)) {
            Some(value) => value,
            None => return i128::MAX,
        };
    }
    let rest = if point < 0 {
        whole.bytes().chain(fraction.bytes()).any(|d| d != b'0')
    } else {
        digits.any(|d| d != b'0')
    };
    value.saturating_add(i128::from(rest))
}

impl Decode for Quantity {
    #[inline]
    fn merge(&mut self, field: Field<'_>, _: &Context) -> Result<(), DecodeError> {
        let mut fields = field.fields()?;
        while let Some((number, value)) = fields.next()? {
            if number == 1 {
                let text = value.text()?;
                *self = Self::parse(text).ok_or_else(|| DecodeError::Quantity(text.to_owned()))?;
            }
        }
        Ok(())
    }
}

/// Quantities may stand as bare numbers, too.
impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity such as 100m or 1Gi")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Quantity, E> {
                Quantity::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Quantity, E> {
                Ok(Quantity::from_nanos(i128::from(number) * NANO))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Quantity, E> {
                Ok(Quantity::from_nanos(i128::from(number) * NANO))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Quantity, E> {
                self.visit_str(&number.to_string())
            }
        }

        from.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    #[allow(clippy::float_cmp)] // exact on purpose
    fn reads_all_notations() {
        for (text, value, milli) in [
            ("0", 0.0, 0.0),
            ("1", 1.0, 1.0),
            ("100m", 1.0, 0.1),
            ("1Gi", 1_073_741_824.0, 1_073_741_824.0),
            ("1.5Ki", 1536.0, 1536.0),
            ("0.1Ki", 103.0, 102.4),
            ("1e3", 1000.0, 1000.0),
            ("1E3", 1000.0, 1000.0),
            ("1e-3", 1.0, 0.001),
            ("12e+2", 1200.0, 1200.0),
            ("1E", 1e18, 1e18),
            ("2Ei", 2_305_843_009_213_693_952.0, 2_305_843_009_213_693_952.0),
            ("0.5", 1.0, 0.5),
            (".5", 1.0, 0.5),
            ("5.", 5.0, 5.0),
            ("+7k", 7000.0, 7000.0),
            ("-1500m", -2.0, -1.5),
            ("-0.5Gi", -536_870_912.0, -536_870_912.0),
            ("1n", 1.0, 0.001),
            ("1u", 1.0, 0.001),
            ("0.0000000001", 1.0, 0.001),
            ("1500u", 1.0, 0.002),
            ("007", 7.0, 7.0),
            // Capped by the API server.
            ("100Ei", 9_223_372_036_854_775_807.0, 9_223_372_036_854_775_807.0),
            ("99999999999999999999999999999Ki", 9_223_372_036_854_775_807.0, 9_223_372_036_854_775_807.0),
            // More than 2^63 thousandths are rounded to a whole number.
            ("9223372036854775.1", 9_223_372_036_854_776.0, 9_223_372_036_854_776.0),
            ("100E", 1e20, 1e20),
            ("0e999999999", 0.0, 0.0),
            ("1e-999999999", 1.0, 0.001),
        ] {
            let quantity = Quantity::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(quantity.value(), value, "value of {text}");
            assert_eq!(quantity.milli(), milli, "thousandths of {text}");
        }
    }

    #[test]
    #[allow(clippy::float_cmp)] // exact on purpose
    fn approximates_as_go_does() {
        for (text, want) in [
            ("0", 0.0),
            ("0.1", 0.1),
            ("100m", 0.1),
            ("700m", 0.700_000_000_000_000_1),
            ("25m", 0.025),
            ("-50m", -0.05),
            ("1500u", 0.0015),
            ("1n", 1e-9),
            ("1", 1.0),
            ("2500", 2500.0),
            ("1Ki", 1024.0),
        ] {
            assert_eq!(Quantity::parse(text).unwrap().approximate(), want, "{text}");
        }
    }

    #[test]
    fn rejects_everything_else() {
        for text in
            ["", "-", "+", ".", "1.2.3", "1 Gi", "Gi", "1ki", "1KI", "e3", "1e", "1e3Ki", "0x10", "one", "١"]
        {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_amount_beyond_all_bounds_stays_at_the_bound() {
        assert!(Quantity::parse("1e40").unwrap().value() > 1.7e29);
        assert!(Quantity::parse("-1e40").unwrap().value() < -1.7e29);
        // The bound itself, and what is rounded up from it.
        assert!(Quantity::parse("170141183460469231731687303715.8841057271").unwrap().value() > 1.7e29);
    }

    proptest! {
        #[test]
        fn never_panics(text in "[-+]?[0-9]{0,40}\\.?[0-9]{0,40}([a-zA-Z]{0,2}|e[-+]?[0-9]{0,12})") {
            let _ = Quantity::parse(&text).map(|q| (q.value(), q.milli()));
        }

        #[test]
        #[allow(clippy::float_cmp)] // exactly
        fn thousandths_of_numbers(milli in -1_000_000_000_000_i64..1_000_000_000_000) {
            let quantity = Quantity::parse(&format!("{milli}m")).unwrap();
            prop_assert_eq!(quantity.milli(), milli as f64 / 1000.0);
        }
    }
}
