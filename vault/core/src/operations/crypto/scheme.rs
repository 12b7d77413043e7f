use strongroom_crypto::Header;
use strongroom_crypto::deterministic_v1::DeterministicCiphertext;
use strongroom_crypto::envelope_v1::Envelope;
use strongroom_crypto::hsm_v1::{self, HsmCiphertext};
use strongroom_domain::{Context, KeyPurpose, KeyVersion, Protection, TenantId, ValueFormat};

use super::tool::Tool;
use super::{Plaintext, place};
use crate::VaultError;
use crate::ports::{Entropy, HsmError};
use crate::registry::{Key, KeyVersionEntry};
use crate::vault::Core;

/// How the fields of a key are protected. The key's purpose and protection decide, and a ciphertext of another scheme is
/// none of this key's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::operations) enum Scheme<'k> {
    /// `envelope_v1`.
    Randomized,
    /// `hsm_v1`.
    InHsm,
    /// `deterministic_v1`.
    Deterministic,
    /// `ff1`, of values that look like this.
    FormatPreserving(&'k ValueFormat),
}

/// A caller's ciphertext taken apart, not yet verified.
pub(in crate::operations) enum Ciphertext<'a> {
    Randomized(Envelope<'a>),
    InHsm(HsmCiphertext<'a>),
    Deterministic(DeterministicCiphertext<'a>),
    FormatPreserving(&'a ValueFormat, Header, &'a [u8]),
}

impl<'k> Scheme<'k> {
    /// Refuses keys that are there for something else.
    pub(in crate::operations) fn of(key: &'k Key) -> Result<Self, VaultError> {
        match (key.row.purpose, key.row.protection) {
            (KeyPurpose::FieldEncryption, Protection::Envelope) => Ok(Self::Randomized),
            (KeyPurpose::FieldEncryption, Protection::Hsm) => Ok(Self::InHsm),
            (KeyPurpose::DeterministicEncryption, _) => Ok(Self::Deterministic),
            (KeyPurpose::FormatPreserving, _) => key
                .row
                .value_format
                .as_deref()
                .map(Self::FormatPreserving)
                .ok_or(VaultError::IntegrityFailure),
            (
                KeyPurpose::Mac | KeyPurpose::Sign | KeyPurpose::ClientEncryption | KeyPurpose::Tokenization,
                _,
            ) => Err(VaultError::KeyPurpose),
        }
    }

    const fn purpose(self) -> KeyPurpose {
        match self {
            Self::Randomized | Self::InHsm => KeyPurpose::FieldEncryption,
            Self::Deterministic => KeyPurpose::DeterministicEncryption,
            Self::FormatPreserving(_) => KeyPurpose::FormatPreserving,
        }
    }

    /// Whether each ciphertext takes a fresh salt.
    pub(in crate::operations) const fn takes_salt(self) -> bool {
        matches!(self, Self::Randomized)
    }

    /// Whether equal values are equal ciphertexts, and may be looked for.
    pub(in crate::operations) const fn shows_equality(self) -> bool {
        matches!(self, Self::Deterministic | Self::FormatPreserving(_))
    }

    /// What a field's ciphertext is bound to beside its header, which names key and version.
    pub(in crate::operations) fn place(self, tenant: &TenantId, context: &Context) -> Vec<u8> {
        place(tenant, self.purpose(), context)
    }

    pub(in crate::operations) async fn seal(
        self,
        core: &Core,
        (tool, version): (&Tool, &KeyVersionEntry),
        salts: &dyn Entropy,
        place: &[u8],
        plaintext: &Plaintext,
    ) -> Result<Vec<u8>, VaultError> {
        let working = match tool {
            Tool::Memory(working) => working,
            Tool::Hsm(key) => {
                let header = version.header();
                let plaintext = fitting(plaintext)?;
                let sealed = core.hsm().seal(key, &hsm_v1::aad(header, place), plaintext).await?;
                return hsm_v1::encode(header, &sealed)
                    .ok_or(VaultError::Internal("the HSM seals in a form that cannot be written down"));
            }
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the caller's plaintext goes into the seal and nowhere else"
        )]
        let plaintext = plaintext.expose();
        match self {
            Self::Randomized => working.seal(version, salts, place, plaintext),
            Self::Deterministic => Ok(working.seal_deterministic(version, place, plaintext)),
            Self::FormatPreserving(format) => {
                let encrypted = working.ff1.encrypt(format, place, plaintext)?;
                #[expect(clippy::disallowed_methods, reason = "encrypted: the caller's to keep")]
                Ok(encrypted.expose().clone())
            }
            Self::InHsm => Err(VaultError::IntegrityFailure),
        }
    }

    /// Takes a caller's ciphertext apart. Where it does not say its key's version itself, the caller must.
    pub(in crate::operations) fn parse<'a>(
        self,
        key: &Key,
        bytes: &'a [u8],
        key_version: Option<KeyVersion>,
    ) -> Result<Ciphertext<'a>, VaultError>
    where
        'k: 'a,
    {
        let parsed = match self {
            Self::Randomized => Envelope::parse(bytes).ok().map(Ciphertext::Randomized),
            Self::InHsm => HsmCiphertext::parse(bytes).ok().map(Ciphertext::InHsm),
            Self::Deterministic => DeterministicCiphertext::parse(bytes).ok().map(Ciphertext::Deterministic),
            Self::FormatPreserving(format) => {
                let key_version = key_version.ok_or(VaultError::Invalid(
                    "key_version is needed: a value encrypted in its own format does not say it",
                ))?;
                let header = Header { key_id: key.row.key_id, key_version };
                Some(Ciphertext::FormatPreserving(format, header, bytes))
            }
        };
        let parsed = parsed.ok_or(VaultError::CiphertextMalformed)?;
        let header = parsed.header();
        let claimed = key_version.unwrap_or(header.key_version);
        if header.key_id == key.row.key_id && header.key_version == claimed {
            Ok(parsed)
        } else {
            Err(VaultError::CiphertextMalformed)
        }
    }
}

