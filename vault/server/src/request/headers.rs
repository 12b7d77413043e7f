//! The headers that mean something here. Everything else, method overrides and forwarded addresses among it, means
//! nothing and is not looked at.

use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};
use strongroom_api::{ErrorCode, Route};
use strongroom_domain::IdempotencyKey;

use crate::problem::Failure;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Two of one of these are two requests in one to whoever reads the other one.
const ONCE: [HeaderName; 6] =
    [CONTENT_LENGTH, TRANSFER_ENCODING, HOST, CONTENT_TYPE, CONTENT_ENCODING, IDEMPOTENCY_KEY];

/// What the headers say.
#[derive(Debug)]
pub(super) struct Stated {
    pub(super) content_length: Option<u64>,
    /// Of calls that make something; others have no use for one.
    pub(super) idempotency_key: Option<IdempotencyKey>,
    /// What the body is, as the table of calls writes it; empty if there is none.
    pub(super) content_type: &'static str,
}

/// Reads them for this call.
pub(super) fn read(route: &Route, headers: &HeaderMap) -> Result<Stated, Failure> {
    for name in &ONCE {
        if headers.get_all(name).iter().nth(1).is_some() {
            return Err(invalid(format!("{name} may be there once only")));
        }
    }
    if headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING) {
        return Err(invalid("content-length and transfer-encoding exclude each other"));
    }
    let mut content_type = "";
    if route.body_cap > 0 {
        let is_packed = |encoding: &HeaderValue| !encoding.as_bytes().eq_ignore_ascii_case(b"identity");
        if headers.get(CONTENT_ENCODING).is_some_and(is_packed) {
            return Err(unsupported("bodies must not have a Content-Encoding"));
        }
        let stated = headers.get(CONTENT_TYPE);
        let is_stated = |known: &&&'static str| stated.is_some_and(|stated| is(known, stated));
        content_type = route.content_types().iter().find(is_stated).ok_or_else(|| {
            unsupported(format!("the Content-Type must be {}", route.content_types().join(" or ")))
        })?;
    }
    let idempotency_key = headers.get(&IDEMPOTENCY_KEY).filter(|_| route.creates);
    Ok(Stated {
        content_length: headers.get(CONTENT_LENGTH).map(length).transpose()?,
        idempotency_key: idempotency_key.map(key).transpose()?,
        content_type,
    })
}

fn length(value: &HeaderValue) -> Result<u64, Failure> {
    let digits = value.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| invalid("content-length must be a number of bytes"))
}

fn key(value: &HeaderValue) -> Result<IdempotencyKey, Failure> {
    IdempotencyKey::parse(value.to_str().unwrap_or_default()).map_err(|error| invalid(error.to_string()))
}

/// Whether it is this type. JSON has no parameters (RFC 8259, section 11); the one that many clients send all the same does
/// no harm, and says of CSV what is so.
fn is(content_type: &str, value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return false };
    let (media_type, parameter) = text.split_once(';').unwrap_or((text, ""));
    media_type.trim().eq_ignore_ascii_case(content_type)
        && matches!(parameter.trim().to_ascii_lowercase().as_str(), "" | "charset=utf-8")
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::new(ErrorCode::HeaderInvalid, detail)
}

fn unsupported(detail: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::new(ErrorCode::UnsupportedMediaType, detail)
}

#[cfg(test)]
mod tests {
    use strongroom_api::RouteId;

    use super::*;

    fn read_all(id: RouteId, pairs: &[(&'static str, &'static str)]) -> Result<Stated, ErrorCode> {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        // `collect` would replace what is there already.
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value);
        }
        read(id.route(), &headers).map_err(|failure| failure.code())
    }

    #[test]
    fn bodies_are_json_and_nothing_else() {
        for fine in ["application/json", "Application/JSON", "application/json; charset=UTF-8"] {
            assert!(read_all(RouteId::CreateKey, &[("content-type", fine)]).is_ok(), "{fine}");
        }
        for other in [
            "",
            "text/json",
            "application/json; charset=latin1",
            "application/jsonp",
            "application/json, a/b",
        ] {
            let refusal = read_all(RouteId::CreateKey, &[("content-type", other)]).map(drop);
            assert_eq!(refusal, Err(ErrorCode::UnsupportedMediaType), "{other}");
        }
        assert_eq!(read_all(RouteId::CreateKey, &[]).map(drop), Err(ErrorCode::UnsupportedMediaType));
        assert!(read_all(RouteId::ListKeys, &[]).is_ok());
        let packed = [("content-type", "application/json"), ("content-encoding", "gzip")];
        assert_eq!(read_all(RouteId::CreateKey, &packed).map(drop), Err(ErrorCode::UnsupportedMediaType));
    }

    #[test]
    fn lines_come_as_what_they_are() {
        for fine in ["text/csv", "text/csv; charset=utf-8", "application/x-ndjson"] {
            let stated = read_all(RouteId::ImportPart, &[("content-type", fine)]).unwrap();
            assert!(fine.starts_with(stated.content_type) && !stated.content_type.is_empty());
        }
        for other in ["application/json", "text/csv; header=present", "text/plain", ""] {
            let refusal = read_all(RouteId::ImportPart, &[("content-type", other)]).map(drop);
            assert_eq!(refusal, Err(ErrorCode::UnsupportedMediaType), "{other}");
        }
        assert_eq!(
            read_all(RouteId::CreateKey, &[("content-type", "text/csv")]).map(drop),
            Err(ErrorCode::UnsupportedMediaType)
        );
    }

    #[test]
    fn what_must_be_unique_is_not_chosen_from() {
        for name in ["content-length", "host", "idempotency-key", "content-type", "transfer-encoding"] {
            let refusal = read_all(RouteId::ListKeys, &[(name, "1"), (name, "1")]).map(drop);
            assert_eq!(refusal, Err(ErrorCode::HeaderInvalid), "{name}");
        }
        let both = [("content-length", "1"), ("transfer-encoding", "chunked")];
        assert_eq!(read_all(RouteId::ListKeys, &both).map(drop), Err(ErrorCode::HeaderInvalid));
        assert_eq!(
            read_all(RouteId::ListKeys, &[("content-length", "+1")]).map(drop),
            Err(ErrorCode::HeaderInvalid)
        );
    }

    #[test]
    fn an_idempotency_key_is_for_calls_that_make_something() {
        let key = [("content-type", "application/json"), ("idempotency-key", "order-42")];
        assert!(read_all(RouteId::CreateKey, &key).unwrap().idempotency_key.is_some());
        assert!(read_all(RouteId::Encrypt, &key).unwrap().idempotency_key.is_none());
        let short = [("content-type", "application/json"), ("idempotency-key", "42")];
        assert_eq!(read_all(RouteId::CreateKey, &short).map(drop), Err(ErrorCode::HeaderInvalid));
    }
}
