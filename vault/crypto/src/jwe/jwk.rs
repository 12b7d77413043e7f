//! Public keys on P-256 as JSON Web Keys (RFC 7517; RFC 7518, section 6.2.1), and sealing to one.

use std::fmt;

use aes_gcm::{AeadInOut, KeyInit};
use base64::Engine as _;
use p256::elliptic_curve::sec1::ToSec1Point as _;
use p256::{PublicKey, SecretKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use strongroom_domain::Secret;
use zeroize::{Zeroize, Zeroizing};

use super::members::{Members, Unreadable};
use super::{
    BASE64URL, CONTENT_ENCRYPTION, Cipher, IV_LENGTH, KEY_AGREEMENT, MAX_LONG_PLAINTEXT_LENGTH,
    MAX_PLAINTEXT_LENGTH, PlaintextTooLong, PublicJwkError, agreement, encoded_length, scalar,
};
use crate::derivation;

/// A public key that JWEs are encrypted to, with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicJwk {
    key: PublicKey,
    kid: String,
}

impl PublicJwk {
    /// Reads a caller's key. Without a `kid` its thumbprint is its name.
    pub fn parse(json: &[u8]) -> Result<Self, PublicJwkError> {
        if json.len() > MAX_JWK_LENGTH {
            return Err(PublicJwkError::Malformed);
        }
        let members = Members::read(json)?;
        if members.has("d") {
            return Err(PublicJwkError::Private);
        }
        if !members.are_among(&["kty", "crv", "x", "y", "use", "alg", "kid"])
            || members.optional_text("use")?.is_some_and(|found| found != USE)
            || members.optional_text("alg")?.is_some_and(|found| found != KEY_AGREEMENT)
        {
            return Err(PublicJwkError::Malformed);
        }
        let key = point(&members)?.ok_or(PublicJwkError::Point)?;
        match members.optional_text("kid")? {
            None => Ok(Self::named_by_thumbprint(key)),
            Some(kid) if is_kid(&kid) => Ok(Self { key, kid }),
            Some(_) => Err(PublicJwkError::Malformed),
        }
    }

    /// The key under the name that follows from it.
    pub(super) fn named_by_thumbprint(key: PublicKey) -> Self {
        Self { kid: BASE64URL.encode(thumbprint(&key)), key }
    }

    /// Its name, as it stands in the header of what is encrypted to it.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// RFC 7638: the same for every way of writing this key, and for no other key.
    pub fn thumbprint(&self) -> String {
        BASE64URL.encode(thumbprint(&self.key))
    }

    /// The thumbprint's bytes.
    pub fn thumbprint_bytes(&self) -> [u8; 32] {
        thumbprint(&self.key)
    }

    /// Seals to the holder of the private key. The entropy must come fresh from the generator for every call.
    ///
    /// The ephemeral key and the initialization vector follow from it together with the recipient and the plaintext:
    /// if entropy repeats all the same (a machine restored or copied while it runs), two messages can share a key only
    /// if they are the same message to the same recipient.
    pub fn seal(&self, entropy: &Secret<[u8; 32]>, plaintext: &[u8]) -> Result<String, PlaintextTooLong> {
        self.seal_up_to(MAX_PLAINTEXT_LENGTH, entropy, plaintext)
    }

    /// Seals a part of an export, which may be longer than what callers and the vault exchange otherwise.
    pub fn seal_long(
        &self,
        entropy: &Secret<[u8; 32]>,
        plaintext: &[u8],
    ) -> Result<String, PlaintextTooLong> {
        self.seal_up_to(MAX_LONG_PLAINTEXT_LENGTH, entropy, plaintext)
    }

    fn seal_up_to(
        &self,
        longest: usize,
        entropy: &Secret<[u8; 32]>,
        plaintext: &[u8],
    ) -> Result<String, PlaintextTooLong> {
        if plaintext.len() > longest {
            return Err(PlaintextTooLong);
        }
        let (ephemeral, iv) = self.fresh(entropy, plaintext);
        let key = agreement::content_key(&ephemeral, &self.key, b"", b"");
        let protected = BASE64URL.encode(self.header(&ephemeral.public_key()));

        // The one copy of the plaintext, and it becomes the ciphertext in its place.
        let mut content = plaintext.to_vec();
        #[expect(clippy::disallowed_methods, reason = "goes into the cipher's own state, which wipes itself")]
        let cipher = Cipher::new(key.expose().into());
        let sealed =
            cipher.encrypt_inout_detached(&iv.into(), protected.as_bytes(), content.as_mut_slice().into());
        let Ok(tag) = sealed else {
            content.zeroize();
            return Err(PlaintextTooLong);
        };
        // Between the first two dots stands the encrypted key: with direct agreement there is none.
        let parts = [
            protected,
            String::new(),
            BASE64URL.encode(iv),
            BASE64URL.encode(&content),
            BASE64URL.encode(tag),
        ];
        Ok(parts.join("."))
    }

