//! Names as teams give them.

/// What services are about.
const DOMAINS: [&str; 32] = [
    "checkout",
    "payments",
    "catalog",
    "inventory",
    "shipping",
    "billing",
    "accounts",
    "identity",
    "search",
    "recommendations",
    "notifications",
    "messaging",
    "analytics",
    "reporting",
    "pricing",
    "orders",
    "loyalty",
    "media",
    "geocoding",
    "telemetry",
    "fraud",
    "ledger",
    "documents",
    "calendar",
    "feedback",
    "promotions",
    "subscriptions",
    "profiles",
    "sessions",
    "warehouse",
    "returns",
    "translations",
];

/// What parts services have.
const COMPONENTS: [&str; 24] = [
    "api",
    "worker",
    "gateway",
    "frontend",
    "backend",
    "scheduler",
    "indexer",
    "consumer",
    "producer",
    "cache",
    "proxy",
    "exporter",
    "importer",
    "aggregator",
    "webhook",
    "dispatcher",
    "reconciler",
    "mailer",
    "renderer",
    "collector",
    "archiver",
    "validator",
    "router",
    "streamer",
];

const STAGES: [&str; 5] = ["prod", "staging", "canary", "qa", "dev"];

/// The images of the whole cluster.
pub(super) const IMAGES: usize = 400;

/// The name of a namespace, distinct for every number.
pub(in super::super) fn namespace(number: usize) -> String {
    let (domain, stage) = (DOMAINS[number % DOMAINS.len()], STAGES[number / DOMAINS.len() % STAGES.len()]);
    match number / (DOMAINS.len() * STAGES.len()) {
        0 => format!("{domain}-{stage}"),
        more => format!("{domain}-{stage}-{}", more + 1),
    }
}

/// The name of a workload, distinct for every number; neighbours have little in common.
pub(super) fn workload(number: usize) -> String {
    let names = DOMAINS.len() * COMPONENTS.len();
    // 337 shares no factor with the number of names, so that each is taken before one comes again.
    let place = number * 337 % names;
    let (domain, component) = (DOMAINS[place / COMPONENTS.len()], COMPONENTS[place % COMPONENTS.len()]);
    match number / names {
        0 => format!("{domain}-{component}"),
        more => format!("{domain}-{component}-{}", more + 1),
    }
}

/// The repository and tag of an image.
pub(super) fn image(number: usize) -> String {
    let number = number % IMAGES;
    let (domain, component) = (DOMAINS[number % DOMAINS.len()], COMPONENTS[number / DOMAINS.len()]);
    let (minor, patch) = (number * 7 % 40, number * 3 % 15);
    format!("registry.example.com/{domain}/{domain}-{component}:v1.{minor}.{patch}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_distinct() {
        assert_eq!((0..1000).map(namespace).collect::<BTreeSet<_>>().len(), 1000);
        assert_eq!((0..5000).map(workload).collect::<BTreeSet<_>>().len(), 5000);
        assert_eq!((0..IMAGES).map(image).collect::<BTreeSet<_>>().len(), IMAGES);
    }
}
