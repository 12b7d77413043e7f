//! The compact serialization (RFC 7516, section 3.1), taken apart.

use base64::Engine as _;
use p256::PublicKey;

use super::members::{Members, Unreadable};
use super::{
    BASE64URL, CONTENT_ENCRYPTION, IV_LENGTH, JweError, KEY_AGREEMENT, MAX_HEADER_LENGTH,
    MAX_LONG_PLAINTEXT_LENGTH, MAX_PLAINTEXT_LENGTH, Refusal, TAG_LENGTH, encoded_length, jwk,
};

/// A JWE taken apart, not yet verified.
pub struct Jwe<'text> {
    /// The header as it came, which is what the tag vouches for.
    pub(super) protected: &'text str,
    pub(super) header: Header,
    pub(super) iv: [u8; IV_LENGTH],
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: [u8; TAG_LENGTH],
}

/// What the protected header says.
pub(super) struct Header {
    pub(super) kid: String,
    pub(super) ephemeral: PublicKey,
    pub(super) party_u: Vec<u8>,
    pub(super) party_v: Vec<u8>,
}

impl<'text> Jwe<'text> {
    /// Takes it apart. Lengths first, so that what is refused for them costs nothing.
    pub fn parse(text: &'text str) -> Result<Self, JweError> {
        Ok(Self::split(text, MAX_PLAINTEXT_LENGTH)?)
    }

    /// Takes a part of an export apart, which may be longer.
    pub fn parse_long(text: &'text str) -> Result<Self, JweError> {
        Ok(Self::split(text, MAX_LONG_PLAINTEXT_LENGTH)?)
    }

    /// The key it asks for. Unverified until it is opened.
    pub fn kid(&self) -> &str {
        &self.header.kid
    }

    fn split(text: &'text str, longest: usize) -> Result<Self, Refusal> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(Refusal::Malformed);
        let [protected, encrypted_key, iv, ciphertext, tag] = [part()?, part()?, part()?, part()?, part()?];
        if parts.next().is_some()
            || !encrypted_key.is_empty()
            || protected.len() > encoded_length(MAX_HEADER_LENGTH)
            || ciphertext.len() > encoded_length(longest)
        {
            return Err(Refusal::Malformed);
        }
        Ok(Self {
            protected,
            iv: array(iv)?,
            ciphertext: decode(ciphertext)?,
            tag: array(tag)?,
            header: Header::read(&decode(protected)?)?,
        })
    }
}

impl Header {
    /// Members that are not known here are refused, and not ignored as RFC 7516 (section 4) would have it: nobody is
    /// left to wonder whether one of them was acted on.
    fn read(json: &[u8]) -> Result<Self, Refusal> {
        let members = Members::read(json)?;
        if !members.are_among(&["alg", "enc", "kid", "epk", "apu", "apv", "typ", "cty"])
            || members.text("alg")? != KEY_AGREEMENT
            || members.text("enc")? != CONTENT_ENCRYPTION
        {
            return Err(Refusal::Unsupported);
        }
        // What the content is, is the caller's to know; here it need only be a text.
        members.optional_text("typ")?;
        members.optional_text("cty")?;
        let kid = members.text("kid")?;
        if !jwk::is_kid(&kid) {
            return Err(Refusal::Malformed);
        }
        let party = |name| members.optional_text(name)?.map_or(Ok(Vec::new()), |text| decode(&text));
        Ok(Self { kid, party_u: party("apu")?, party_v: party("apv")?, ephemeral: ephemeral(&members)? })
    }
}

/// A public key and nothing else: a sender that encloses the private part tells everyone the content key.
fn ephemeral(members: &Members<'_>) -> Result<PublicKey, Refusal> {
    let key = members.object("epk")?;
    if !key.are_among(&["kty", "crv", "x", "y"]) {
        return Err(Refusal::EphemeralKey);
    }
    jwk::point(&key).ok().flatten().ok_or(Refusal::EphemeralKey)
}

fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    BASE64URL.decode(text).map_err(|_| Refusal::Malformed)
}

fn array<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH], Refusal> {
    if text.len() != encoded_length(LENGTH) {
        return Err(Refusal::Malformed);
    }
    decode(text)?.try_into().map_err(|_| Refusal::Malformed)
}

impl From<Unreadable> for Refusal {
    fn from(_: Unreadable) -> Self {
        Self::Malformed
    }
}
