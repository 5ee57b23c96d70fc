//! Points in time, in whole seconds.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError},
    json::deserialize_from_text,
};
use crate::exposition::Reading;
use jiff::{civil::DateTime, fmt::temporal::Pieces};
use std::num::NonZeroI64;

/// `metav1.Time` (and `MicroTime`): seconds since 1970, the default being Go's zero time of the
/// year 1, which the API shows as `null`.
///
/// Fields that the API declares as pointers are `Option<Timestamp>`, which is no larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp(NonZeroI64);

impl Timestamp {
    /// Go's zero time, 0001-01-01T00:00:00Z.
    pub const ZERO: Self = Self::new(-62_135_596_800);

    /// The point in time so many seconds after 1970.
    pub const fn new(seconds: i64) -> Self {
        // Seconds are held with the sign bit turned over, since only the least of them is never needed.
        match NonZeroI64::new(seconds ^ i64::MIN) {
            Some(held) => Self(held),
            None => Self(NonZeroI64::MIN),
        }
    }

    /// Seconds since 1970.
    #[inline]
    pub const fn seconds(self) -> i64 {
        self.0.get() ^ i64::MIN
    }

    /// `None` for Go's zero time.
    #[inline]
    pub fn set(self) -> Option<Self> {
        (self != Self::ZERO).then_some(self)
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Reading for Timestamp {
    #[inline]
    fn reading(self) -> Option<f64> {
        Some(self.seconds() as f64)
    }
}

impl Decode for Timestamp {
    #[inline]
    #[allow(clippy::cast_possible_wrap)] // protobuf's rule for negative numbers
    fn merge(&mut self, field: Field<'_>, _: &Context) -> Result<(), DecodeError> {
        let mut fields = field.fields()?;
        // An empty message is the zero time, anything else starts from 1970.
        let mut seconds = if fields.0.is_empty() { Self::ZERO.seconds() } else { 0 };
        while let Some((number, value)) = fields.next()? {
            if number == 1 {
                seconds = value.integer()? as i64;
            }
        }
        *self = Self::new(seconds);
        Ok(())
    }
}

deserialize_from_text!(Timestamp, "a time as in RFC 3339", |text: &str| {
    seconds(text).map(Timestamp::new)
});

/// Seconds since 1970 in RFC 3339, those of which only a part has passed not counted. Years go to
/// 9999 whatever the offset, which is more than jiff's own points in time hold.
fn seconds(text: &str) -> Result<i64, jiff::Error> {
    const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let pieces = Pieces::parse(text)?;
    let (Some(time), Some(offset)) = (pieces.time(), pieces.to_numeric_offset()) else {
        return Err(jiff::Error::from_args(format_args!("it lacks a time of day or an offset")));
    };
    let time = time.with().subsec_nanosecond(0).build()?;
    Ok(pieces.date().to_datetime(time).duration_since(EPOCH).as_secs() - i64::from(offset.seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode;

    #[test]
    fn both_codecs_know_the_zero_time() {
        assert_eq!(decode::<Timestamp>(b"", &Context::default()).unwrap(), Timestamp::ZERO);
        assert_eq!(decode::<Timestamp>(&[0x10, 5], &Context::default()).unwrap().seconds(), 0);
        assert_eq!(Timestamp::default().set(), None);
        assert_eq!(Timestamp::ZERO.reading(), Some(-62_135_596_800.0));
    }

    #[test]
    fn reads_rfc_3339() {
        for (text, want) in [
            ("2023-11-14T22:13:20Z", 1_700_000_000),
            ("2023-11-14T23:13:20.999999+01:00", 1_700_000_000),
            ("1969-12-31T23:59:59.500000Z", -1),
            ("0001-01-01T00:00:00Z", Timestamp::ZERO.seconds()),
            ("9999-12-31T23:59:59-01:00", 253_402_304_399),
        ] {
            let time: Timestamp = serde_json::from_value(text.into()).unwrap();
            assert_eq!(time.seconds(), want, "{text}");
        }
        for text in ["yesterday", "2023-11-14", "2023-11-14T22:13:20"] {
            assert!(serde_json::from_value::<Timestamp>(text.into()).is_err(), "{text}");
        }
    }

    #[test]
    fn an_option_takes_no_more_room() {
        assert_eq!(size_of::<Option<Timestamp>>(), size_of::<Timestamp>());
    }
}
