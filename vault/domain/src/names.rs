//! Names and ids that callers choose or see. Distinct types, so that one cannot stand in for another.

use std::fmt;

/// Why a name was refused. Says what is allowed and never repeats the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {min} to {max} characters of {alphabet}")]
pub struct NameError {
    what: &'static str,
    min: usize,
    max: usize,
    alphabet: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $min:literal..=$max:literal, $alphabet:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Checks length and alphabet.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                let allowed: fn(u8) -> bool = $allowed;
                if ($min..=$max).contains(&text.len()) && text.bytes().all(allowed) {
                    Ok(Self(text.into()))
                } else {
                    Err(NameError { what: $what, min: $min, max: $max, alphabet: $alphabet })
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

fn is_slug(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

name!(
    /// A tenant: the unit of isolation. Comes from the caller's certificate and from nowhere else.
    TenantId, "a tenant", 1..=63, "a-z, 0-9 and -", is_slug
);
name!(
    /// A service of a tenant, as named in its certificate.
    ServiceName, "a service name", 1..=63, "a-z, 0-9 and -", is_slug
);
name!(
    /// A SPIFFE trust domain.
    TrustDomain, "a trust domain", 1..=255, "a-z, 0-9, -, _ and .", |byte| is_slug(byte) || byte == b'.' || byte == b'_'
);
name!(
    /// The name by which callers address a key; unique in its tenant.
    KeyName, "a key name", 1..=63, "a-z, 0-9 and -", is_slug
);
name!(
    /// The name of a token profile; unique in its tenant.
    ProfileName, "a profile name", 1..=63, "a-z, 0-9 and -", is_slug
);
name!(
    /// The scope inside which equal values are recognised as equal.
    ScopeName, "a scope", 1..=63, "a-z, 0-9 and -", is_slug
);
name!(
    /// A node of the cluster; names its audit stream.
    NodeName, "a node name", 1..=63, "a-z, 0-9 and -", is_slug
);
name!(
    /// The name of a caller's public key: the thumbprint that follows from it (RFC 7638), the `kid` of a JWE to it.
    KeyThumbprint, "a key thumbprint", 43..=43, "letters, digits, - and _", |byte| byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_')
);
name!(
    /// A caller's own key for a request that must happen once (`Idempotency-Key`).
    IdempotencyKey, "an idempotency key", 8..=128, "letters, digits and -_.:", |byte| byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'_' | b'.' | b':')
);
name!(
    /// Names one request in answers, logs and the audit record. Made by the vault, `req_` and 128 random bits.
    RequestId, "a request id", 8..=64, "a-z, 0-9 and _", |byte| is_slug(byte) || byte == b'_'
);
name!(
    /// A W3C trace id: 32 hexadecimal digits.
    TraceId, "a trace id", 32..=32, "0-9 and a-f", |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')
);

impl TenantId {
    /// The tenant of the operators of the vault itself; its auditors see every tenant's records, its services hold no data.
    pub const PLATFORM: &'static str = "platform";

    /// The platform's own tenant.
    pub fn platform() -> Self {
        Self(Self::PLATFORM.into())
    }

    /// Whether this is the platform's own tenant.
    pub fn is_platform(&self) -> bool {
        &*self.0 == Self::PLATFORM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_alphabet() {
        assert!(TenantId::parse("acme").is_ok());
        for refused in ["", "Acme", "a/b", "a\nb", "ä", &"a".repeat(64)] {
            assert!(TenantId::parse(refused).is_err());
        }
        assert!(TraceId::parse("4bf92f3577b34da6a3ce929d0e0e4736").is_ok());
        assert!(TraceId::parse("4BF92F3577B34DA6A3CE929D0E0E4736").is_err());
    }

    #[test]
    fn the_refusal_does_not_repeat_the_value() {
        let refusal = KeyName::parse("4111 1111 1111 1111").map(drop).map_err(|error| error.to_string());
        assert_eq!(refusal, Err("a key name must be 1 to 63 characters of a-z, 0-9 and -".to_owned()));
    }
}
