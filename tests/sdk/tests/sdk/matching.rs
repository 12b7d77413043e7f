//! What must come back, held against what came.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// An object may have more members than are expected; a list has as many items; null is as good as absent; `$` begins a
/// rule.
pub(crate) fn mismatches(expected: &Value, actual: Option<&Value>, place: &str) -> Vec<String> {
    let actual = actual.filter(|actual| !actual.is_null());
    match expected {
        Value::Object(members) => {
            let has_rules = members.keys().any(|name| name.starts_with('$'));
            if !has_rules && !actual.is_some_and(Value::is_object) {
                return vec![format!("{place} is no object but {}", shown(actual))];
            }
            let each = members.iter().flat_map(|(name, part)| {
                if name.starts_with('$') {
                    return follow(name, part, actual, place);
                }
                let member = actual.and_then(|actual| actual.get(name));
                mismatches(part, member, &format!("{place}.{name}"))
            });
            each.collect()
        }
        Value::Array(items) => {
            let there = actual.and_then(Value::as_array).filter(|there| there.len() == items.len());
            let Some(there) = there else {
                return vec![format!("{place} is no list of {} but {}", items.len(), shown(actual))];
            };
            let pairs = items.iter().zip(there).enumerate();
            pairs
                .flat_map(|(at, (one, other))| mismatches(one, Some(other), &format!("{place}.{at}")))
                .collect()
        }
        Value::Null if actual.is_none() => Vec::new(),
        plain if actual == Some(plain) => Vec::new(),
        plain => vec![format!("{place} is {} and not {plain}", shown(actual))],
    }
}

/// Whether nothing is wrong.
pub(crate) fn fits(expected: &Value, actual: Option<&Value>) -> bool {
    mismatches(expected, actual, "").is_empty()
}

fn follow(rule: &str, expected: &Value, actual: Option<&Value>, place: &str) -> Vec<String> {
    let text = actual.and_then(Value::as_str);
    let holds = match rule {
        "$absent" => actual.is_none(),
        "$any" => actual.is_some(),
        "$not" => actual.is_some() && !fits(expected, actual),
        "$prefix" => text.is_some_and(|text| expected.as_str().is_some_and(|start| text.starts_with(start))),
        "$shape" => text.is_some_and(|text| expected.as_str().is_some_and(|shape| has_shape(shape, text))),
        "$length" => length(actual).is_some_and(|length| expected.as_u64() == Some(length)),
        "$one_of" => expected.as_array().is_some_and(|choices| choices.iter().any(|one| fits(one, actual))),
        "$contains" => contains(expected, actual),
        "$lacks" => actual.is_some() && !contains(expected, actual),
        "$distinct" => are_distinct(expected, actual),
        "$base64" => {
            let bytes = text.and_then(|text| STANDARD.decode(text).ok());
            let clear = bytes.map(|bytes| bytes.into_iter().map(char::from).collect::<String>().into());
            return mismatches(expected, clear.as_ref(), &format!("{place} in clear"));
        }
        _ => false,
    };
    if holds { Vec::new() } else { vec![format!("{place} must fit {rule} {expected}: {}", shown(actual))] }
}

fn has_shape(shape: &str, text: &str) -> bool {
    let mut pairs = shape.chars().zip(text.chars());
    let fits = pairs.all(|(wanted, there)| wanted == there || (wanted == '#' && there.is_ascii_digit()));
    shape.chars().count() == text.chars().count() && fits
}

fn length(value: Option<&Value>) -> Option<u64> {
    let length = match value? {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        _ => return None,
    };
    u64::try_from(length).ok()
}

fn contains(one: &Value, actual: Option<&Value>) -> bool {
    match actual {
        Some(Value::String(text)) => one.as_str().is_some_and(|one| text.contains(one)),
        Some(Value::Array(items)) => items.iter().any(|item| fits(one, Some(item))),
        _ => false,
    }
}

fn are_distinct(name: &Value, actual: Option<&Value>) -> bool {
    let Some(items) = actual.and_then(Value::as_array) else { return false };
    let member = |item: &Value| name.as_str().and_then(|name| item.get(name)).map(Value::to_string);
    let values: Option<BTreeSet<_>> = items.iter().map(member).collect();
    values.is_some_and(|values| values.len() == items.len())
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), |value| value.to_string().chars().take(300).collect())
}
