//! Names of namespaces, nodes and pods as they are typed. They become parts of paths and selectors,
//! in which anything else would mean something else.

use crate::cli::UsageError;

/// Checks the names of namespaces.
pub(super) fn namespaces(flag: &str, names: &[String]) -> Result<(), UsageError> {
    match names.iter().find(|name| name.len() > 63 || !is_label(name)) {
        None => Ok(()),
        Some(name) => Err(UsageError::new(format!(
            "{flag}: \"{name}\" is no name of a namespace: those have lower-case letters, digits and \"-\""
        ))),
    }
}

/// Checks the name of a node or a pod.
pub(super) fn object(flag: &str, name: &str) -> Result<(), UsageError> {
    if name.len() <= 253 && name.split('.').all(is_label) {
        return Ok(());
    }
    Err(UsageError::new(format!(
        "{flag}: \"{name}\" is no name: those have lower-case letters, digits, \"-\" and \".\""
    )))
}

fn is_label(text: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.starts_with(alphanumeric)
        && text.ends_with(alphanumeric)
        && text.chars().all(|c| alphanumeric(c) || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_the_server_admits() {
        let long = ["a".repeat(63), "a".repeat(64), "a.".repeat(126) + "a", "a.".repeat(127) + "a"];
        for (name, namespace, node) in [
            ("kube-system", true, true),
            ("1", true, true),
            ("ip-10-0-0-1.ec2.internal", false, true),
            (&long[0], true, true),
            (&long[1], false, true),
            (&long[2], false, true),
            (&long[3], false, false),
            ("$(NODE_NAME)", false, false),
            ("Default", false, false),
            ("a/b", false, false),
            ("a,b", false, false),
            ("-a", false, false),
            ("a-", false, false),
            ("a..b", false, false),
            ("", false, false),
        ] {
            assert_eq!(namespaces("--namespaces", &[name.to_owned()]).is_ok(), namespace, "{name}");
            assert_eq!(object("--node", name).is_ok(), node, "{name}");
        }
    }
}
