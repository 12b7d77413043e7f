//! The ways to wrap, with the lengths that belong to each.

use std::ops::RangeInclusive;

/// How key material was wrapped. The code stands in the bytes and never changes its meaning. Below 16 material was
/// encrypted as data (C_Encrypt), from 16 on a key object was wrapped as such (C_WrapKey).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Mechanism {
    /// CKM_AES_GCM, IV from the caller.
    AesGcm = 1,
    /// CKM_AES_GCM, IV from the token.
    AesGcmTokenIv = 2,
    /// CKM_AES_CBC, then CKM_SHA256_HMAC over authenticated data, IV and ciphertext.
    AesCbcHmacSha256 = 3,
    /// CKM_AES_KEY_WRAP (RFC 3394), bound by CKM_SHA256_HMAC.
    AesKeyWrap = 16,
    /// CKM_AES_KEY_WRAP_KWP (RFC 5649), bound by CKM_SHA256_HMAC.
    AesKeyWrapPad = 17,
    /// CKM_AES_GCM as a wrapping mechanism.
    AesGcmWrap = 18,
    /// CKM_AES_CBC_PAD as a wrapping mechanism, bound by CKM_SHA256_HMAC.
    AesCbcPadHmacSha256 = 19,
    /// CKM_RSA_PKCS_OAEP with SHA-256, bound by CKM_SHA256_HMAC.
    RsaOaepSha256 = 20,
}

impl Mechanism {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::AesGcm,
        Self::AesGcmTokenIv,
        Self::AesCbcHmacSha256,
        Self::AesKeyWrap,
        Self::AesKeyWrapPad,
        Self::AesGcmWrap,
        Self::AesCbcPadHmacSha256,
        Self::RsaOaepSha256,
    ];

    /// The code in the bytes.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The one of that code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.code() == code)
    }

    /// The name in logs and evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AesGcm => "aes-gcm",
            Self::AesGcmTokenIv => "aes-gcm-token-iv",
            Self::AesCbcHmacSha256 => "aes-cbc-hmac-sha256",
            Self::AesKeyWrap => "aes-key-wrap",
            Self::AesKeyWrapPad => "aes-key-wrap-pad",
            Self::AesGcmWrap => "aes-gcm-wrap",
            Self::AesCbcPadHmacSha256 => "aes-cbc-pad-hmac-sha256",
            Self::RsaOaepSha256 => "rsa-oaep-sha256",
        }
    }

    /// Whether it encrypts data, and not keys alone.
    pub(crate) const fn seals_data(self) -> bool {
        matches!(self, Self::AesGcm | Self::AesGcmTokenIv | Self::AesCbcHmacSha256)
    }

    /// How long a tag is.
    pub(crate) fn tag_length(self) -> usize {
        self.shape().tag
    }

    /// Whether the parts have the lengths of this mechanism.
    pub(super) fn fits(self, iv: &[u8], ciphertext: &[u8], tag: &[u8]) -> bool {
        let Shape { iv: iv_length, block, ciphertext: ciphertext_length, tag: tag_length } = self.shape();
        iv_length.contains(&iv.len())
            && ciphertext_length.contains(&ciphertext.len())
            && ciphertext.len().is_multiple_of(block)
            && tag.len() == tag_length
    }

    fn shape(self) -> Shape {
        let authenticated = |iv| Shape { iv, block: 1, ciphertext: 16..=MAX_LENGTH, tag: 16 };
        let bound_by_mac =
            |iv, block, shortest| Shape { iv, block, ciphertext: shortest..=MAX_LENGTH, tag: 32 };
        match self {
            Self::AesGcm => authenticated(12..=12),
            // Tokens that make the IV themselves write 12 bytes, some of them 16.
            Self::AesGcmTokenIv | Self::AesGcmWrap => authenticated(12..=16),
            Self::AesCbcHmacSha256 | Self::AesCbcPadHmacSha256 => bound_by_mac(16..=16, 16, 16),
            // Key wrap has a constant IV and its own integrity, yet no authenticated data: hence the MAC.
            Self::AesKeyWrap => bound_by_mac(0..=0, 8, 24),
            Self::AesKeyWrapPad => bound_by_mac(0..=0, 8, 16),
            Self::RsaOaepSha256 => bound_by_mac(0..=0, 1, 256),
        }
    }
}

struct Shape {
    iv: RangeInclusive<usize>,
    block: usize,
    ciphertext: RangeInclusive<usize>,
    tag: usize,
}

/// Longer than any wrapped private key (RSA-4096 in PKCS#8 has 2,374 bytes), far shorter than anything that hurts.
const MAX_LENGTH: usize = 8192;
