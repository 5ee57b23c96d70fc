//! Interned texts.

use super::{
    bytes::Field,
    decode::{Context, Decode, DecodeError},
    json::deserialize_from_text,
    pool::Pool,
};
use std::{
    cmp::Ordering,
    convert::Infallible,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::{Arc, LazyLock},
};

static POOL: LazyLock<&'static Pool<Box<str>>> = LazyLock::new(Pool::leak);

/// A text that is likely to be held by many objects: one pointer, equal where the pointers are,
/// released after its last user is gone. The empty text takes no memory.
#[derive(Clone, Default, Eq)]
pub struct Atom(Option<Arc<Box<str>>>);

impl Atom {
    /// The atom of a text.
    #[inline]
    pub fn new(text: &str) -> Self {
        if text.is_empty() {
            return Self(None);
        }
        Self(Some(POOL.get(text, |held| **held == *text, || Arc::new(text.into()))))
    }

    /// The text, or another one where it is empty.
    #[inline]
    pub fn or<'a>(&'a self, other: &'a str) -> &'a str {
        if self.0.is_none() { other } else { self }
    }

    /// The number of distinct texts held by the process.
    pub fn count() -> usize {
        POOL.len()
    }
}

impl Deref for Atom {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.0.as_ref().map_or("", |text| text)
    }
}

impl PartialEq for Atom {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        }
    }
}

impl PartialEq<str> for Atom {
    fn eq(&self, other: &str) -> bool {
        **self == *other
    }
}

impl PartialEq<&str> for Atom {
    fn eq(&self, other: &&str) -> bool {
        **self == **other
    }
}

/// In the order of the texts.
impl Ord for Atom {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl PartialOrd for Atom {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Atom {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.0.as_ref().map_or(0, |text| Arc::as_ptr(text).addr()));
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl Decode for Atom {
    #[inline]
    fn merge(&mut self, field: Field<'_>, _: &Context) -> Result<(), DecodeError> {
        *self = Self::new(field.text()?);
        Ok(())
    }
}

crate::pooled!(Atom);

deserialize_from_text!(Atom, "a text", |text| Ok::<_, Infallible>(Atom::new(text)));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_are_one() {
        let (a, b) = (Atom::new("equal-texts"), Atom::new(&["equal", "texts"].join("-")));
        assert_eq!(a, b);
        assert_eq!((*a).as_ptr(), (*b).as_ptr());
        assert_ne!(a, Atom::new("other-text"));
        assert_eq!(Atom::new(""), Atom::default());
        assert_eq!(Atom::default().or("fallback"), "fallback");
    }

    #[test]
    fn texts_without_users_are_released() {
        let kept: Vec<Atom> = (0..100).map(|i| Atom::new(&format!("released-{i}"))).collect();
        for i in 100..100_000 {
            Atom::new(&format!("released-{i}"));
        }
        crate::wire::sweep();
        assert!(Atom::count() < 50_000, "{} texts are held", Atom::count());
        assert_eq!(kept[7], Atom::new("released-7"));
    }
}
