//! Which headers callers may be allowed to set.

use http::HeaderName;

/// Reads a name for the list of a destination.
pub(super) fn parse(text: &str) -> Result<HeaderName, String> {
    let name =
        HeaderName::from_bytes(text.as_bytes()).map_err(|_| "must hold names of headers only".to_owned())?;
    match RESERVED.iter().find(|(reserved, _)| is_reserved(name.as_str(), reserved)) {
        Some((_, reason)) => Err(format!("must not hold {name}: {reason}")),
        None => Ok(name),
    }
}

fn is_reserved(name: &str, reserved: &str) -> bool {
    reserved.strip_suffix('*').map_or_else(|| name == reserved, |beginning| name.starts_with(beginning))
}

const FRAMING: &str = "it is part of how the message is sent";
const ELSEWHERE: &str = "it could make the request one that is not on the list";
const PARTS: &str = "an answer in parts or in another encoding could not be searched for card numbers";
const BODY: &str = "it is told with the body";

/// A name, or the beginning of names, and why callers do not set it.
const RESERVED: &[(&str, &str)] = &[
    ("connection", FRAMING),
    ("content-length", FRAMING),
    ("expect", FRAMING),
    ("host", FRAMING),
    ("http2-settings", FRAMING),
    ("keep-alive", FRAMING),
    ("proxy-*", FRAMING),
    ("te", FRAMING),
    ("trailer", FRAMING),
    ("transfer-encoding", FRAMING),
    ("upgrade", FRAMING),
    ("x-forwarded-host", ELSEWHERE),
    ("x-http-method*", ELSEWHERE),
    ("x-method-override", ELSEWHERE),
    ("x-original-url", ELSEWHERE),
    ("x-rewrite-url", ELSEWHERE),
    ("a-im", PARTS),
    ("accept-charset", PARTS),
    ("accept-encoding", PARTS),
    ("if-range", PARTS),
    ("range", PARTS),
    ("content-*", BODY),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_headers_may_be_listed() {
        for name in ["accept", "Authorization", "Idempotency-Key", "x-api-key", "user-agent"] {
            assert_eq!(parse(name).map(|parsed| parsed.to_string()), Ok(name.to_ascii_lowercase()));
        }
    }

    #[test]
    fn headers_of_the_message_itself_may_not() {
        for name in [
            "Host",
            "content-length",
            "Content-Type",
            "Content-Encoding",
            "Transfer-Encoding",
            "TE",
            "Trailer",
            "Upgrade",
            "Expect",
            "Connection",
            "Keep-Alive",
            "Proxy-Authorization",
            "Proxy-Connection",
            "Accept-Encoding",
            "Range",
            "X-HTTP-Method-Override",
            "X-Original-URL",
            "",
            "a b",
            "a:b",
            "a\r\nb",
        ] {
            assert!(parse(name).is_err(), "{name}");
        }
    }
}
