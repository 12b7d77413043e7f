#![doc = include_str!("SPEC.md")]

mod agreement;
mod card;
mod compact;
mod error;
mod jwk;
mod members;
mod private_jwk;
mod recipient;
mod revealed;
mod scalar;
#[cfg(test)]
mod tests;

pub(crate) use agreement::concat_kdf;
pub use card::{EncryptedCard, EncryptedCardError};
pub use compact::Jwe;
pub use error::{JweError, PlaintextTooLong, PublicJwkError, Refusal};
pub use jwk::PublicJwk;
pub use private_jwk::PrivateJwkError;
pub use recipient::RecipientKey;
pub use revealed::{UnwritableValue, value_plaintext};

use aes::Aes256Enc;
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use base64::engine::general_purpose::{GeneralPurpose, URL_SAFE_NO_PAD};

/// The longest protected header that is read, in bytes of JSON.
pub const MAX_HEADER_LENGTH: usize = 1024;

/// The longest plaintext that is sealed or opened, but for parts of exports.
pub const MAX_PLAINTEXT_LENGTH: usize = 64 * 1024;

/// The longest part of an export.
pub const MAX_LONG_PLAINTEXT_LENGTH: usize = 4 * 1024 * 1024;

/// Counter mode only ever encrypts blocks, so the key's decrypting half is not worked out.
type Cipher = AesGcm<Aes256Enc, U12>;

/// RFC 7515, section 2: no padding. It also refuses bits set behind the last byte, so one value has one spelling.
const BASE64URL: GeneralPurpose = URL_SAFE_NO_PAD;

const KEY_AGREEMENT: &str = "ECDH-ES";
const CONTENT_ENCRYPTION: &str = "A256GCM";
const IV_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;

/// How many digits of base64 so many bytes have.
const fn encoded_length(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}
