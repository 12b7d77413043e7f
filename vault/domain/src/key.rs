//! Keys: what they are for, where they are in their life (NIST SP 800-57 part 1).

use std::fmt;

/// A key's own id: eight random bytes, shown as `key_` and sixteen hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// From its bytes, as they stand in a ciphertext's header.
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// Reads `key_…`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("key_")?;
        if digits.len() != 16 || !digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        u64::from_str_radix(digits, 16).ok().map(|value| Self(value.to_be_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "key_{:016x}", u64::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Which of a key's versions; the first is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyVersion(u32);

impl KeyVersion {
    /// The first version of every key.
    pub const FIRST: Self = Self(1);

    /// From its number; there is no version 0.
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }

    /// Its number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The version after this one.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl fmt::Display for KeyVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in URLs, JSON, tables, policies and logs.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The one of that name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use named;

named!(
    /// What a key may be used for. One key, one purpose.
    KeyPurpose {
        /// Randomized encryption of fields (`envelope_v1`).
        FieldEncryption = "field-encryption",
        /// Encryption of fields under which equal values stay equal (`deterministic_v1`).
        DeterministicEncryption = "deterministic-encryption",
        /// Encryption of values into values of the same format (`ff1`).
        FormatPreserving = "format-preserving",
        /// Authentication codes over callers' data (`mac_v1`).
        Mac = "mac",
        /// Signatures over callers' data, which others verify with the public key (`sign_v1`).
        Sign = "sign",
        /// Decryption of what clients encrypt for the vault (`jwe`); its public keys are for publication.
        ClientEncryption = "client-encryption",
        /// Everything behind a tenant's tokens: sealed values, fingerprints, stored answers.
        Tokenization = "tokenization",
    }
);

named!(
    /// Where a key's material may be in the clear.
    Protection {
        /// Sealed by the HSM at rest, used in locked memory.
        Envelope = "envelope",
        /// Never: the HSM itself does every operation, one call each.
        Hsm = "hsm",
    }
);

named!(
    /// The life of a key version (NIST SP 800-57 part 1, section 7).
    KeyState {
        /// Made, not yet for use.
        PreActive = "pre-active",
        /// In use.
        Active = "active",
        /// Out of use for now, both ways.
        Suspended = "suspended",
        /// Reads what it wrote; writes nothing new.
        Deactivated = "deactivated",
        /// Known or feared to be known by others.
        Compromised = "compromised",
        /// Its material is gone.
        Destroyed = "destroyed",
    }
);

impl KeyState {
    /// Whether it may protect new data. The pipeline also asks that it be the newest.
    pub const fn may_protect(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Whether it may process data it once protected.
    pub const fn may_process(self) -> bool {
        matches!(self, Self::Active | Self::Deactivated)
    }

    /// Whether the standard allows the step.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::PreActive => {
                matches!(next, Self::Active | Self::Suspended | Self::Compromised | Self::Destroyed)
            }
            Self::Active => matches!(next, Self::Suspended | Self::Deactivated | Self::Compromised),
            Self::Suspended => matches!(next, Self::Active | Self::Deactivated | Self::Compromised),
            Self::Deactivated => matches!(next, Self::Compromised | Self::Destroyed),
            Self::Compromised => matches!(next, Self::Destroyed),
            Self::Destroyed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids_survive_their_text_form() {
        let id = KeyId::from_bytes([0, 1, 2, 3, 4, 5, 6, 255]);
        assert_eq!(id.to_string(), "key_00010203040506ff");
        assert_eq!(KeyId::parse("key_00010203040506ff"), Some(id));
        for refused in ["key_00010203040506FF", "key_0001", "tok_00010203040506ff", "key_+0010203040506ff"] {
            assert_eq!(KeyId::parse(refused), None);
        }
    }

    #[test]
    fn nothing_leaves_destroyed_and_nothing_returns_from_deactivated() {
        for next in KeyState::ALL {
            assert!(!KeyState::Destroyed.may_become(*next));
        }
        assert!(!KeyState::Deactivated.may_become(KeyState::Active));
        assert!(!KeyState::Compromised.may_become(KeyState::Active));
    }
}
