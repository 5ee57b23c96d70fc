//! Texts that are held in a shorter form where they can be.

/// Completes a value made from a text: a struct around an enum `Form`, one of whose forms is
/// `Text(Box<str>)` for whatever fits no other, with a constructor `new` that never fails.
macro_rules! compact_text {
    ($type:ty, $expecting:literal) => {
        impl Default for $type {
            fn default() -> Self {
                Self(Form::Text(Box::default()))
            }
        }

        impl $crate::wire::Decode for $type {
            #[inline]
            fn merge(
                &mut self,
                field: $crate::wire::Field<'_>,
                _: &$crate::wire::Context,
            ) -> Result<(), $crate::wire::DecodeError> {
                *self = Self::new(field.text()?);
                Ok(())
            }

            #[inline]
            fn heap_size(&self) -> usize {
                if let Form::Text(text) = &self.0 { text.len() } else { 0 }
            }
        }

        crate::wire::json::deserialize_from_text!($type, $expecting, |text| {
            Ok::<_, std::convert::Infallible>(<$type>::new(text))
        });
    };
}
pub(super) use compact_text;
