//! Paths in the one form in which they are compared and sent.
//!
//! What is compared is what is sent, byte by byte, so everything that a server might read as another path is refused:
//! a list of allowed paths is worth nothing if `/v1/refunds/..%2Fpayouts` is on it.

/// Paths that may be used: one, or all below one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    /// Ends with a slash if `below`.
    path: String,
    below: bool,
    query: bool,
}

impl PathPattern {
    /// Reads a pattern such as `/v1/payments` or `/v1/refunds/*`.
    pub fn parse(pattern: &str, query: bool) -> Result<Self, NotNormal> {
        let (path, below) = pattern.strip_suffix('*').map_or((pattern, false), |path| (path, true));
        if below && !path.ends_with('/') {
            return Err(NotNormal("a `*` must follow a `/`"));
        }
        if path.contains('*') {
            return Err(NotNormal("a `*` must stand at the end"));
        }
        check_path(path)?;
        Ok(Self { path: path.to_owned(), below, query })
    }

    /// Whether a path in normal form is one of these.
    pub(super) fn matches(&self, path: &str) -> bool {
        if self.below {
            path.strip_prefix(&self.path).is_some_and(|rest| !rest.is_empty())
        } else {
            path == self.path
        }
    }

    /// Whether a query may follow.
    pub(super) const fn allows_query(&self) -> bool {
        self.query
    }
}

/// Why a path could be read in two ways. Repeats nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the path is not in normal form: {0}")]
pub struct NotNormal(pub &'static str);

/// Checks that a path has one reading only.
pub(super) fn check_path(path: &str) -> Result<(), NotNormal> {
    let segments = path.strip_prefix('/').ok_or(NotNormal("it must begin with `/`"))?;
    check_bytes(path, |byte| {
        // Without `;`: servers with path parameters read `..;` as `..`.
        byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@/".contains(&byte)
    })?;
    let count = segments.split('/').count();
    for (place, segment) in segments.split('/').enumerate() {
        // A slash at the end leaves an empty segment, which is fine.
        if segment.is_empty() && place + 1 != count {
            return Err(NotNormal("it must not hold `//`"));
        }
        if matches!(segment, "." | "..") {
            return Err(NotNormal("it must not hold `.` or `..` as a part"));
        }
    }
    check_escapes(path, |byte| matches!(byte, b'/' | b'\\' | b'%' | b';' | b'?' | b'#'))
}

/// Checks that a query has one reading only.
pub(super) fn check_query(query: &str) -> Result<(), NotNormal> {
    check_bytes(query, |byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte))?;
    check_escapes(query, |_| false)
}

fn check_bytes(text: &str, allowed: fn(u8) -> bool) -> Result<(), NotNormal> {
    if text.len() > MAX_BYTES {
        return Err(NotNormal("it is too long"));
    }
    match text.bytes().find(|byte| !allowed(*byte) && *byte != b'%') {
        None => Ok(()),
        Some(b'#') => Err(NotNormal("it must not hold a fragment")),
        Some(b'\\') => Err(NotNormal("it must not hold a backslash")),
        Some(b';') => Err(NotNormal("it must not hold path parameters")),
        Some(b'{' | b'}') => Err(NotNormal("it must not hold braces; there are no placeholders in paths")),
        Some(_) => Err(NotNormal("characters other than those of a path must be percent-encoded")),
    }
}

/// Normal form (RFC 3986, section 6.2.2): escapes in upper case, and none for what needs none.
fn check_escapes(text: &str, refused: fn(u8) -> bool) -> Result<(), NotNormal> {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
    for escape in parts {
        let mut digits = escape.bytes().map(hexadecimal);
        let (Some(Some(high)), Some(Some(low))) = (digits.next(), digits.next()) else {
            return Err(NotNormal("a `%` must be followed by two hexadecimal digits in upper case"));
        };
        let byte = high * 16 + low;
        if byte.is_ascii_control() {
            return Err(NotNormal("it must not hold control characters"));
        }
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            return Err(NotNormal("letters, digits and `-._~` must not be percent-encoded"));
        }
        if refused(byte) {
            return Err(NotNormal("slashes and other separators must not be percent-encoded"));
        }
        decoded.push(byte);
        decoded.extend(escape.bytes().skip(2));
    }
    // Overlong forms, such as %C0%AF for a slash, are no UTF-8.
    std::str::from_utf8(&decoded).map(drop).map_err(|_| NotNormal("its escapes must be of UTF-8"))
}

const fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

const MAX_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reading_passes() {
        for path in ["/", "/v1/payments", "/v1/payments/", "/a/b.c/..d/e..", "/%C3%A4%20b", "/a:b@c,d=e"] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        assert_eq!(check_query("a=b&c=%20d;e/f?g"), Ok(()));
    }

    #[test]
    fn two_readings_do_not() {
        for path in [
            "",
            "v1",
            "*",
            "//",
            "/a//b",
            "/a//",
            "/./a",
            "/a/..",
            "/a/../b",
            "/a/.",
            "/a/%2e%2e/b",
            "/a/%2E%2E/b",
            "/a%2Fb",
            "/a%2fb",
            "/a%5Cb",
            "/a\\b",
            "/a%252Fb",
            "/a%00b",
            "/a%0D%0Ab",
            "/a%7Fb",
            "/a\r\nb",
            "/a b",
            "/a\0",
            "/a#b",
            "/a%23b",
            "/a?b",
            "/a%3Fb",
            "/..;/a",
            "/a;b",
            "/a%3Bb",
            "/%",
            "/%4",
            "/%GG",
            "/%41",
            "/%c3%a4",
            "/ä",
            "/%C0%AF",
            "/%C0%AE%C0%AE/a",
            "/%FF",
            "/a\"b",
            "/<a>",
            "/{{token.number}}",
            "/a|b",
            "http://other.example/",
            "/a\u{200b}",
        ] {
            assert!(check_path(path).is_err(), "{path:?}");
        }
        for query in ["a#b", "a b", "a\r\nb", "a%0Ab", "a%", "%61", "{{token.number}}", "a\\b", "a\"b"] {
            assert!(check_query(query).is_err(), "{query:?}");
        }
        assert!(check_path(&format!("/{}", "a".repeat(MAX_BYTES))).is_err());
    }

    #[test]
    fn patterns_match_one_path_or_all_below() {
        let one = PathPattern::parse("/v1/payments", false).unwrap();
        assert!(one.matches("/v1/payments"));
        assert!(
            !one.matches("/v1/payments/") && !one.matches("/v1/payments/1") && !one.matches("/V1/payments")
        );

        let below = PathPattern::parse("/v1/refunds/*", true).unwrap();
        assert!(below.matches("/v1/refunds/1") && below.matches("/v1/refunds/1/lines"));
        assert!(
            !below.matches("/v1/refunds") && !below.matches("/v1/refunds/") && !below.matches("/v1/refundsX")
        );

        for pattern in ["", "v1", "*", "/v1*", "/*/a", "/a/../*", "/a//*", "/a?b"] {
            assert!(PathPattern::parse(pattern, false).is_err(), "{pattern}");
        }
    }

    fn decoded(text: &[u8]) -> Vec<u8> {
        let mut decoded = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let digits = text.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
            let byte =
                digits.filter(|_| text[at] == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
            decoded.push(byte.unwrap_or(text[at]));
            at += if byte.is_some() { 3 } else { 1 };
        }
        decoded
    }

    proptest::proptest! {
        /// A careless server decodes twice, takes backslashes for slashes, drops parameters, and only then climbs.
        #[test]
        fn what_passes_is_read_by_careless_servers_as_by_careful_ones(path in "/([a-z./\\\\;?#]|%2[EeFf35]|%5[Cc]|%3[Bb]|%C3%A4|%){0,12}") {
            if check_path(&path).is_ok() {
                let twice = decoded(&decoded(path.as_bytes()));
                let parts = twice.split(|byte| matches!(byte, b'/' | b'\\')).skip(1);
                let parts: Vec<&[u8]> = parts.map(|part| part.split(|byte| *byte == b';').next().unwrap()).collect();
                proptest::prop_assert_eq!(parts.len(), path.split('/').count() - 1);
                proptest::prop_assert!(parts.iter().all(|part| !matches!(*part, b"." | b"..")));
                proptest::prop_assert!(parts.iter().rev().skip(1).all(|part| !part.is_empty()));
                proptest::prop_assert!(!twice.contains(&b'?') && !twice.contains(&b'#'));
            }
        }
    }
}