    fn fresh(&self, entropy: &Secret<[u8; 32]>, plaintext: &[u8]) -> (Box<SecretKey>, [u8; IV_LENGTH]) {
        let mut digest = Zeroizing::new([0_u8; 32]);
        Sha256::new_with_prefix(plaintext).finalize_into((&mut *digest).into());
        #[expect(clippy::disallowed_methods, reason = "extracted at once; only what is derived leaves")]
        let extracted = derivation::extract(EPHEMERAL_LABEL, entropy.expose());
        let mut bytes = Zeroizing::new([0; scalar::LENGTH]);
        derivation::expand(&extracted, &[b"key", &thumbprint(&self.key), &*digest], &mut bytes);
        let mut iv = [0; IV_LENGTH];
        derivation::expand(&extracted, &[b"iv", &thumbprint(&self.key), &*digest], &mut iv);
        (scalar::private_key(&bytes), iv)
    }

    /// One spelling: this order, no spaces.
    fn header(&self, ephemeral: &PublicKey) -> String {
        let (kid, [x, y]) = (Value::from(self.kid.as_str()), coordinates(ephemeral));
        format!(
            r#"{{"alg":"{KEY_AGREEMENT}","enc":"{CONTENT_ENCRYPTION}","kid":{kid},"epk":{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}}}"#
        )
    }
}

impl fmt::Display for PublicJwk {
    /// The JWK, in one spelling.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kid, [x, y]) = (Value::from(self.kid.as_str()), coordinates(&self.key));
        write!(
            formatter,
            r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}","use":"{USE}","alg":"{KEY_AGREEMENT}","kid":{kid}}}"#
        )
    }
}

impl fmt::Debug for PublicJwk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl From<Unreadable> for PublicJwkError {
    fn from(_: Unreadable) -> Self {
        Self::Malformed
    }
}

/// The point that `x` and `y` of a JWK are the coordinates of; none if they are of no point of the curve. The point at
/// infinity has no coordinates, so it cannot be said; points of other curves, from which a private key could be worked
/// out piece by piece, are refused here.
pub(super) fn point(members: &Members<'_>) -> Result<Option<PublicKey>, Unreadable> {
    if members.text("kty")? != "EC" || members.text("crv")? != "P-256" {
        return Err(Unreadable);
    }
    let (x, y) = (coordinate(&members.text("x")?)?, coordinate(&members.text("y")?)?);
    Ok(PublicKey::from_sec1_bytes(&[&[UNCOMPRESSED], x.as_slice(), &y].concat()).ok())
}

fn coordinate(text: &str) -> Result<[u8; COORDINATE_LENGTH], Unreadable> {
    if text.len() != encoded_length(COORDINATE_LENGTH) {
        return Err(Unreadable);
    }
    BASE64URL.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(Unreadable)
}

fn coordinates(key: &PublicKey) -> [String; 2] {
    let point = key.to_sec1_point(false);
    [point.x(), point.y()]
        .map(|coordinate| coordinate.map(|bytes| BASE64URL.encode(bytes)).unwrap_or_default())
}

/// RFC 7638, section 3: the required members in alphabetical order, hashed.
fn thumbprint(key: &PublicKey) -> [u8; 32] {
    let [x, y] = coordinates(key);
    Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)).into()
}

/// Visible ASCII: it goes into headers and logs. So short that a header with it stays within the limit.
pub(super) fn is_kid(kid: &str) -> bool {
    (1..=MAX_KID_LENGTH).contains(&kid.len()) && kid.bytes().all(|byte| byte.is_ascii_graphic())
}

const USE: &str = "enc";
const EPHEMERAL_LABEL: &[u8] = b"strongroom/jwe/ephemeral";
const MAX_JWK_LENGTH: usize = 1024;
const MAX_KID_LENGTH: usize = 256;
const COORDINATE_LENGTH: usize = 32;
/// SEC 1, section 2.3.3.
const UNCOMPRESSED: u8 = 4;
