//! Which families are exported: `--metric-allowlist`, `--metric-denylist` and
//! `--metric-opt-in-list`.

use crate::{cli::UsageError, exposition::Description};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

/// Patterns that choose families by their names. All of them match anywhere in a name.
#[derive(Debug)]
pub(super) struct Patterns<'a> {
    /// ECMAScript; where there are any, one of them has to match.
    pub(super) allowed: Vec<&'a str>,
    /// ECMAScript; none of them may match.
    pub(super) denied: Vec<&'a str>,
    /// RE2; one of them has to match a family that is served on request only.
    pub(super) opt_in: Vec<&'a str>,
    /// How long matching may take; patterns can be written that need longer than anyone lives.
    pub(super) patience: Duration,
}

impl Patterns<'_> {
    /// The names of the families that are exported.
    pub(super) fn select(&self, families: &[&Description]) -> Result<BTreeSet<&'static str>, UsageError> {
        if let (Some(allowed), Some(denied)) = (self.allowed.first(), self.denied.first()) {
            return Err(UsageError::new(format!(
                "--metric-allowlist ({allowed}) and --metric-denylist ({denied}) exclude each other: \
                 give only one of them"
            )));
        }
        let mut names: Vec<&'static str> = self.requested(families)?;
        if !self.allowed.is_empty() {
            let matching = self.matching("--metric-allowlist", &self.allowed, &names)?;
            names.retain(|name| matching.contains(name));
        }
        if !self.denied.is_empty() {
            let matching = self.matching("--metric-denylist", &self.denied, &names)?;
            names.retain(|name| !matching.contains(name));
        }
        Ok(names.into_iter().collect())
    }

    /// All families but those on request that nobody requests.
    fn requested(&self, families: &[&Description]) -> Result<Vec<&'static str>, UsageError> {
        let rust: Vec<String> = self.opt_in.iter().map(|pattern| unquoted(pattern)).collect();
        let opt_in = regex::RegexSet::new(&rust).map_err(|_| {
            let wrong = self.opt_in.iter().find(|pattern| regex::Regex::new(&unquoted(pattern)).is_err());
            let wrong = wrong.copied().unwrap_or_default();
            UsageError::new(format!("--metric-opt-in-list: \"{wrong}\" is no RE2 regular expression"))
        })?;
        let requested = families.iter().filter(|family| !family.opt_in || opt_in.is_match(family.name));
        Ok(requested.map(|family| family.name).collect())
    }

    /// The names that one of the patterns matches.
    fn matching(
        &self,
        flag: &str,
        patterns: &[&str],
        names: &[&'static str],
    ) -> Result<BTreeSet<&'static str>, UsageError> {
        let compile = |pattern: &&str| {
            regress::Regex::new(&standard(pattern)).map_err(|error| {
                let error = error.to_string();
                UsageError::new(format!("{flag}: \"{pattern}\" is no ECMAScript regular expression: {error}"))
            })
        };
        let compiled = patterns.iter().map(compile).collect::<Result<Vec<_>, _>>()?;
        // The engine knows no limits, so it works apart, and tells where it is.
        let at = Arc::new(AtomicUsize::new(0));
        let (done, result) = mpsc::channel();
        let (progress, names) = (Arc::clone(&at), names.to_vec());
        std::thread::spawn(move || {
            let mut matching = BTreeSet::new();
            for (number, pattern) in compiled.iter().enumerate() {
                progress.store(number, Ordering::Relaxed);
                matching.extend(names.iter().filter(|name| pattern.find(name).is_some()));
            }
            // Nobody listens any longer where the time was up.
            let _ = done.send(matching);
        });
        result.recv_timeout(self.patience).map_err(|_| {
            let (pattern, patience) = (patterns[at.load(Ordering::Relaxed)], self.patience);
            UsageError::new(format!(
                "{flag}: \"{pattern}\" takes more than {patience:?} to match; simplify what it repeats"
            ))
        })
    }
}

/// The same in RE2 without `\Q…\E`, for text that is to be taken as it is, which our engine lacks.
fn unquoted(pattern: &str) -> String {
    let (mut plain, mut rest) = (String::new(), pattern);
    while let Some((front, escape, behind)) = next_escape(rest) {
        plain += front;
        rest = if escape == r"\Q" {
            let (quoted, behind) = behind.split_once(r"\E").unwrap_or((behind, ""));
            plain += &regex::escape(quoted);
            behind
        } else {
            plain += escape;
            behind
        };
    }
    plain + rest
}

/// The same in ECMAScript alone. kube-state-metrics' engine also reads some notations of .NET: `\A`, `\z`
/// and `\Z` for the two ends, and options for all that follows, as `(?i)`.
fn standard(pattern: &str) -> String {
    let (mut standard, mut rest) = (String::new(), pattern);
    let options = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    let options =
        options.filter(|(options, _)| !options.is_empty() && options.chars().all(|c| "ims".contains(c)));
    if let Some((options, behind)) = options {
        standard = format!("(?{options}:");
        rest = behind;
    }
    while let Some((front, escape, behind)) = next_escape(rest) {
        standard += front;
        standard += match escape {
            r"\A" => "^",
            r"\z" | r"\Z" => "$",
            escape => escape,
        };
        rest = behind;
    }
    standard + rest + if options.is_some() { ")" } else { "" }
}

