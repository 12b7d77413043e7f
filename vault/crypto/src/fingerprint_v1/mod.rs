#![doc = include_str!("SPEC.md")]

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use strongroom_domain::TenantId;
use subtle::ConstantTimeEq;

use crate::keyed_hash::KeyedHash;
use crate::{KeyMaterial, crockford, derivation};

/// The key under which values of a tenant are recognised, derived from the material of one key version.
pub struct FingerprintKey(KeyedHash);

impl FingerprintKey {
    /// Derives it.
    pub fn derive(material: &KeyMaterial) -> Self {
        Self(KeyedHash::new(&derivation::derive(material, LABEL), LABEL))
    }

    /// The fingerprint of a value, normalised by its owner (a card number: its digits alone). The class says what kind
    /// of value it is, so that equal bytes of two kinds are not recognised as equal. The value is not copied.
    pub fn fingerprint(&self, tenant: &TenantId, scope: &str, class: &str, value: &[u8]) -> Fingerprint {
        let tenant = tenant.as_str().as_bytes();
        Fingerprint(self.0.code([tenant, scope.as_bytes(), class.as_bytes(), value]))
    }
}

/// The key under which a repeated request is recognised, derived from the material of one key version.
pub struct RequestDigestKey(KeyedHash);

impl RequestDigestKey {
    /// Derives it.
    pub fn derive(material: &KeyMaterial) -> Self {
        Self(KeyedHash::new(&derivation::derive(material, REQUEST_LABEL), REQUEST_LABEL))
    }

    /// The digest of a request's parts, for example method, path and body. The parts are not copied.
    pub fn digest(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.0.code(parts.iter().copied())
    }
}

/// A value's fingerprint. Tells whether two values are equal and, without the key, nothing else. Compared in constant
/// time; its order is for indexes and means nothing.
#[derive(Clone, Copy)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// From its bytes, as they stand in a table.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// `fp_` and the first 160 bits in base32: short enough to read, long enough never to meet by chance.
impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("fp_")?;
        crockford::digits(self.0.iter().copied())
            .take(32)
            .try_for_each(|digit| fmt::Write::write_char(formatter, digit))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Fingerprint {}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl PartialOrd for Fingerprint {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fingerprint {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

const LABEL: &str = "strongroom/fingerprint_v1";
const REQUEST_LABEL: &str = "strongroom/fingerprint_v1/request";
