use strongroom_crypto::Header;
use strongroom_crypto::deterministic_v1::DeterministicCiphertext;
use strongroom_crypto::envelope_v1::Envelope;
use strongroom_domain::{Context, KeyPurpose, TenantId};

use super::{Plaintext, place};
use crate::VaultError;
use crate::ports::Entropy;
use crate::registry::{Key, KeyVersionEntry, WorkingKey};

/// How the fields of a key are protected. The key's purpose decides, and a ciphertext of the other scheme is none of
/// this key's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// `envelope_v1`.
    Randomized,
    /// `deterministic_v1`.
    Deterministic,
}

/// A caller's ciphertext taken apart, not yet verified.
pub(super) enum Ciphertext<'a> {
    Randomized(Envelope<'a>),
    Deterministic(DeterministicCiphertext<'a>),
}

impl Scheme {
    /// Refuses keys that are there for something else.
    pub(super) fn of(key: &Key) -> Result<Self, VaultError> {
        match key.row.purpose {
            KeyPurpose::FieldEncryption => Ok(Self::Randomized),
            KeyPurpose::DeterministicEncryption => Ok(Self::Deterministic),
            KeyPurpose::Mac | KeyPurpose::Tokenization => Err(VaultError::KeyPurpose),
        }
    }

    const fn purpose(self) -> KeyPurpose {
        match self {
            Self::Randomized => KeyPurpose::FieldEncryption,
            Self::Deterministic => KeyPurpose::DeterministicEncryption,
        }
    }

    /// Whether each ciphertext takes a fresh salt.
    pub(super) const fn takes_salt(self) -> bool {
        matches!(self, Self::Randomized)
    }

    /// What a field's ciphertext is bound to beside its header, which names key and version.
    pub(super) fn place(self, tenant: &TenantId, context: &Context) -> Vec<u8> {
        place(tenant, self.purpose(), context)
    }

    pub(super) fn seal(
        self,
        working: &WorkingKey,
        version: &KeyVersionEntry,
        salts: &dyn Entropy,
        place: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        match self {
            Self::Randomized => working.seal(version, salts, place, plaintext),
            Self::Deterministic => Ok(working.seal_deterministic(version, place, plaintext)),
        }
    }

    pub(super) fn parse(self, bytes: &[u8]) -> Result<Ciphertext<'_>, VaultError> {
        match self {
            Self::Randomized => Envelope::parse(bytes).ok().map(Ciphertext::Randomized),
            Self::Deterministic => DeterministicCiphertext::parse(bytes).ok().map(Ciphertext::Deterministic),
        }
        .ok_or(VaultError::CiphertextMalformed)
    }
}

impl Ciphertext<'_> {
    pub(super) fn header(&self) -> Header {
        match self {
            Self::Randomized(envelope) => envelope.header(),
            Self::Deterministic(ciphertext) => ciphertext.header(),
        }
    }

    pub(super) fn open(&self, working: &WorkingKey, place: &[u8]) -> Result<Plaintext, VaultError> {
        match self {
            Self::Randomized(envelope) => working.open_from_caller(envelope, place),
            Self::Deterministic(ciphertext) => working.open_deterministic_from_caller(ciphertext, place),
        }
    }
}