/// The next backslash with its character, and what stands before and behind them.
fn next_escape(pattern: &str) -> Option<(&str, &str, &str)> {
    let (front, rest) = pattern.split_at(pattern.find('\\')?);
    let (escape, behind) = rest.split_at(1 + rest[1..].chars().next()?.len_utf8());
    Some((front, escape, behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::{AnyFamily, Family};

    fn select(allowed: &[&str], denied: &[&str], opt_in: &[&str]) -> Result<Vec<&'static str>, String> {
        let families = [
            Family::<()>::gauge("kube_pod_info", "Info.").samples(|(), _| {}),
            Family::gauge("kube_pod_container_status_terminated", "Terminated.").samples(|(), _| {}),
            Family::gauge("kube_pod_container_status_terminated_reason", "Why.").samples(|(), _| {}),
            Family::gauge("kube_pod_nodeselectors", "Selectors.").opt_in().samples(|(), _| {}),
        ];
        let families: Vec<&Description> = families.iter().map(AnyFamily::description).collect();
        let patterns = Patterns {
            allowed: allowed.to_vec(),
            denied: denied.to_vec(),
            opt_in: opt_in.to_vec(),
            patience: Duration::from_millis(500),
        };
        patterns
            .select(&families)
            .map(|names| names.into_iter().map(|name| &name["kube_pod_".len()..]).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn patterns_match_anywhere() {
        let (terminated, reason) = ("container_status_terminated", "container_status_terminated_reason");
        for (allowed, denied, opt_in, want) in [
            (&[][..], &[][..], &[][..], &[terminated, reason, "info"][..]),
            (&["kube_pod_info"], &[], &[], &["info"]),
            (&["terminated"], &[], &[], &[terminated, reason]),
            (&["terminated$", "^kube_pod_i"], &[], &[], &[terminated, "info"]),
            (&[], &["kube_pod_container_status_terminated"], &[], &["info"]),
            (&[], &["terminated(?!_reason)"], &[], &[reason, "info"]),
            (&[], &["(?<=status_)terminated$"], &[], &[reason, "info"]),
            (&[], &[".*"], &[], &[]),
            (&[], &[], &["kube_pod_nodeselectors"], &[terminated, reason, "info", "nodeselectors"]),
            (&[], &[], &["node"], &[terminated, reason, "info", "nodeselectors"]),
            (&["nodeselectors"], &[], &[], &[]),
            (&["nodeselectors"], &[], &["^kube_pod_nodeselectors$"], &["nodeselectors"]),
            (&[], &["nodeselectors"], &["nodeselectors"], &[terminated, reason, "info"]),
            (&["KUBE_POD_INFO"], &[], &[], &[]),
            (&[r"\w+_inf[\d\D]"], &[], &[], &["info"]),
        ] {
            assert_eq!(select(allowed, denied, opt_in).unwrap(), want, "{allowed:?} {denied:?} {opt_in:?}");
        }
    }

    #[test]
    fn notations_are_translated_and_escapes_stay() {
        for (pattern, want) in [
            (r"\Aa\z", "^a$"),
            (r"a\Z|\\A\w", r"a$|\\A\w"),
            ("(?i)a|b", "(?i:a|b)"),
            (r"(?is)\A", "(?is:^)"),
            ("(?:a)", "(?:a)"),
            ("(?=a)(?i)", "(?=a)(?i)"),
            (r"a\", r"a\"),
            (r"\é\A", r"\é^"),
        ] {
            assert_eq!(standard(pattern), want);
        }
        for (pattern, want) in [
            (r"\Qa.b\E.", r"a\.b."),
            (r"^\Qa.b", r"^a\.b"),
            (r"\\Qa.b\E", r"\\Qa.b\E"),
            (r"\Qa\E\Q+\E", r"a\+"),
        ] {
            assert_eq!(unquoted(pattern), want);
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (allowed, denied, opt_in, named) in [
            (&["a"][..], &["b"][..], &[][..], "exclude each other"),
            (&["("], &[], &[], "--metric-allowlist: \"(\" is no ECMAScript regular expression"),
            (&[], &["a", "b)"], &[], "--metric-denylist: \"b)\""),
            (&[], &[], &["ok", "(?!x)"], "--metric-opt-in-list: \"(?!x)\" is no RE2"),
        ] {
            let error = select(allowed, denied, opt_in).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn a_pattern_that_takes_for_ever_is_refused() {
        let error = select(&["info", "^(([a-z_])+)+[0-9](([a-z_])+)+$"], &[], &[]).unwrap_err();
        assert!(error.contains("\"^(([a-z_])+)+[0-9](([a-z_])+)+$\" takes more than 500ms"), "{error}");
    }
}
