//! Where a page is from: what stands in a policy, so nothing may be in it that could end a directive or mean more than
//! one place.

use std::fmt;

/// `https://host` or `https://host:port`; `http` on this machine alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// It is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin must be https://<host> or https://<host>:<port>, in lower case, without path or wildcard; http:// only for \
     localhost and 127.0.0.1"
)]
pub struct OriginError;

impl Origin {
    /// Reads the one form.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (scheme, place) = text.split_once("://").ok_or(OriginError)?;
        let (host, port) = match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        };
        let is_local = matches!(host, "localhost" | "127.0.0.1");
        let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number.to_string() == port);
        let fits =
            (scheme == "https" || scheme == "http" && is_local) && is_host(host) && port.is_none_or(is_port);
        if fits { Ok(Self(text.to_owned())) } else { Err(OriginError) }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is served with TLS.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_place_and_nothing_more() {
        for text in
            ["https://shop.example", "https://shop.example:8443", "http://localhost:8446", "http://127.0.0.1"]
        {
            assert_eq!(Origin::parse(text).map(|origin| origin.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "",
            "shop.example",
            "https://",
            "https://*.shop.example",
            "https://*",
            "*",
            "https://shop.example/",
            "https://shop.example/pay",
            "https://shop.example:0443",
            "https://shop.example:99999",
            "https://shop.example; script-src *",
            "https://shop.example https://evil.example",
            "https://shop.example'",
            "https://Shop.example",
            "https://user@shop.example",
            "http://shop.example",
            "ftp://shop.example",
            "'self'",
            "https://-shop.example",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
