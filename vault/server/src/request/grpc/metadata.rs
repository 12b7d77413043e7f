//! What a call says beside its messages.

use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Version};
use strongroom_api::ErrorCode;
use strongroom_domain::IdempotencyKey;

use super::{GrpcEndpoint, GrpcHandler};
use crate::problem::Failure;

const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");
const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// What the metadata say.
#[derive(Debug)]
pub(super) struct Stated {
    timeout: Option<Duration>,
    pub(super) idempotency_key: Option<IdempotencyKey>,
}

impl Stated {
    /// When the caller will wait no longer. What no clock can hold is no limit.
    pub(super) fn deadline(&self, began: Instant) -> Option<Instant> {
        began.checked_add(self.timeout?)
    }
}

/// Whether this is spoken in gRPC, and is to be answered so, wherever it goes.
pub(in crate::request) fn is_grpc(parts: &Parts) -> bool {
    parts.version == Version::HTTP_2
        && parts
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|value| matches!(value.as_bytes(), b"application/grpc" | b"application/grpc+proto"))
}

/// Reads them for this method.
pub(super) fn read(headers: &HeaderMap, endpoint: &GrpcEndpoint) -> Result<Stated, Failure> {
    for name in [&GRPC_ENCODING, &GRPC_TIMEOUT, &IDEMPOTENCY_KEY] {
        if headers.get_all(name).iter().nth(1).is_some() {
            return Err(invalid(format!("{name} may be there once only")));
        }
    }
    if headers.get(&GRPC_ENCODING).is_some_and(|encoding| encoding != "identity") {
        let text = "messages must not be compressed: no grpc-encoding but identity";
        return Err(Failure::new(ErrorCode::UnsupportedMediaType, text));
    }
    let key = headers.get(&IDEMPOTENCY_KEY);
    if key.is_some() && matches!(endpoint.handler, GrpcHandler::Stream(_)) {
        return Err(invalid(
            "a stream takes no idempotency-key: what would have to be repeated is not bounded",
        ));
    }
    let key = key.filter(|_| endpoint.creates);
    Ok(Stated {
        timeout: headers.get(&GRPC_TIMEOUT).map(timeout).transpose()?,
        idempotency_key: key.map(idempotency_key).transpose()?,
    })
}

/// At most eight digits and a unit.
fn timeout(value: &HeaderValue) -> Result<Duration, Failure> {
    let refusal = || invalid("grpc-timeout must be 1 to 8 digits and one of H, M, S, m, u, n");
    let (unit, digits) = value.as_bytes().split_last().ok_or_else(refusal)?;
    if !(1..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return Err(refusal());
    }
    let number = digits.iter().fold(0, |number: u64, digit| number * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Ok(Duration::from_secs(number * 3600)),
        b'M' => Ok(Duration::from_secs(number * 60)),
        b'S' => Ok(Duration::from_secs(number)),
        b'm' => Ok(Duration::from_millis(number)),
        b'u' => Ok(Duration::from_micros(number)),
        b'n' => Ok(Duration::from_nanos(number)),
        _ => Err(refusal()),
    }
}

fn idempotency_key(value: &HeaderValue) -> Result<IdempotencyKey, Failure> {
    IdempotencyKey::parse(value.to_str().unwrap_or_default()).map_err(|error| invalid(error.to_string()))
}

fn invalid(detail: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    Failure::new(ErrorCode::HeaderInvalid, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_digits_and_a_unit() {
        let read = |text| timeout(&HeaderValue::from_static(text)).ok();
        assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(read("99999999H"), Some(Duration::from_secs(99_999_999 * 3600)));
        assert_eq!(read("100m"), Some(Duration::from_millis(100)));
        assert_eq!(read("1u"), Some(Duration::from_micros(1)));
        for refused in ["", "S", "1", "1s", "-1S", "1.5S", "123456789S", " 1S"] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }
}
