//! Unsealed keys, ready for use, each kept for a limited time.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use strongroom_crypto::KeyMaterial;
use strongroom_crypto::deterministic_v1::{DeterministicCiphertext, DeterministicError, DeterministicKey};
use strongroom_crypto::envelope_v1::{Envelope, EnvelopeError, EnvelopeKey};
use strongroom_crypto::ff1::Ff1Key;
use strongroom_crypto::fingerprint_v1::{FingerprintKey, RequestDigestKey};
use strongroom_crypto::jwe::RecipientKey;
use strongroom_crypto::mac_v1::MacKey;
use strongroom_crypto::sign_v1::SigningKey;
use strongroom_domain::{KeyPurpose, Secret, Timestamp};

use super::KeyVersionEntry;
use crate::VaultError;
use crate::ports::Entropy;

/// The keys derived from one key version's material, one per use. The material itself is wiped once they are derived.
pub(crate) struct WorkingKey {
    envelope: EnvelopeKey,
    deterministic: DeterministicKey,
    pub(crate) fingerprint: FingerprintKey,
    pub(crate) request_digest: RequestDigestKey,
    pub(crate) ff1: Ff1Key,
    pub(crate) mac: MacKey,
    /// Only where it is what the key is for: making it costs a hundred times what the others do.
    pub(crate) signing: Option<SigningKey>,
    /// Only where it is what the key is for, likewise.
    pub(crate) recipient: Option<RecipientKey>,
    loaded_at: Timestamp,
}

impl WorkingKey {
    pub(crate) fn derive(material: &KeyMaterial, purpose: KeyPurpose, loaded_at: Timestamp) -> Self {
        Self {
            envelope: EnvelopeKey::derive(material),
            deterministic: DeterministicKey::derive(material),
            fingerprint: FingerprintKey::derive(material),
            request_digest: RequestDigestKey::derive(material),
            ff1: Ff1Key::derive(material),
            mac: MacKey::derive(material),
            signing: (purpose == KeyPurpose::Sign).then(|| SigningKey::derive(material)),
            recipient: (purpose == KeyPurpose::ClientEncryption).then(|| RecipientKey::derive(material)),
            loaded_at,
        }
    }

    /// Seals a value under this key version, bound to `aad`.
    pub(crate) fn seal(
        &self,
        version: &KeyVersionEntry,
        entropy: &dyn Entropy,
        aad: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt)?;
        self.envelope
            .seal(version.header(), salt, aad, plain)
            .map_err(|_| VaultError::Invalid("the plaintext is too long to encrypt"))
    }

    /// Seals a value so that the same value with the same `aad` gives the same bytes.
    pub(crate) fn seal_deterministic(&self, version: &KeyVersionEntry, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        self.deterministic.seal(version.header(), aad, plain)
    }

    /// Opens such a value that a caller handed in.
    pub(crate) fn open_deterministic_from_caller(
        &self,
        ciphertext: &DeterministicCiphertext<'_>,
        aad: &[u8],
    ) -> Result<Secret<Vec<u8>>, VaultError> {
        self.deterministic.open(ciphertext, aad).map_err(|error| match error {
            DeterministicError::Integrity => VaultError::ContextMismatch,
            _ => VaultError::CiphertextMalformed,
        })
    }

    /// Opens a value of the vault's own tables. Whatever is wrong with it, the table was tampered with.
    pub(crate) fn open(&self, envelope: &[u8], aad: &[u8]) -> Result<Secret<Vec<u8>>, VaultError> {
        let envelope = Envelope::parse(envelope).map_err(|_| VaultError::IntegrityFailure)?;
        self.envelope.open(&envelope, aad).map_err(|_| VaultError::IntegrityFailure)
    }

    /// Opens a value that a caller handed in.
    pub(crate) fn open_from_caller(
        &self,
        envelope: &Envelope<'_>,
        aad: &[u8],
    ) -> Result<Secret<Vec<u8>>, VaultError> {
        self.envelope.open(envelope, aad).map_err(|error| match error {
            EnvelopeError::Integrity => VaultError::ContextMismatch,
            _ => VaultError::CiphertextMalformed,
        })
    }
}

/// Where a key version keeps its working key between first use and the end of its time.
pub(crate) struct WorkingKeySlot {
    loaded: ArcSwapOption<WorkingKey>,
    /// One request at a time asks the HSM for the same key; the others wait for its answer.
    pub(super) loading: tokio::sync::Mutex<()>,
}

impl WorkingKeySlot {
    pub(super) const fn empty() -> Self {
        Self { loaded: ArcSwapOption::const_empty(), loading: tokio::sync::Mutex::const_new(()) }
    }

    /// The working key, if there is one and its time is not over.
    pub(super) fn get(&self, now: Timestamp, time_to_live: Duration) -> Option<Arc<WorkingKey>> {
        let working = self.loaded.load();
        working.as_ref().filter(|working| working.loaded_at.plus(time_to_live) > now).map(Arc::clone)
    }

    pub(super) fn put(&self, working: Arc<WorkingKey>) {
        self.loaded.store(Some(working));
    }

    /// Wipes the working key if its time is over, or whatever its time.
    pub(super) fn wipe(&self, now: Timestamp, time_to_live: Duration) {
        if self.loaded.load().is_some() && self.get(now, time_to_live).is_none() {
            self.loaded.store(None);
        }
    }
}
