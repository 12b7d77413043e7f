//! Keys and their versions in a snapshot.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use strongroom_crypto::hsm_key_v1::HsmKeyReference;
use strongroom_crypto::wrapped_key_v1::{WrapContext, WrappedKey};
use strongroom_crypto::{Header, KeyMaterial};
use strongroom_domain::{KeyPurpose, KeyVersion, Timestamp};

use super::working_key::{WorkingKey, WorkingKeySlot};
use crate::VaultError;
use crate::ports::store::{KeyRow, KeyVersionRow};
use crate::ports::{Hsm, HsmKey, HsmKeyKind, KeyCheckValue};

/// A key with its versions.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) row: Arc<KeyRow>,
    pub(crate) versions: Versions,
    pub(super) mac: [u8; 32],
}

/// The versions of a key in their order. Most keys have one or few, and there may be 100,000 keys.
#[derive(Clone, Default)]
pub(crate) struct Versions(Box<[Arc<KeyVersionEntry>]>);

/// One version, with its working key if it was used lately.
pub(crate) struct KeyVersionEntry {
    pub(crate) key: Arc<KeyRow>,
    pub(crate) row: KeyVersionRow,
    pub(super) mac: [u8; 32],
    /// Made at the first use: of 100,000 keys a node may use a hundred.
    slot: OnceLock<Box<WorkingKeySlot>>,
}

impl Key {
    /// The version that protects new data: the newest, if its state allows that.
    pub(crate) fn current(&self) -> Result<&Arc<KeyVersionEntry>, VaultError> {
        let newest = self.newest()?;
        if newest.row.state.may_protect() { Ok(newest) } else { Err(VaultError::KeyState(newest.row.state)) }
    }

    /// The newest version, whatever its state.
    pub(crate) fn newest(&self) -> Result<&Arc<KeyVersionEntry>, VaultError> {
        self.versions.values().next_back().ok_or(VaultError::IntegrityFailure)
    }

    /// The number of the version after the newest.
    pub(crate) fn next_version(&self) -> Result<KeyVersion, VaultError> {
        self.newest()?.row.version.next().ok_or(VaultError::Internal("the key's versions are used up"))
    }

    /// The version that protected older data, if its state still allows processing it.
    pub(crate) fn version(&self, version: KeyVersion) -> Result<&Arc<KeyVersionEntry>, VaultError> {
        let entry = self.versions.get(&version).ok_or(VaultError::CiphertextMalformed)?;
        if entry.row.state.may_process() { Ok(entry) } else { Err(VaultError::KeyState(entry.row.state)) }
    }

    /// All versions that may process data, newest first.
    pub(crate) fn readable(&self) -> impl Iterator<Item = &Arc<KeyVersionEntry>> {
        self.versions.values().rev().filter(|entry| entry.row.state.may_process())
    }
}

impl Versions {
    /// All of them, oldest first.
    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &Arc<KeyVersionEntry>> {
        self.0.iter()
    }

    pub(crate) fn get(&self, version: &KeyVersion) -> Option<&Arc<KeyVersionEntry>> {
        self.place(*version).ok().and_then(|place| self.0.get(place))
    }

    pub(crate) fn contains_key(&self, version: &KeyVersion) -> bool {
        self.place(*version).is_ok()
    }

    /// Puts a version in its place; returns the one that stood there.
    pub(super) fn insert(&mut self, entry: KeyVersionEntry) -> Option<Arc<KeyVersionEntry>> {
        let place = self.place(entry.row.version);
        let mut versions = std::mem::take(&mut self.0).into_vec();
        let replaced = match place {
            Ok(place) => versions.get_mut(place).map(|known| std::mem::replace(known, Arc::new(entry))),
            Err(place) => {
                versions.reserve_exact(1);
                versions.insert(place, Arc::new(entry));
                None
            }
        };
        self.0 = versions.into_boxed_slice();
        replaced
    }

