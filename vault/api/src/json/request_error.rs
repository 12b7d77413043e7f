use std::fmt;

use super::fault::Fault;
use super::tracked::Track;
use crate::ErrorCode;

/// Why a body or a query could not be read. Repeats nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestError {
    code: ErrorCode,
    detail: String,
    pointer: Option<String>,
}

impl RequestError {
    pub(super) fn invalid(detail: impl Into<String>) -> Self {
        Self { code: ErrorCode::InvalidRequest, detail: detail.into(), pointer: None }
    }

    pub(super) fn new(fault: Fault, track: &Track) -> Self {
        let pointer = track.pointer();
        let place = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
        Self { code: fault.code, detail: format!("{place}{}", fault.text), pointer: Some(pointer) }
    }

    pub(super) fn of_query(fault: Fault, track: &Track) -> Self {
        let pointer = track.pointer();
        let name = pointer.strip_prefix('/').unwrap_or_default();
        Self { code: fault.code, detail: format!("query parameter {name}: {}", fault.text), pointer: None }
    }

    /// What is wrong with the field at `pointer` of a request that did not come as JSON. The text must not repeat a value.
    pub fn at(pointer: &str, text: impl fmt::Display) -> Self {
        let fault = <Fault as serde::de::Error>::custom(text);
        Self {
            code: fault.code,
            detail: format!("{pointer}: {}", fault.text),
            pointer: Some(pointer.to_owned()),
        }
    }

    /// [`ErrorCode::InvalidRequest`] or, for a card's security code, [`ErrorCode::SecurityCodeNotAllowed`].
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Where and what is allowed.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// JSON pointer (RFC 6901) to the offending field, if the body is JSON at all; empty for the body as a whole.
    pub fn pointer(&self) -> Option<&str> {
        self.pointer.as_deref()
    }
}

impl std::error::Error for RequestError {}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.detail)
    }
}
