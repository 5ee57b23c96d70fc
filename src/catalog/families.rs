//! What there is to say of a kind's families, whatever its type.

use super::{Kind, Visitor, visit};
use crate::{exposition::Description, resource::Resource};

/// A family of a kind.
#[derive(Debug, Clone)]
pub struct KindFamily {
    /// Name, help, type and stability.
    pub description: &'static Description,
    /// The names of all its labels in their order; `label_*` stands for those that begin so and are
    /// known only at run time.
    pub labels: Vec<String>,
}

/// The families of a kind, in the order of their exposition.
pub fn families(kind: &Kind) -> Vec<KindFamily> {
    visit(kind.names.plural, &mut Listing).unwrap_or_default()
}

struct Listing;

impl Visitor for Listing {
    type Output = Vec<KindFamily>;

    fn visit<K: Resource>(&mut self) -> Vec<KindFamily> {
        let listed = K::FAMILIES.iter().map(|family| {
            let description = family.description();
            let identity = K::IDENTITY.iter().map(|label| label.name);
            let own = family.labels().iter().copied();
            let labels = identity.chain(own).map(str::to_owned);
            let later = description.label_prefix.map(|prefix| format!("{prefix}*"));
            KindFamily { description, labels: labels.chain(later).collect() }
        });
        listed.collect()
    }
}
