//! Reading requests and writing secrets.
//!
//! serde_json does the parsing; this room decides what is said when it fails. Its own texts repeat what was found
//! ("invalid type: integer `4111…`"), so none of them leaves here: [`tracked`] runs every visitor with an error type
//! that forgets values, and keeps the path to the field on the way.
//!
//! A body that is right is read once. Only one that is refused is looked at again, for the first thing wrong with it.

mod depth;
mod fault;
mod query;
mod request_error;
mod tracked;
mod wiped;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

pub use query::parse_query;
pub use request_error::RequestError;
pub use wiped::to_wiped_json;

pub(crate) use fault::SECURITY_CODE_DETAIL;
pub(crate) use fault::is_security_code_name;

use crate::limits::MAX_JSON_DEPTH;
use tracked::{Track, Tracked};

/// Reads the JSON body of a request.
///
/// Refuses, beside what is no JSON at all: deeper nesting than [`MAX_JSON_DEPTH`], unknown and duplicate names, arrays
/// in place of objects, and anything after the value.
pub fn parse_request<T: DeserializeOwned>(body: &[u8]) -> Result<T, RequestError> {
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(not_json(body).unwrap_or_else(|| RequestError::invalid("the body is not UTF-8")));
    };
    let track = Track::default();
    let mut parser = serde_json::Deserializer::from_str(text);
    match T::deserialize(Tracked::new(&mut parser, &track)) {
        Ok(request) if parser.end().is_ok() => Ok(request),
        Ok(_) => Err(not_json(body).unwrap_or_else(|| RequestError::invalid("something follows the body"))),
        Err(fault) => Err(not_json(body).unwrap_or_else(|| RequestError::new(fault, &track))),
    }
}

/// Whether a JSON text, wherever it stands, nests no deeper than bodies may.
pub(crate) fn is_within_depth(text: &[u8]) -> bool {
    depth::is_within(text, MAX_JSON_DEPTH)
}

/// Why a body is no JSON that would be looked into, if that is what is wrong with it. Reads for the syntax alone: only so
/// is a line and a column to be had without a value beside it.
fn not_json(body: &[u8]) -> Option<RequestError> {
    if body.is_empty() {
        return Some(RequestError::invalid("a JSON body is required"));
    }
    if !depth::is_within(body, MAX_JSON_DEPTH) {
        return Some(RequestError::invalid(format!("the body nests deeper than {MAX_JSON_DEPTH} levels")));
    }
    let text = std::str::from_utf8(body).ok()?;
    serde_json::from_str::<IgnoredAny>(text).err().map(|error| syntax_error(&error))
}

fn syntax_error(error: &serde_json::Error) -> RequestError {
    let what = match error.classify() {
        Category::Eof => "the body ends too early",
        Category::Syntax | Category::Data | Category::Io => "the body is not valid JSON",
    };
    RequestError::invalid(format!("{what}, line {} column {}", error.line(), error.column()))
}
