//! How a call ended: in the trailers, or, if nothing was said before, in the headers.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use http::{HeaderValue, StatusCode};
use strongroom_api::grpc::details::status_details;
use strongroom_api::grpc::{GrpcStatus, status_of};
use strongroom_domain::RequestId;

use crate::problem::Failure;
use crate::request::reply::X_REQUEST_ID;

pub(in crate::request) const CONTENT_TYPE_GRPC: &str = "application/grpc";
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
const GRPC_STATUS_DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");
const STRONGROOM_CODE: HeaderName = HeaderName::from_static("strongroom-code");

/// It went well.
pub(in crate::request) fn success() -> HeaderMap {
    HeaderMap::from_iter([(GRPC_STATUS, HeaderValue::from(u16::from(GrpcStatus::Ok.number())))])
}

/// It was refused or failed: for people, for programs that know the vault, and for those that know gRPC alone.
pub(super) fn failure(failure: &Failure, request_id: &RequestId, retry_after: Duration) -> HeaderMap {
    let problem = failure.problem(request_id);
    let code = failure.code();
    let again = matches!(problem.status, 429 | 503).then_some(retry_after);
    let details = STANDARD_NO_PAD.encode(status_details(&problem, again));
    let mut trailers = HeaderMap::new();
    trailers.insert(GRPC_STATUS, HeaderValue::from(u16::from(status_of(code).number())));
    trailers.insert(STRONGROOM_CODE, HeaderValue::from_static(code.as_str()));
    for (name, value) in [(GRPC_MESSAGE, percent_encoded(&problem.detail)), (GRPC_STATUS_DETAILS, details)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            trailers.insert(name, value);
        }
    }
    if let Ok(request_id) = HeaderValue::from_str(request_id.as_str()) {
        trailers.insert(X_REQUEST_ID, request_id);
    }
    trailers
}

/// The answer to a call that is refused before anything was said: headers alone.
pub(in crate::request) fn refusal(
    refused: &Failure,
    request_id: &RequestId,
    retry_after: Duration,
) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::OK;
    *response.headers_mut() = failure(refused, request_id, retry_after);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE_GRPC));
    response
}

/// As `grpc-message` wants it: what is neither a plain character nor a space, by its bytes.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'%' | 0..0x20 | 0x7f.. => encoded.push_str(&format!("%{byte:02X}")),
            _ => encoded.push(char::from(byte)),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use strongroom_api::ErrorCode;

    use super::*;

    #[test]
    fn texts_are_written_as_the_protocol_wants_them() {
        assert_eq!(percent_encoded("a b: 6/4"), "a b: 6/4");
        assert_eq!(percent_encoded("100 %\né\u{7f}"), "100 %25%0A%C3%A9%7F");
    }

    #[test]
    fn who_may_come_again_is_told_when() {
        let request_id = RequestId::parse("req_00000001").unwrap();
        let trailers = |code| failure(&Failure::new(code, "no"), &request_id, Duration::from_secs(2));
        let later = trailers(ErrorCode::Overloaded);
        let never = trailers(ErrorCode::NotFound);
        assert_eq!(later.get("grpc-status").unwrap(), "14");
        assert_eq!(never.get("grpc-status").unwrap(), "5");
        assert_eq!(never.get("strongroom-code").unwrap(), "not_found");
        let length = |trailers: &HeaderMap| trailers.get("grpc-status-details-bin").unwrap().len();
        assert!(length(&later) > length(&never));
    }
}
