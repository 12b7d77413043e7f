#![doc = include_str!("SPEC.md")]

mod digest;
mod row;
#[cfg(test)]
mod tests;

use std::fmt;

use strongroom_domain::Secret;
use subtle::ConstantTimeEq;

pub use self::digest::RegistryDigest;
pub use self::row::Row;
use crate::Injective;
use crate::derivation;
use crate::keyed_hash::KeyedHash;

/// The key that vouches for the registry's rows. It is rooted in the HSM: whoever writes to the database alone cannot
/// compute it.
pub struct RegistryMacKey(KeyedHash);

impl RegistryMacKey {
    /// From the HSM's answer to an HMAC, which must be 32 bytes; none otherwise, since a short or empty answer would
    /// give a key that anybody can compute. The root is wiped.
    pub fn from_root(root: Secret<Vec<u8>>, cluster: &[u8; 16]) -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "extracted at once; only the derived key leaves")]
        let root = root.expose();
        if root.len() != 32 {
            return None;
        }
        let extracted = derivation::extract(LABEL.as_bytes(), root);
        Some(Self(KeyedHash::new(&derivation::secret(&extracted, &[LABEL.as_bytes(), cluster]), LABEL)))
    }

    /// Vouches for a row.
    pub fn mac(&self, row: &Row) -> RowMac {
        RowMac(self.0.code([row.as_bytes()]))
    }

    /// Whether the row is one that was vouched for. In constant time.
    pub fn verify(&self, row: &Row, mac: &RowMac) -> bool {
        self.0.verify([row.as_bytes()], &mac.0)
    }

    /// Vouches for the whole registry: its epoch, how many rows it has, and the digest of their codes.
    pub fn head_mac(&self, epoch: u64, rows: u64, digest: &RegistryDigest) -> RowMac {
        let head = Injective::new("head")
            .part(&epoch.to_be_bytes())
            .part(&rows.to_be_bytes())
            .part(digest.as_bytes())
            .finish();
        RowMac(self.0.code([head.as_slice()]))
    }
}

/// An authentication code of the registry. Public, yet compared in constant time: a comparison that stops early would
/// let one be found byte by byte.
#[derive(Clone, Copy)]
pub struct RowMac([u8; 32]);

impl RowMac {
    /// From its bytes, as they stand in a table.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for RowMac {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for RowMac {}

impl fmt::Debug for RowMac {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RowMac(")?;
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))?;
        formatter.write_str(")")
    }
}

const LABEL: &str = "strongroom/registry_mac_v1";
