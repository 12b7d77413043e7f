//! What the head of an answer may say.

use http::header::{
    ALT_SVC, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{StatusCode, response::Parts};

use super::ForwardError;

/// Refuses answers that cannot be handed on, before their bodies are read.
pub(super) fn check(head: &Parts, limit: usize) -> Result<(), ForwardError> {
    if head.status.is_redirection() {
        return Err(ForwardError::Redirect);
    }
    // Interim answers are skipped by the HTTP library, but for the one that changes the protocol; and nobody asked for
    // a part.
    if head.status.is_informational() || head.status == StatusCode::PARTIAL_CONTENT {
        return Err(ForwardError::Malformed);
    }
    if head.headers.contains_key(CONTENT_ENCODING) || !is_plainly_framed(&head.headers) {
        return Err(ForwardError::EncodedAnswer);
    }
    let stated =
        head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if stated.is_some_and(|stated| !usize::try_from(stated).is_ok_and(|stated| stated <= limit)) {
        return Err(ForwardError::AnswerTooLarge);
    }
    Ok(())
}

/// Takes out what is between us and the destination only (RFC 9110, section 7.6.1), and what would bind callers to it.
pub(super) fn keep_what_is_for_the_caller(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let always = [
        CONNECTION,
        HeaderName::from_static("keep-alive"),
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
        CONTENT_LENGTH,
        SET_COOKIE,
        ALT_SVC,
    ];
    for name in named.iter().chain(&always) {
        headers.remove(name);
    }
}

fn is_plainly_framed(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(TRANSFER_ENCODING).iter();
    encodings.next().is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"chunked"))
        && encodings.next().is_none()
}

#[cfg(test)]
mod tests {
    use http::Response;

    use super::*;

    fn checked(status: u16, headers: &[(&str, &str)]) -> Result<(), ForwardError> {
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(*name, *value);
        }
        check(&response.body(()).unwrap().into_parts().0, 1000)
    }

    #[test]
    fn answers_are_plain_and_final() {
        for status in [200, 201, 204, 400, 404, 500, 503] {
            assert_eq!(checked(status, &[("transfer-encoding", "Chunked")]), Ok(()));
        }
        for status in [300, 301, 302, 303, 304, 307, 308] {
            assert_eq!(checked(status, &[]), Err(ForwardError::Redirect));
        }
        for status in [101, 206] {
            assert_eq!(checked(status, &[]), Err(ForwardError::Malformed));
        }
        for header in [
            ("content-encoding", "gzip"),
            ("content-encoding", "identity"),
            ("transfer-encoding", "gzip, chunked"),
            ("transfer-encoding", "gzip"),
        ] {
            assert_eq!(checked(200, &[header]), Err(ForwardError::EncodedAnswer));
        }
        assert_eq!(checked(200, &[("content-length", "1000")]), Ok(()));
        assert_eq!(checked(200, &[("content-length", "1001")]), Err(ForwardError::AnswerTooLarge));
    }

    #[test]
    fn what_is_of_the_connection_is_not_handed_on() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, x-own"),
            ("x-own", "1"),
            ("set-cookie", "a=b"),
            ("content-type", "text/plain"),
        ] {
            headers.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        keep_what_is_for_the_caller(&mut headers);
        assert_eq!(headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["content-type"]);
    }
}
