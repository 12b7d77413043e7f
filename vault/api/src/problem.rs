//! Errors as they go over the wire (RFC 9457).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ErrorCode, RequestError};

/// The content type of a [`Problem`].
pub const PROBLEM_CONTENT_TYPE: &str = "application/problem+json";

/// Why a request, or one item of a batch, was refused. Repeats nothing of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:strongroom:problem:` and the code.
    #[serde(rename = "type", default)]
    pub type_: String,
    /// What went wrong in general.
    #[serde(default)]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// What went wrong, for programs. Stable; more may be added.
    pub code: Cow<'static, str>,
    /// What went wrong here, and what is allowed.
    #[serde(default)]
    pub detail: String,
    /// Names the request in the vault's log and audit record.
    #[serde(default)]
    pub request_id: String,
    /// Whether the same request may go through later.
    #[serde(default)]
    pub retryable: bool,
    /// JSON pointer to the offending field of the request, if it was one. A name that this API does not know is `*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub pointer: Option<String>,
}

impl Problem {
    /// A problem of this kind. The detail must not repeat a value.
    pub fn new(code: ErrorCode, detail: impl Into<String>, request_id: impl Into<String>) -> Self {
        Self {
            type_: format!("urn:strongroom:problem:{code}"),
            title: Cow::Borrowed(code.title()),
            status: code.status(),
            code: Cow::Borrowed(code.as_str()),
            detail: detail.into(),
            request_id: request_id.into(),
            retryable: code.is_retryable(),
            pointer: None,
        }
    }

    /// The problem with a request that could not be read.
    pub fn of_request(error: &RequestError, request_id: impl Into<String>) -> Self {
        Self {
            pointer: error.pointer().map(str::to_owned),
            ..Self::new(error.code(), error.detail(), request_id)
        }
    }

    /// Says which field it was.
    #[must_use]
    pub fn at(self, pointer: impl Into<String>) -> Self {
        Self { pointer: Some(pointer.into()), ..self }
    }

    /// What went wrong, unless this version does not know the code.
    pub fn error_code(&self) -> Option<ErrorCode> {
        ErrorCode::parse(&self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_members_of_rfc_9457_and_ours() {
        let problem =
            Problem::new(ErrorCode::CardNumberInvalid, "a card number has 12 to 19 digits", "req_0001")
                .at("/items/3/card/number");
        let expected = serde_json::json!({
            "type": "urn:strongroom:problem:card_number_invalid",
            "title": "The card number is not valid",
            "status": 422,
            "code": "card_number_invalid",
            "detail": "a card number has 12 to 19 digits",
            "request_id": "req_0001",
            "retryable": false,
            "pointer": "/items/3/card/number",
        });
        assert_eq!(serde_json::to_value(&problem).unwrap(), expected);
    }

    #[test]
    fn a_code_of_a_newer_vault_is_still_a_problem() {
        let text = r#"{"status":451,"code":"sealed_by_court","jurisdiction":"x"}"#;
        let problem: Problem = serde_json::from_str(text).unwrap();
        assert_eq!((problem.status, problem.error_code()), (451, None));
    }
}
