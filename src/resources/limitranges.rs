//! `LimitRanges`.

use crate::{
    exposition::{Families, Identity},
    resource::{Names, Resource},
    wire::{Atom, Map, ObjectMeta, Quantity, Shared},
};

type Family = crate::exposition::Family<LimitRange>;

crate::wire! {
    /// `v1.LimitRange`.
    pub struct LimitRange {
        /// The object's metadata.
        metadata: ObjectMeta = 1,
        /// What is wanted.
        spec: LimitRangeSpec = 2,
    }

    /// `v1.LimitRangeSpec`.
    pub struct LimitRangeSpec {
        /// What is enforced. Many namespaces have the same.
        limits: Shared<LimitRangeItem> = 1,
    }

    /// `v1.LimitRangeItem`.
    pub struct LimitRangeItem {
        /// `Pod`, `Container` or `PersistentVolumeClaim`.
        r#type: Atom = 1,
        /// At most so much.
        max: Map<Atom, Quantity> = 2,
        /// At least so much.
        min: Map<Atom, Quantity> = 3,
        /// The limit of what names none.
        default: Map<Atom, Quantity> = 4,
        /// The request of what names none.
        default_request: Map<Atom, Quantity> = 5,
        /// At most so many times the request is the limit.
        max_limit_request_ratio: Map<Atom, Quantity> = 6,
    }
}
crate::local_object!(LimitRange);
crate::pooled!(LimitRangeItem);

impl Resource for LimitRange {
    const NAMES: Names =
        Names { kind: "LimitRange", plural: "limitranges", group: "", version: "v1", namespaced: true };
    const IDENTITY: &'static [Identity<Self>] = &[Identity::NAMESPACE, Identity::name("limitrange")];
    const FAMILIES: Families<Self> = FAMILIES;
}

const FAMILIES: Families<LimitRange> = &[
    &Family::gauge("kube_limitrange", "Bounds and defaults for the resources of a type of object.")
        .stable()
        .appears("for each resource of each constraint")
        .labels(["resource", "type", "constraint"])
        .samples(|range, out| {
            for item in range.spec.limits.iter() {
                for (amounts, constraint) in [
                    (&item.min, "min"),
                    (&item.max, "max"),
                    (&item.default, "default"),
                    (&item.default_request, "defaultRequest"),
                    (&item.max_limit_request_ratio, "maxLimitRequestRatio"),
                ] {
                    for (resource, amount) in amounts.iter() {
                        out.push([resource, &item.r#type, constraint], amount.milli());
                    }
                }
            }
        }),
    &Family::created("kube_limitrange_created").stable(),
];

#[cfg(test)]
mod tests {
    crate::resource::golden::golden!(super::LimitRange, "limitranges");
}
