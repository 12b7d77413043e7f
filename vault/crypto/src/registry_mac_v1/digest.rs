//! One digest for a set of rows, kept up to date row by row.

use sha2::{Digest, Sha256};

use super::RowMac;

/// The digest of a set of row codes, in any order: the sum, lane by lane modulo 2^16, of 1,024 lanes that SHA-256 makes
/// of each (the LtHash of Bellare and Micciancio's AdHash family). A sum by XOR of the codes themselves would be shorter
/// and would not do; the specification of the format says why.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryDigest(Box<[u8; RegistryDigest::LENGTH]>);

impl RegistryDigest {
    /// How many bytes.
    pub const LENGTH: usize = 2048;

    /// The digest of no rows.
    pub fn new() -> Self {
        Self(Box::new([0; Self::LENGTH]))
    }

    /// Adds a row's code.
    pub fn insert(&mut self, mac: &RowMac) {
        self.combine(mac, u16::wrapping_add);
    }

    /// Takes a row's code out again. Meaningful only for one that was added.
    pub fn remove(&mut self, mac: &RowMac) {
        self.combine(mac, u16::wrapping_sub);
    }

    /// From its bytes, as they stand in a table; none if their number is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().ok()?;
        Some(Self(Box::new(*bytes)))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// Its SHA-256: what stands in the head's row. Whoever loads all rows recomputes the sums themselves.
    pub fn summary(&self) -> [u8; 32] {
        Sha256::digest(self.as_bytes().as_slice()).into()
    }

    fn combine(&mut self, mac: &RowMac, operation: fn(u16, u16) -> u16) {
        let started = Sha256::new_with_prefix(LABEL).chain_update(mac.as_bytes());
        let (blocks, _) = self.0.as_chunks_mut::<32>();
        for (block, number) in blocks.iter_mut().zip(0_u8..) {
            let lanes: [u8; 32] = started.clone().chain_update([number]).finalize().into();
            let (sums, _) = block.as_chunks_mut::<2>();
            for (sum, lane) in sums.iter_mut().zip(lanes.as_chunks::<2>().0) {
                *sum = operation(u16::from_be_bytes(*sum), u16::from_be_bytes(*lane)).to_be_bytes();
            }
        }
    }
}

impl Default for RegistryDigest {
    fn default() -> Self {
        Self::new()
    }
}

/// With the code and the block's number 55 bytes: one compression of SHA-256 a block.
const LABEL: &[u8; 22] = b"registry_mac_v1/digest";
