//! Which families known alerts, rules, dashboards and tools read.

use crate::cli::Profile;

/// For each family that is read its name, the number of places that read it, and who does.
const READERS: &str = include_str!("readers.txt");

/// Those whose alerts, rules and dashboards most clusters have.
const MIXINS: [&str; 5] = [
    "kubernetes-mixin",
    "kube-prometheus",
    "kube-prometheus-stack",
    "kube-state-metrics-mixin",
    "grafana-dashboards-kubernetes",
];

/// In how many places a family is read.
pub fn uses(family: &str) -> u32 {
    entry(family).map_or(0, |(places, _)| places)
}

impl Profile {
    /// Whether a family belongs to the profile.
    pub(super) fn holds(self, family: &str) -> bool {
        match self {
            Self::Full => true,
            Self::Lean => entry(family).is_some(),
            Self::Mixin => entry(family)
                .is_some_and(|(_, readers)| readers.split(',').any(|reader| MIXINS.contains(&reader))),
        }
    }
}

fn entry(family: &str) -> Option<(u32, &'static str)> {
    READERS.lines().find_map(|line| {
        let (places, readers) = line.strip_prefix(family)?.strip_prefix(' ')?.split_once(' ')?;
        Some((places.parse().ok()?, readers))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_hold_what_is_read() {
        for (family, lean, mixin) in [
            ("kube_pod_status_phase", true, true),
            ("kube_node_status_condition", true, true),
            ("kube_cronjob_created", true, false),
            ("kube_pod_status_initialized_time", false, false),
            ("kube_pod", false, false),
        ] {
            let held = [Profile::Full, Profile::Lean, Profile::Mixin].map(|profile| profile.holds(family));
            assert_eq!(held, [true, lean, mixin], "{family}");
            assert_eq!(uses(family) > 0, lean, "{family}");
        }
    }
}
