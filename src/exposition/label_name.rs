//! Label names made from the keys of a map, such as `label_app_kubernetes_io_name`.

use std::collections::HashMap;

/// Replaces every character that a label name can't hold by `_`, letter case kept.
pub fn sanitize(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect()
}

/// The label names for a list of keys: a prefix and the key in snake case, each name once.
#[derive(Debug)]
pub struct LabelNames(Vec<String>);

impl LabelNames {
    /// Names `keys`, which come in their final order.
    ///
    /// Keys that would get the same name are told apart by `_conflict1`, `_conflict2` … in the
    /// order of the keys; a number whose name belongs to another key anyway is left out.
    pub fn new<'a>(prefix: &str, keys: impl Iterator<Item = &'a str>) -> Self {
        let mut names: Vec<String> = keys.map(|key| label_name(prefix, key)).collect();
        let mut users: HashMap<&str, usize> = HashMap::with_capacity(names.len());
        for name in &names {
            *users.entry(name).or_default() += 1;
        }
        if users.len() == names.len() {
            return Self(names);
        }
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let renamed: Vec<Option<String>> = names
            .iter()
            .map(|name| {
                if users[name.as_str()] == 1 {
                    return None;
                }
                let number = numbers.entry(name).or_default();
                loop {
                    *number += 1;
                    let candidate = format!("{name}_conflict{number}");
                    if !users.contains_key(candidate.as_str()) {
                        return Some(candidate);
                    }
                }
            })
            .collect();
        for (name, new) in names.iter_mut().zip(renamed) {
            if let Some(new) = new {
                *name = new;
            }
        }
        Self(names)
    }

    /// The names in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

fn label_name(prefix: &str, key: &str) -> String {
    let mut name = String::with_capacity(prefix.len() + key.len() + 4);
    name.push_str(prefix);
    let mut previous = '_';
    for c in sanitize(key).chars() {
        if c.is_ascii_uppercase() && (previous.is_ascii_lowercase() || previous.is_ascii_digit()) {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
        previous = c;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(keys: &[&str]) -> Vec<String> {
        LabelNames::new("label_", keys.iter().copied()).0
    }

    #[test]
    fn keys_become_snake_case() {
        for (key, want) in [
            ("app.kubernetes.io/name", "label_app_kubernetes_io_name"),
            ("helmChart", "label_helm_chart"),
            ("HTTPServer", "label_httpserver"),
            ("v2Beta", "label_v2_beta"),
            ("aBcD", "label_a_bc_d"),
            ("größe", "label_gr__e"),
            ("9lives", "label_9lives"),
            ("", "label_"),
        ] {
            assert_eq!(names(&[key]), [want], "{key}");
        }
    }

    #[test]
    fn conflicts_are_numbered_in_order() {
        assert_eq!(
            names(&["a-b", "a.b", "a_b", "c"]),
            ["label_a_b_conflict1", "label_a_b_conflict2", "label_a_b_conflict3", "label_c"]
        );
    }

    #[test]
    fn a_number_that_another_key_has_is_skipped() {
        assert_eq!(
            names(&["A.b.conflict1", "a-b", "a.b"]),
            ["label_a_b_conflict1", "label_a_b_conflict2", "label_a_b_conflict3"]
        );
        assert_eq!(
            names(&["a-b", "a.b", "a_b_conflict1"]),
            ["label_a_b_conflict2", "label_a_b_conflict3", "label_a_b_conflict1"]
        );
    }

    #[test]
    fn sanitizing_keeps_case() {
        assert_eq!(sanitize("Hugepages-2Mi/x"), "Hugepages_2Mi_x");
    }
}
