//! The public half of the key that signs checkpoints, with its name and id.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::CheckpointError;

/// A key that checkpoints are trusted to be signed with. Its text form is the one of C2SP signed notes,
/// `<name>+<id, 8 hexadecimal digits>+<base64 of 0x02 ‖ SubjectPublicKeyInfo>`, which outside tools read too.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    public_key_info: Vec<u8>,
    key: VerifyingKey,
}

impl VerifierKey {
    /// From the key's name and its point as the HSM gives it (SEC 1: compressed or not).
    pub fn new(name: &str, sec1_public_key: &[u8]) -> Result<Self, CheckpointError> {
        if !is_key_name(name) {
            return Err(CheckpointError::KeyName);
        }
        let key = VerifyingKey::from_sec1_bytes(sec1_public_key).map_err(|_| CheckpointError::PublicKey)?;
        let public_key_info = [&P256_PUBLIC_KEY_INFO_PREFIX, key.to_sec1_point(false).as_bytes()].concat();
        let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(&public_key_info));
        Ok(Self { name: name.to_owned(), id: [a, b, c, d], public_key_info, key })
    }

    /// Its name, as it stands in signature lines.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id: the first four bytes of the SHA-256 of its SubjectPublicKeyInfo, as fixed for this signature type.
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Checks a signature in DER over a text.
    pub(super) fn verify(&self, text: &str, der: &[u8]) -> Result<(), CheckpointError> {
        let signature = Signature::from_der(der).map_err(|_| CheckpointError::Signature)?;
        self.key.verify(text.as_bytes(), &signature).map_err(|_| CheckpointError::Signature)
    }
}

impl FromStr for VerifierKey {
    type Err = CheckpointError;

    /// Reads the text form; the id must be the key's own.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(CheckpointError::KeyText);
        };
        let key = STANDARD.decode(key).map_err(|_| CheckpointError::KeyText)?;
        let public_key_info = key.strip_prefix(&[ECDSA_SIGNATURE]).ok_or(CheckpointError::KeyText)?;
        let point =
            public_key_info.strip_prefix(&P256_PUBLIC_KEY_INFO_PREFIX).ok_or(CheckpointError::PublicKey)?;
        let key = Self::new(name, point)?;
        if hexadecimal(key.id) == id { Ok(key) } else { Err(CheckpointError::KeyText) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = STANDARD.encode([&[ECDSA_SIGNATURE], self.public_key_info.as_slice()].concat());
        write!(formatter, "{}+{}+{key}", self.name, hexadecimal(self.id))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Whether a text can name a key: it stands between spaces in a signature line and before a plus in the key's text.
pub(super) fn is_key_name(name: &str) -> bool {
    let refused = |character: char| character.is_whitespace() || character.is_control() || character == '+';
    !name.is_empty() && name.len() <= MAX_NAME_LENGTH && !name.contains(refused)
}

const MAX_NAME_LENGTH: usize = 255;

/// The signature type that C2SP assigns to ECDSA.
const ECDSA_SIGNATURE: u8 = 0x02;

/// RFC 5480: everything of a SubjectPublicKeyInfo before the point is the same for every key on P-256 (a sequence, the
/// algorithm `id-ecPublicKey` with `prime256v1`, a bit string of 66 bytes with no unused bits).
const P256_PUBLIC_KEY_INFO_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

fn hexadecimal(id: [u8; 4]) -> String {
    data_encoding::HEXLOWER.encode(&id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_v1::fixtures::Signer;

    /// Two public logs that sign with ECDSA.
    const PUBLIC_LOGS: [&str; 2] =
        [include_str!("vectors/checkpoint/rekor.key"), include_str!("vectors/checkpoint/pixel.key")];

    #[test]
    fn reads_and_writes_the_keys_of_public_logs() {
        for text in PUBLIC_LOGS {
            let key: VerifierKey = text.trim_end().parse().unwrap();
            assert_eq!(key.to_string(), text.trim_end());
        }
    }

    #[test]
    fn compressed_and_uncompressed_points_are_one_key() {
        let point = Signer::new(1).public_key();
        let compressed = [&[2 + (point[64] & 1)], &point[1..33]].concat();
        assert_eq!(VerifierKey::new("strongroom.a", &compressed), VerifierKey::new("strongroom.a", &point));
    }

    #[test]
    fn refuses_what_is_no_key() {
        let good = Signer::new(1).verifier_key("strongroom.a").to_string();
        let other_id = good.replacen('+', "+0", 1);
        let other_type = good.replace("+AjBZ", "+ATBZ");
        for refused in ["", "a", "a+b", "a+00000000+AAAA", "a+00000000+!", &other_id, &other_type] {
            assert_eq!(refused.parse::<VerifierKey>(), Err(CheckpointError::KeyText));
        }
        let point = Signer::new(1).public_key();
        for refused in ["", "a b", "a+b", "a\nb", "a\u{a0}b", &"a".repeat(256)] {
            assert_eq!(VerifierKey::new(refused, &point), Err(CheckpointError::KeyName));
        }
        let mut off_curve = point.clone();
        off_curve[64] ^= 1;
        for refused in [&[][..], &[0], &point[..64], &off_curve] {
            assert_eq!(VerifierKey::new("a", refused), Err(CheckpointError::PublicKey));
        }
    }
}
