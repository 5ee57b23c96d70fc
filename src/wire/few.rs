//! Lists that nearly always hold one value.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError, whole},
};
use serde::{Deserialize, Deserializer};
use std::{mem, ops::Deref, slice};

/// A list that holds a single value in place, without memory of its own. One of addresses is no
/// larger than one address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Few<T>(Form<T>);

/// Which form a list has depends on its length alone, so that equal lists are of one form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
enum Form<T> {
    #[default]
    None,
    One(T),
    /// Boxed once more, which leaves the other forms their size.
    #[allow(clippy::box_collection)]
    Many(Box<Vec<T>>),
}

impl<T> Few<T> {
    fn push(&mut self, value: T) {
        self.0 = match mem::take(&mut self.0) {
            Form::None => Form::One(value),
            Form::One(first) => Form::Many(Box::new(vec![first, value])),
            Form::Many(mut values) => {
                values.push(value);
                Form::Many(values)
            }
        }
    }

    #[inline]
    fn shrink(&mut self) {
        if let Form::Many(values) = &mut self.0 {
            values.shrink_to_fit();
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Form::None)
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.0 {
            Form::None => &[],
            Form::One(value) => slice::from_ref(value),
            Form::Many(values) => values,
        }
    }
}

impl<T: Decode> Decode for Few<T> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        self.push(whole(field, context)?);
        Ok(())
    }

    #[inline]
    fn seal(&mut self) {
        self.shrink();
    }

    #[inline]
    fn heap_size(&self) -> usize {
        match &self.0 {
            Form::None => 0,
            Form::One(value) => value.heap_size(),
            Form::Many(values) => values.heap_size(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut few = Self::default();
        Vec::deserialize(from)?.into_iter().for_each(|value| few.push(value));
        few.shrink();
        Ok(few)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Ip;

    #[test]
    fn both_codecs_agree_on_every_length() {
        crate::wire! {
            /// Has addresses.
            pub struct Host {
                /// Its addresses.
                addresses: Few<Ip> = 1,
            }
        }
        for (bytes, json, length) in [
            (&b""[..], r"{}", 0),
            (&b"\x0a\x02::"[..], r#"{"addresses": ["::"]}"#, 1),
            (&b"\x0a\x02::\x0a\x00\x0a\x01x"[..], r#"{"addresses": ["::", "", "x"]}"#, 3),
        ] {
            let host: Host = crate::wire::decode(bytes, &Context::default()).unwrap();
            assert_eq!(host, serde_json::from_str(json).unwrap());
            assert_eq!(host.addresses.len(), length);
        }
    }

    #[test]
    fn one_value_takes_no_more_than_itself() {
        assert_eq!(size_of::<Few<Ip>>(), size_of::<Ip>());
        assert_eq!(Decode::heap_size(&Few(Form::One(Ip::new("10.0.0.1")))), 0);
    }
}
