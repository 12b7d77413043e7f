//! The host of a destination: the one thing its certificate is checked against.

use std::fmt;
use std::net::IpAddr;

use rustls_pki_types::{DnsName, ServerName};

/// A DNS name or an IP address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// In lower case, without a dot at its end.
    Name(DnsName<'static>),
    /// An IP address, which is checked like those that names stand for.
    Address(IpAddr),
}

impl Host {
    /// Reads a host as operators write it. An IPv6 address stands without brackets.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Address(address));
        }
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) || text.ends_with('.') {
            return Err("must be in lower case and without a dot at its end");
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.')) {
            return Err("must be a DNS name or an IP address");
        }
        // Resolvers read 127.1 and 0x7f.1 as addresses.
        let last = text.rsplit('.').next().unwrap_or_default();
        if last.bytes().next().is_none_or(|byte| byte.is_ascii_digit()) {
            return Err(
                "must be an IP address with all its parts, or a DNS name whose last part begins with a letter",
            );
        }
        match DnsName::try_from(text.to_owned()) {
            Ok(name) => Ok(Self::Name(name)),
            Err(_) => Err("must be a DNS name or an IP address"),
        }
    }

    /// What the certificate must be for.
    pub(crate) fn server_name(&self) -> ServerName<'static> {
        match self {
            Self::Name(name) => ServerName::DnsName(name.clone()),
            Self::Address(address) => ServerName::IpAddress((*address).into()),
        }
    }
}

/// As in a `Host` header (RFC 9110, section 7.2).
impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name.as_ref()),
            Self::Address(IpAddr::V4(address)) => address.fmt(formatter),
            Self::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_addresses() {
        for (text, shown) in [
            ("api.acquirer.example", "api.acquirer.example"),
            ("localhost", "localhost"),
            ("10.0.0.1", "10.0.0.1"),
            ("2001:db8::1", "[2001:db8::1]"),
        ] {
            assert_eq!(Host::parse(text).map(|host| host.to_string()), Ok(shown.to_owned()));
        }
    }

    #[test]
    fn refuses_what_could_be_read_in_two_ways() {
        for text in [
            "",
            ".",
            "a.",
            "API.example",
            "127.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "010.0.0.1",
            "a b",
            "a/b",
            "a:443",
            "[::1]",
            "fe80::1%eth0",
            "user@host",
            "höst.example",
            "-a.example",
            "a..b",
            "*.example",
            "a_b",
        ] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }
}
