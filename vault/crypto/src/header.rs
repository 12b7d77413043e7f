//! What a caller's ciphertext says of itself in clear: its format, and which version of which key opens it.
//!
//! ```text
//! 0      1 byte    format
//! 1      8 bytes   key id
//! 9      4 bytes   key version, big-endian, from 1
//! ```

use strongroom_domain::{KeyId, KeyVersion};

/// Which version of which key opens a ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// The key.
    pub key_id: KeyId,
    /// Its version.
    pub key_version: KeyVersion,
}

/// How long a header is, with the format in front.
pub(crate) const LENGTH: usize = 13;

impl Header {
    pub(crate) fn encode(self, format: u8) -> [u8; LENGTH] {
        let [a, b, c, d, e, f, g, h] = *self.key_id.as_bytes();
        let [i, j, k, l] = self.key_version.get().to_be_bytes();
        [format, a, b, c, d, e, f, g, h, i, j, k, l]
    }

    /// Reads what stands behind the format, and returns what stands behind the header.
    pub(crate) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (key_id, rest) = bytes.split_first_chunk::<8>()?;
        let (key_version, rest) = rest.split_first_chunk::<4>()?;
        let key_version = KeyVersion::new(u32::from_be_bytes(*key_version))?;
        Some((Self { key_id: KeyId::from_bytes(*key_id), key_version }, rest))
    }
}
