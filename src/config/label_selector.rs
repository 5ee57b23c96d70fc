//! Selectors of labels as they are typed. The API server reads them; a mistake is told before it is
//! asked.

use crate::cli::UsageError;

/// Checks a selector in Kubernetes' notation.
pub(super) fn check(flag: &str, selector: &str) -> Result<(), UsageError> {
    let mut rest = selector;
    while !rest.is_empty() {
        let (requirement, behind) = first(rest);
        if !is_requirement(requirement.trim()) {
            return Err(UsageError::new(format!(
                "{flag}: \"{}\" is no requirement of labels, such as pool=a, zone!=b, zone in (a,b) or !spot",
                requirement.trim()
            )));
        }
        // Behind a comma there has to be another one.
        match behind {
            Some("") => {
                return Err(UsageError::new(format!("{flag}: something is missing behind the last comma")));
            }
            behind => rest = behind.unwrap_or_default(),
        }
    }
    Ok(())
}

/// What stands in front of the first comma outside parentheses, and what behind it.
fn first(text: &str) -> (&str, Option<&str>) {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => return (&text[..at], Some(&text[at + 1..])),
            _ => {}
        }
    }
    (text, None)
}

fn is_requirement(text: &str) -> bool {
    if let Some(key) = text.strip_prefix('!') {
        return is_key(key.trim());
    }
    if let Some(open) = text.find('(') {
        let Some(values) = text[open + 1..].strip_suffix(')') else { return false };
        let Some((key, operator)) = text[..open].trim().rsplit_once(char::is_whitespace) else {
            return false;
        };
        return matches!(operator, "in" | "notin")
            && is_key(key.trim())
            && values.split(',').all(|value| is_value(value.trim()));
    }
    for operator in ["==", "!=", "=", ">", "<"] {
        if let Some((key, value)) = text.split_once(operator) {
            let (key, value) = (key.trim(), value.trim());
            let number = matches!(operator, ">" | "<");
            return is_key(key) && is_value(value) && (!number || value.parse::<i64>().is_ok());
        }
    }
    is_key(text)
}

/// A name, perhaps behind a domain and a slash.
fn is_key(text: &str) -> bool {
    let (domain, name) = text.split_once('/').map_or((None, text), |(domain, name)| (Some(domain), name));
    let label = |text: &str| !text.is_empty() && is_value(text);
    domain.is_none_or(|domain| domain.len() <= 253 && domain.split('.').all(label)) && label(name)
}

fn is_value(text: &str) -> bool {
    let end = |c: char| c.is_ascii_alphanumeric();
    text.is_empty()
        || (text.len() <= 63
            && text.starts_with(end)
            && text.ends_with(end)
            && text.chars().all(|c| end(c) || "-_.".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_those_that_the_server_reads() {
        for (selector, sound) in [
            ("", true),
            ("a", true),
            ("!a", true),
            ("a=b,c==d, e != f", true),
            ("a=,kubernetes.io/os=linux", true),
            ("zone in (a, b),tier notin (x)", true),
            ("gpus>2,gpus<9", true),
            ("a=b,", false),
            (",a", false),
            ("a=b c", false),
            ("a in a,b", false),
            ("a in (b", false),
            ("in (b)", false),
            ("a between (b)", false),
            ("a>b", false),
            ("/a", false),
            ("a/b/c", false),
            ("-a", false),
            ("a=-", false),
            ("a=b&watch=1", false),
        ] {
            assert_eq!(check("--node-selector", selector).is_ok(), sound, "{selector}");
        }
        let line = check("--node-selector", "a=b, c d").unwrap_err().to_string();
        assert!(line.starts_with("--node-selector: \"c d\" is no requirement of labels, such as"), "{line}");
    }
}
