//! A JSON object, read strictly. Libraries disagree on which of two members of one name counts, and what one of them
//! checks another may then not use; here there is no second.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of one object, each name once, their values not read yet.
pub(super) struct Members<'json>(Vec<(String, &'json RawValue)>);

/// A member is not what it has to be.
pub(super) struct Unreadable;

impl<'json> Members<'json> {
    /// Reads the object, and nothing behind it.
    pub(super) fn read(json: &'json [u8]) -> Result<Self, Unreadable> {
        serde_json::from_slice(json).map_err(|_| Unreadable)
    }

    /// Whether every member is one of these.
    pub(super) fn are_among(&self, names: &[&str]) -> bool {
        self.0.iter().all(|(name, _)| names.contains(&name.as_str()))
    }

    /// Whether there is such a member, whatever its value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A member that must be there and be a string.
    pub(super) fn text(&self, name: &str) -> Result<String, Unreadable> {
        self.optional_text(name)?.ok_or(Unreadable)
    }

    /// A member that must be a string if it is there. `null` is none.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>, Unreadable> {
        self.get(name).map(|value| serde_json::from_str(value.get()).map_err(|_| Unreadable)).transpose()
    }

    /// A member that must be there and be an object.
    pub(super) fn object(&self, name: &str) -> Result<Self, Unreadable> {
        Self::read(self.get(name).ok_or(Unreadable)?.get().as_bytes())
    }

    fn get(&self, name: &str) -> Option<&'json RawValue> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| *value)
    }
}

impl<'de: 'json, 'json> Deserialize<'de> for Members<'json> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object that names each member once")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Self::Value = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            // Compared as read, so an escaped spelling of a name is that name. Headers are short: no set is needed.
            if members.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom("a member twice"));
            }
            members.push((name, value));
        }
        Ok(members)
    }
}
