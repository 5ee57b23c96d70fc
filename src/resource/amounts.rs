//! Lists of resources, such as a container's requests and a node's capacity.

use crate::{
    exposition::sanitize,
    wire::{Atom, Map, Quantity},
};
use std::borrow::Cow;

/// The unit of a resource, as the label `unit` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Processor cores.
    Core,
    /// Bytes. The API counts attachable volumes in them, too, by KSM's reading.
    Byte,
    /// A number of things.
    Integer,
}

impl Unit {
    /// The label's value.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Byte => "byte",
            Self::Integer => "integer",
        }
    }
}

/// One resource of a list.
#[derive(Debug)]
pub struct Amount<'a> {
    /// The resource's name as a label value.
    pub resource: Cow<'a, str>,
    /// The resource's unit.
    pub unit: Unit,
    /// How much of it.
    pub quantity: Quantity,
}

/// The resources of a list that are known by name, by prefix or as extended resources. A name that
/// is known both by its prefix and as an extended resource stands for two.
pub fn amounts(list: &Map<Atom, Quantity>) -> impl Iterator<Item = Amount<'_>> {
    list.iter().flat_map(|(name, quantity)| {
        units(name).into_iter().flatten().map(|unit| Amount {
            resource: label_value(name),
            unit,
            quantity: *quantity,
        })
    })
}

fn label_value(name: &str) -> Cow<'_, str> {
    // The one name that most clusters have and that needs a change.
    if name == "ephemeral-storage" {
        Cow::Borrowed("ephemeral_storage")
    } else if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(sanitize(name))
    }
}

fn units(name: &str) -> [Option<Unit>; 2] {
    let known = match name {
        // None of these has a domain.
        "cpu" => return [Some(Unit::Core), None],
        "memory" | "storage" | "ephemeral-storage" => return [Some(Unit::Byte), None],
        _ if name.starts_with("hugepages-") || name.starts_with("attachable-volumes-") => Some(Unit::Byte),
        _ => None,
    };
    [known, is_extended(name).then_some(Unit::Integer)]
}

/// Whether a name is that of an extended resource, by the rule of the scheduler's helpers: a
/// domain outside Kubernetes' own, and still a qualified name as a quota's `requests.` + name.
fn is_extended(name: &str) -> bool {
    let Some((domain, base)) = name.split_once('/') else { return false };
    !name.contains("kubernetes.io/")
        && !name.starts_with("requests.")
        && is_name_part(base)
        && "requests.".len() + domain.len() <= 253
        && domain.split('.').all(is_dns_label)
}

/// A qualified name's part behind the slash: at most 63 characters of which the first and the
/// last are alphanumeric.
fn is_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.len() <= 63
        && bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// A part of a domain, in lower case.
fn is_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    bytes.first().is_some_and(alphanumeric)
        && bytes.last().is_some_and(alphanumeric)
        && bytes.iter().all(|b| alphanumeric(b) || *b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_decide_the_unit() {
        use Unit::{Byte, Core, Integer};
        for (name, want) in [
            ("cpu", &[Core][..]),
            ("memory", &[Byte]),
            ("storage", &[Byte]),
            ("ephemeral-storage", &[Byte]),
            ("hugepages-2Mi", &[Byte]),
            ("attachable-volumes-aws-ebs", &[Byte]),
            ("nvidia.com/gpu", &[Integer]),
            ("hugepages-x.example.com/y", &[Byte, Integer]),
            ("pods", &[]),
            ("kubernetes.io/x", &[]),
            ("x.kubernetes.io/y", &[]),
            ("requests.example.com/x", &[]),
            ("Example.com/x", &[]),
            ("example.com/", &[]),
            ("/x", &[]),
            ("example.com/a/b", &[]),
            ("example.com/-x", &[]),
        ] {
            let got: Vec<Unit> = units(name).into_iter().flatten().collect();
            assert_eq!(got, want, "{name}");
        }
    }
}
