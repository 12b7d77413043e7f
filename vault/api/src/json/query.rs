//! Reading the query of a request's address.

use std::collections::BTreeSet;

use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};

use super::RequestError;
use super::tracked::{Track, Tracked};

/// Reads the part of an address behind the question mark (`application/x-www-form-urlencoded`).
pub fn parse_query<T: DeserializeOwned>(query: &str) -> Result<T, RequestError> {
    let mut names = BTreeSet::new();
    let mut pairs = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let malformed = || RequestError::invalid("the query is not percent-encoded UTF-8");
        let name = percent_decode(name).ok_or_else(malformed)?;
        let value = percent_decode(value).ok_or_else(malformed)?;
        if !names.insert(name.clone()) {
            return Err(RequestError::invalid("a query parameter is there twice"));
        }
        pairs.push((name, Parameter(value)));
    }
    let track = Track::default();
    let source = MapDeserializer::<_, Error>::new(pairs.into_iter());
    T::deserialize(Tracked::new(source, &track)).map_err(|fault| RequestError::of_query(fault, &track))
}

/// The value of a parameter: a text, and there if it is named.
struct Parameter(String);

impl IntoDeserializer<'_> for Parameter {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Parameter {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => (hexadecimal(bytes.next()?)? << 4) | hexadecimal(bytes.next()?)?,
            b'+' => b' ',
            _ => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_forms_encode() {
        assert_eq!(percent_decode("a%20b+c%C3%A4").as_deref(), Some("a b cä"));
        for malformed in ["%", "%4", "%zz", "%ff"] {
            assert_eq!(percent_decode(malformed), None);
        }
    }
}