    /// Where the version is, or where it would be.
    fn place(&self, version: KeyVersion) -> Result<usize, usize> {
        self.0.binary_search_by_key(&version, |known| known.row.version)
    }
}

impl KeyVersionEntry {
    pub(super) const fn new(key: Arc<KeyRow>, row: KeyVersionRow, mac: [u8; 32]) -> Self {
        Self { key, row, mac, slot: OnceLock::new() }
    }

    /// What stands in front of a ciphertext under this version.
    pub(crate) fn header(&self) -> Header {
        Header { key_id: self.row.key_id, key_version: self.row.version }
    }

    /// Where it is in the HSM, if it never leaves it.
    pub(crate) fn in_hsm(&self) -> Result<HsmKey, VaultError> {
        let kind = hsm_key_kind(self.key.purpose).ok_or(VaultError::IntegrityFailure)?;
        let reference = HsmKeyReference::decode(&self.row.wrapped).ok_or(VaultError::IntegrityFailure)?;
        let HsmKeyReference { id, label, check_value } = reference;
        Ok(HsmKey { kind, id, label, check_value: KeyCheckValue(check_value) })
    }

    /// The working key if it is at hand.
    pub(crate) fn at_hand(&self, now: Timestamp, time_to_live: Duration) -> Option<Arc<WorkingKey>> {
        self.slot.get()?.get(now, time_to_live)
    }

    /// Has the HSM unseal the material, unless another request has just done so.
    pub(crate) async fn load(
        &self,
        hsm: &dyn Hsm,
        kek: &HsmKey,
        cluster: &[u8; 16],
        now: Timestamp,
        time_to_live: Duration,
    ) -> Result<Arc<WorkingKey>, VaultError> {
        let slot = self.slot.get_or_init(|| Box::new(WorkingKeySlot::empty()));
        let _turn = slot.loading.lock().await;
        if let Some(working) = self.at_hand(now, time_to_live) {
            return Ok(working);
        }
        let wrapped = WrappedKey::decode(&self.row.wrapped).map_err(|_| VaultError::IntegrityFailure)?;
        let aad = wrap_context(&self.key, self.row.version, kek, cluster).aad();
        let material = hsm.open(kek, &aad, &wrapped).await?;
        let material = KeyMaterial::from_secret(material).ok_or(VaultError::IntegrityFailure)?;
        let working = Arc::new(WorkingKey::derive(&material, self.key.purpose, now));
        slot.put(Arc::clone(&working));
        metrics::counter!("strongroom_keys_unsealed_total").increment(1);
        Ok(working)
    }

    /// Wipes the working key if its time is over.
    pub(crate) fn wipe_if_due(&self, now: Timestamp, time_to_live: Duration) {
        if let Some(slot) = self.slot.get() {
            slot.wipe(now, time_to_live);
        }
    }
}

/// What a sealed key version is bound to.
pub(crate) fn wrap_context<'a>(
    key: &'a KeyRow,
    version: KeyVersion,
    kek: &'a HsmKey,
    cluster: &'a [u8; 16],
) -> WrapContext<'a> {
    WrapContext {
        cluster,
        tenant: &key.tenant,
        key_id: key.key_id,
        version,
        purpose: key.purpose,
        algorithm: "hkdf-sha256",
        kek_id: &kek.id,
    }
}

/// What kind of key in the HSM serves this purpose, if one does.
pub(crate) const fn hsm_key_kind(purpose: KeyPurpose) -> Option<HsmKeyKind> {
    match purpose {
        KeyPurpose::FieldEncryption => Some(HsmKeyKind::FieldEncryption),
        KeyPurpose::Mac => Some(HsmKeyKind::DataMac),
        KeyPurpose::Sign => Some(HsmKeyKind::DataSigning),
        KeyPurpose::DeterministicEncryption
        | KeyPurpose::FormatPreserving
        | KeyPurpose::ClientEncryption
        | KeyPurpose::Tokenization => None,
    }
}