impl Ciphertext<'_> {
    pub(in crate::operations) fn header(&self) -> Header {
        match self {
            Self::Randomized(envelope) => envelope.header(),
            Self::InHsm(ciphertext) => ciphertext.header(),
            Self::Deterministic(ciphertext) => ciphertext.header(),
            Self::FormatPreserving(_, header, _) => *header,
        }
    }

    pub(in crate::operations) async fn open(
        &self,
        core: &Core,
        tool: &Tool,
        place: &[u8],
    ) -> Result<Plaintext, VaultError> {
        match (self, tool) {
            (Self::InHsm(ciphertext), Tool::Hsm(key)) => {
                let aad = hsm_v1::aad(ciphertext.header(), place);
                match core.hsm().open(key, &aad, &ciphertext.sealed(key.id)).await {
                    Err(HsmError::Integrity) => Err(VaultError::ContextMismatch),
                    outcome => Ok(outcome?),
                }
            }
            (Self::Randomized(envelope), Tool::Memory(working)) => working.open_from_caller(envelope, place),
            (Self::Deterministic(ciphertext), Tool::Memory(working)) => {
                working.open_deterministic_from_caller(ciphertext, place)
            }
            (Self::FormatPreserving(format, _, value), Tool::Memory(working)) => {
                Ok(working.ff1.decrypt(format, place, value)?)
            }
            (Self::InHsm(_), Tool::Memory(_)) | (_, Tool::Hsm(_)) => Err(VaultError::IntegrityFailure),
        }
    }
}

/// What goes to the HSM goes in one piece.
fn fitting(plaintext: &Plaintext) -> Result<&Plaintext, VaultError> {
    #[expect(clippy::disallowed_methods, reason = "only its length is looked at")]
    let length = plaintext.expose().len();
    if length <= hsm_v1::MAX_PLAINTEXT {
        Ok(plaintext)
    } else {
        Err(VaultError::Invalid("a plaintext for a key with protection hsm has at most 65536 bytes"))
    }
}
