//! The declaration of messages, and the codecs of plain values.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError, whole},
};

/// Declares lean messages of the Kubernetes API with their official field numbers.
///
/// ```
/// # use kstate::wire::{Atom, Context, decode};
/// kstate::wire! {
///     /// Where a pod runs.
///     pub struct Placement {
///         /// The node's name.
///         node_name: Atom = 10,
///         /// The node's address.
///         #[serde(rename = "hostIP")]
///         host_ip: Atom = 5,
///     }
/// }
/// let bytes = [&[10 << 3 | 2, 2][..], b"n1"].concat();
/// let placement: Placement = decode(&bytes, &Context::default()).unwrap();
/// assert_eq!(&*placement.node_name, "n1");
/// ```
///
/// Each becomes a plain struct with [`Decode`](crate::wire::Decode) for protobuf and
/// `serde::Deserialize` for JSON and YAML, where names are in camel case, and missing fields as
/// well as `null` mean the default. A field marked `#[serde(flatten)]` is a message of its own in
/// protobuf only. Fields behind a semicolon are never sent and begin as their default; they hold
/// nothing on the heap of their own. A function behind `=>` is called once the message is complete.
#[macro_export]
macro_rules! wire {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$field_meta:meta])* $field:ident : $type:ty = $number:literal ),* $(,)?
            $( ; $( $(#[$unsent_meta:meta])* $unsent:ident : $unsent_type:ty ),* $(,)? )?
        } $( => $settle:path )?
    )*) => { $(
        $(#[$meta])*
        #[allow(unreachable_pub)] // the fields of a private module's messages are as public as it is
        #[derive(Debug, Clone, Default, PartialEq, Eq, Hash, serde::Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $(
                $(#[$field_meta])*
                #[serde(deserialize_with = "kstate::wire::or_default")]
                pub $field: $type,
            )*
            $( $(
                $(#[$unsent_meta])*
                #[serde(skip)]
                pub $unsent: $unsent_type,
            )* )?
        }

        impl $crate::wire::Decode for $name {
            fn merge(
                &mut self,
                field: $crate::wire::Field<'_>,
                context: &$crate::wire::Context,
            ) -> ::std::result::Result<(), $crate::wire::DecodeError> {
                let mut fields = field.fields()?;
                while let Some((number, value)) = fields.next()? {
                    match number {
                        $( $number => $crate::wire::Decode::merge(&mut self.$field, value, context)?, )*
                        _ => { let _ = (value, context); }
                    }
                }
                $( $crate::wire::Decode::seal(&mut self.$field); )*
                Ok(())
            }

            $(
                #[inline]
                fn seal(&mut self) {
                    $settle(self);
                }
            )?

            fn heap_size(&self) -> usize {
                0 $( + $crate::wire::Decode::heap_size(&self.$field) )*
            }
        }
    )* };
}

macro_rules! integers {
    ($($type:ty),*) => { $(
        impl Decode for $type {
            #[inline]
            #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)] // protobuf's rule
            fn merge(&mut self, field: Field<'_>, _: &Context) -> Result<(), DecodeError> {
                *self = field.integer()? as $type;
                Ok(())
            }
        }
    )* };
}
integers!(i32, i64);

impl Decode for bool {
    #[inline]
    fn merge(&mut self, field: Field<'_>, _: &Context) -> Result<(), DecodeError> {
        *self = field.integer()? != 0;
        Ok(())
    }
}

impl Decode for Box<str> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, _: &Context) -> Result<(), DecodeError> {
        *self = field.text()?.into();
        Ok(())
    }

    #[inline]
    fn heap_size(&self) -> usize {
        self.len()
    }
}

impl<T: Decode> Decode for Option<T> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        self.get_or_insert_default().merge(field, context)
    }

    #[inline]
    fn seal(&mut self) {
        if let Some(value) = self {
            value.seal();
        }
    }

    #[inline]
    fn heap_size(&self) -> usize {
        self.as_ref().map_or(0, Decode::heap_size)
    }
}

impl<T: Decode> Decode for Box<T> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        (**self).merge(field, context)
    }

    #[inline]
    fn seal(&mut self) {
        (**self).seal();
    }

    #[inline]
    fn heap_size(&self) -> usize {
        size_of::<T>() + (**self).heap_size()
    }
}

impl<T: Decode> Decode for Vec<T> {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        self.push(whole(field, context)?);
        Ok(())
    }

    #[inline]
    fn seal(&mut self) {
        self.shrink_to_fit();
    }

    #[inline]
    fn heap_size(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(Decode::heap_size).sum::<usize>()
    }
}

/// An entry of a map.
impl<K: Decode, V: Decode> Decode for (K, V) {
    #[inline]
    fn merge(&mut self, field: Field<'_>, context: &Context) -> Result<(), DecodeError> {
        let mut fields = field.fields()?;
        while let Some((number, value)) = fields.next()? {
            match number {
                1 => self.0.merge(value, context)?,
                2 => self.1.merge(value, context)?,
                _ => {}
            }
        }
        Ok(())
    }

    #[inline]
    fn heap_size(&self) -> usize {
        self.0.heap_size() + self.1.heap_size()
    }
}
