//! What a scenario makes up and what it keeps, put where `{{…}}` stands.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use strongroom_e2e::{Outcome, with_check_digit};
use uuid::Uuid;

/// Values by name.
pub(crate) struct Values(Map<String, Value>);

impl Values {
    /// With what is made up, by its kind.
    pub(crate) fn made(given: &HashMap<String, String>) -> Outcome<Self> {
        given.iter().map(|(name, kind)| Ok((name.clone(), made(kind)?))).collect::<Outcome<_>>().map(Self)
    }

    /// From now on there is this, too.
    pub(crate) fn keep(&mut self, name: String, value: Value) {
        self.0.insert(name, value);
    }

    /// The same with every place filled. A text that is one place and nothing else becomes what is kept, of any type.
    pub(crate) fn filled(&self, value: &Value) -> Outcome<Value> {
        Ok(match value {
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect::<Outcome<_>>()?,
            Value::Object(members) => {
                let filled = members.iter().map(|(name, part)| Ok((name.clone(), self.filled(part)?)));
                Value::Object(filled.collect::<Outcome<_>>()?)
            }
            Value::String(text) => self.text(text)?,
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    fn text(&self, text: &str) -> Outcome<Value> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, (path, after))) =
            rest.split_once("{{").and_then(|(before, place)| Some((before, place.split_once("}}")?)))
        {
            let value = self.at(path)?;
            if before.is_empty() && after.is_empty() && filled.is_empty() {
                return Ok(value);
            }
            filled.push_str(before);
            filled.push_str(&value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            rest = after;
        }
        filled.push_str(rest);
        Ok(Value::String(filled))
    }

    fn at(&self, path: &str) -> Outcome<Value> {
        if let Some(text) = path.strip_prefix("base64:") {
            return Ok(Value::String(STANDARD.encode(text)));
        }
        if let Some(name) = path.strip_prefix("placeholder:") {
            return Ok(Value::String(format!("{{{{{name}}}}}")));
        }
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let pointer = rest.map_or_else(String::new, |rest| format!("/{}", rest.replace('.', "/")));
        let found = self.0.get(name).and_then(|value| value.pointer(&pointer));
        Ok(found.ok_or_else(|| format!("there is no {path}"))?.clone())
    }
}

fn made(kind: &str) -> Outcome<Value> {
    let random = Uuid::new_v4();
    match kind {
        "name" => {
            Ok(json!(format!("scenario-{}", &random.simple().to_string().get(..12).unwrap_or_default())))
        }
        "card_number" => {
            let number = with_check_digit(&format!("400000{:09}", random.as_u128() % 1_000_000_000));
            Ok(json!({"bin": number.get(..6), "last4": number.get(12..), "number": number}))
        }
        _ => Err(format!("nothing makes a {kind}").into()),
    }
}
