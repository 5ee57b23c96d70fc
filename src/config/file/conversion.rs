//! What a key's value would be if it were typed behind its flag.

use super::{Shape, document::Value};
use crate::cli::Setting;

/// What is wrong, and the line if it is another one than the key's.
pub(super) type Mistake = (Option<u64>, String);

/// The setting that a value stands for; `None` for one that changes nothing. The items of a value
/// are noted with their lines.
pub(super) fn convert(
    shape: Shape,
    value: Value,
    items: &mut Vec<(String, u64)>,
) -> Result<Option<Setting>, Mistake> {
    if matches!(value, Value::Null) {
        return Ok(None);
    }
    let setting = match shape {
        Shape::Text | Shape::Number | Shape::Ratio | Shape::Duration => Setting::Text(scalar(shape, value)?),
        Shape::Switch => Setting::Text(switch(scalar(shape, value)?)),
        Shape::Set | Shape::List => {
            let found = names(shape, value)?;
            // kube-state-metrics lets an empty map be, and an empty list be one.
            if found.is_empty() && shape == Shape::Set {
                return Ok(None);
            }
            items.extend(found.iter().cloned());
            Setting::Items(found.into_iter().map(|(name, _)| name).collect())
        }
        Shape::Lists => {
            let text = lists(value, items)?;
            if text.is_empty() {
                return Ok(None);
            }
            Setting::Text(text)
        }
        Shape::Pairs => Setting::Items(pairs(value, items)?),
    };
    Ok(Some(setting))
}

fn scalar(shape: Shape, value: Value) -> Result<String, Mistake> {
    match value {
        Value::Scalar(text) => Ok(text),
        _ => Err((None, format!("{} is needed", shape.wanted()))),
    }
}

/// Go's YAML knows these words where a boolean is wanted.
fn switch(text: String) -> String {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "on" => "true".to_owned(),
        "n" | "no" | "off" => "false".to_owned(),
        _ => text,
    }
}

/// The keys of a map that has nothing behind them, or the items of a list.
fn names(shape: Shape, value: Value) -> Result<Vec<(String, u64)>, Mistake> {
    let wanted = || format!("{} is needed", shape.wanted());
    match value {
        Value::Map(entries) => entries
            .into_iter()
            .map(|(name, line, value)| match value {
                Value::Null => Ok((name, line)),
                Value::Map(inner) if inner.is_empty() => Ok((name, line)),
                _ => Err((Some(line), format!("nothing may stand behind \"{name}\" but {{}}; {}", wanted()))),
            })
            .collect(),
        Value::List(items) => items
            .into_iter()
            .map(|(line, item)| match item {
                Value::Scalar(name) => Ok((name, line)),
                _ => Err((Some(line), format!("an item is no text; {}", wanted()))),
            })
            .collect(),
        Value::Null | Value::Scalar(_) => Err((None, wanted())),
    }
}

/// Lists of keys for kinds, as in `pods=[app,team-*],nodes=[*]`.
fn lists(value: Value, items: &mut Vec<(String, u64)>) -> Result<String, Mistake> {
    let wanted = || format!("{} is needed", Shape::Lists.wanted());
    let Value::Map(entries) = value else { return Err((None, wanted())) };
    let mut lists = Vec::new();
    for (kind, line, keys) in entries {
        let keys = match keys {
            Value::Null => Vec::new(),
            Value::List(_) => names(Shape::Lists, keys)?,
            _ => return Err((Some(line), format!("\"{kind}\" has no list of keys; {}", wanted()))),
        };
        items.push((kind.clone(), line));
        let keys: Vec<(String, u64)> = std::iter::once((kind, line)).chain(keys).collect();
        // No name of a kind and no key has these.
        if let Some((key, line)) = keys.iter().find(|(key, _)| key.contains([',', '=', '[', ']'])) {
            return Err((Some(*line), format!("\"{key}\" is no key, nor the name of a kind; {}", wanted())));
        }
        let (kind, keys) = keys.split_first().expect("it begins with the kind");
        let keys: Vec<&str> = keys.iter().map(|(key, _)| key.as_str()).collect();
        lists.push(format!("{}=[{}]", kind.0, keys.join(",")));
    }
    Ok(lists.join(","))
}

/// Names with values, as in `cluster=a`.
fn pairs(value: Value, items: &mut Vec<(String, u64)>) -> Result<Vec<String>, Mistake> {
    let wanted = || format!("{} is needed", Shape::Pairs.wanted());
    let Value::Map(entries) = value else { return Err((None, wanted())) };
    entries
        .into_iter()
        .map(|(name, line, value)| {
            items.push((name.clone(), line));
            match value {
                Value::Scalar(value) => Ok(format!("{name}={value}")),
                Value::Null => Ok(format!("{name}=")),
                _ => Err((Some(line), format!("\"{name}\" has no value; {}", wanted()))),
            }
        })
        .collect()
}
