use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::TokensByName;
use crate::limits::MAX_FORWARD_HEADERS;
use crate::{PurposeText, SecretBytes, SecretText, TokenText};

/// Asks for a request to be made, with values of tokens put in where placeholders such as `{{card.number}}` stand.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardRequest {
    /// The destination, by the name that the operator listed it under.
    pub destination: String,
    /// The HTTP method.
    pub method: String,
    /// The path, with its query if there is one.
    pub path: String,
    /// Headers that the destination lists, at most 32. Values may hold placeholders.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "headers")]
    #[schema(max_items = 32)]
    pub headers: Vec<ForwardHeader>,
    /// The body's media type, if there is a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The body, which may hold placeholders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<SecretText>,
    /// The tokens, by the names that placeholders call them: 1 to 16.
    pub tokens: TokensByName,
    /// What for; goes into the record.
    pub purpose: PurposeText,
    /// How many milliseconds it may take, if fewer than the destination may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub timeout_ms: Option<u32>,
}

/// A header.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretText,
}

/// What the destination answered. It was searched for card numbers; those that were found are replaced by tokens.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ForwardedAnswer {
    /// The HTTP status of the destination.
    pub status: u16,
    /// Its headers, without those of the connection.
    pub headers: Vec<ForwardHeader>,
    /// The body, if it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<SecretText>,
    /// The body in base64, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<SecretBytes>,
    /// The tokens that stand in it in place of card numbers.
    pub retokenized: Vec<TokenText>,
}

fn headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ForwardHeader>, D::Error> {
    let headers = Vec::deserialize(deserializer)?;
    if headers.len() <= MAX_FORWARD_HEADERS {
        Ok(headers)
    } else {
        Err(D::Error::custom("headers has at most 32 headers"))
    }
}
