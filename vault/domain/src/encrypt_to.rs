//! Which of its keys a caller wants values encrypted to.

use std::fmt;

use crate::KeyThumbprint;

/// One of the public keys that are registered for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncryptTo {
    /// The one that was registered last and is in force.
    Newest,
    /// This one.
    Key(KeyThumbprint),
}

impl EncryptTo {
    const NEWEST: &'static str = "newest";

    /// Reads `newest` or a thumbprint. No thumbprint has so few characters.
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::NEWEST { Some(Self::Newest) } else { KeyThumbprint::parse(text).ok().map(Self::Key) }
    }
}

impl fmt::Display for EncryptTo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => formatter.write_str(Self::NEWEST),
            Self::Key(kid) => fmt::Display::fmt(kid, formatter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_by_its_thumbprint_or_is_the_newest() {
        for text in ["newest", "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"] {
            assert_eq!(EncryptTo::parse(text).map(|to| to.to_string()).as_deref(), Some(text));
        }
        for refused in [
            "",
            "true",
            "Newest",
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-",
            "oKIywvGUpTVTyxMQ3bwIIeQUudfr+CkLMjCE19ECD/U",
        ] {
            assert_eq!(EncryptTo::parse(refused), None);
        }
    }
}
