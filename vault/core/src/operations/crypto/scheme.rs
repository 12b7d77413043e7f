use strongroom_crypto::Header;
use strongroom_crypto::deterministic_v1::DeterministicCiphertext;
use strongroom_crypto::envelope_v1::Envelope;
use strongroom_domain::{Context, KeyPurpose, TenantId, ValueFormat};

use super::{DecryptItem, Plaintext, place};
use crate::VaultError;
use crate::ports::Entropy;
use crate::registry::{Key, KeyVersionEntry, WorkingKey};

/// How the fields of a key are protected. The key's purpose decides, and a ciphertext of another scheme is none of this
/// key's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme<'k> {
    /// `envelope_v1`.
    Randomized,
    /// `deterministic_v1`.
    Deterministic,
    /// `ff1`, of values that look like this.
    FormatPreserving(&'k ValueFormat),
}

/// A caller's ciphertext taken apart, not yet verified.
pub(super) enum Ciphertext<'a> {
    Randomized(Envelope<'a>),
    Deterministic(DeterministicCiphertext<'a>),
    FormatPreserving(&'a ValueFormat, Header, &'a [u8]),
}

impl<'k> Scheme<'k> {
    /// Refuses keys that are there for something else.
    pub(super) fn of(key: &'k Key) -> Result<Self, VaultError> {
        match key.row.purpose {
            KeyPurpose::FieldEncryption => Ok(Self::Randomized),
            KeyPurpose::DeterministicEncryption => Ok(Self::Deterministic),
            KeyPurpose::FormatPreserving => key
                .row
                .value_format
                .as_deref()
                .map(Self::FormatPreserving)
                .ok_or(VaultError::IntegrityFailure),
            KeyPurpose::Mac | KeyPurpose::Tokenization => Err(VaultError::KeyPurpose),
        }
    }

    const fn purpose(self) -> KeyPurpose {
        match self {
            Self::Randomized => KeyPurpose::FieldEncryption,
            Self::Deterministic => KeyPurpose::DeterministicEncryption,
            Self::FormatPreserving(_) => KeyPurpose::FormatPreserving,
        }
    }

    /// Whether each ciphertext takes a fresh salt.
    pub(super) const fn takes_salt(self) -> bool {
        matches!(self, Self::Randomized)
    }

    /// Whether equal values are equal ciphertexts, and may be looked for.
    pub(super) const fn shows_equality(self) -> bool {
        matches!(self, Self::Deterministic | Self::FormatPreserving(_))
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
            Self::FormatPreserving(format) => {
                let encrypted = working.ff1.encrypt(format, place, plaintext)?;
                #[expect(clippy::disallowed_methods, reason = "encrypted: the caller's to keep")]
                Ok(encrypted.expose().clone())
            }
        }
    }

    /// Takes a caller's ciphertext apart. Where it does not say its key's version itself, the caller must.
    pub(super) fn parse<'a>(self, key: &Key, item: &'a DecryptItem) -> Result<Ciphertext<'a>, VaultError>
    where
        'k: 'a,
    {
        let parsed = match self {
            Self::Randomized => Envelope::parse(&item.ciphertext).ok().map(Ciphertext::Randomized),
            Self::Deterministic => {
                DeterministicCiphertext::parse(&item.ciphertext).ok().map(Ciphertext::Deterministic)
            }
            Self::FormatPreserving(format) => {
                let key_version = item.key_version.ok_or(VaultError::Invalid(
                    "key_version is needed: a value encrypted in its own format does not say it",
                ))?;
                let header = Header { key_id: key.row.key_id, key_version };
                Some(Ciphertext::FormatPreserving(format, header, &item.ciphertext))
            }
        };
        let parsed = parsed.ok_or(VaultError::CiphertextMalformed)?;
        let header = parsed.header();
        let claimed = item.key_version.unwrap_or(header.key_version);
        if header.key_id == key.row.key_id && header.key_version == claimed {
            Ok(parsed)
        } else {
            Err(VaultError::CiphertextMalformed)
        }
    }
}

impl Ciphertext<'_> {
    pub(super) fn header(&self) -> Header {
        match self {
            Self::Randomized(envelope) => envelope.header(),
            Self::Deterministic(ciphertext) => ciphertext.header(),
            Self::FormatPreserving(_, header, _) => *header,
        }
    }

    pub(super) fn open(&self, working: &WorkingKey, place: &[u8]) -> Result<Plaintext, VaultError> {
        match self {
            Self::Randomized(envelope) => working.open_from_caller(envelope, place),
            Self::Deterministic(ciphertext) => working.open_deterministic_from_caller(ciphertext, place),
            Self::FormatPreserving(format, _, value) => Ok(working.ff1.decrypt(format, place, value)?),
        }
    }
}
