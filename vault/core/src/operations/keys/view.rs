use strongroom_domain::{
    KeyId, KeyName, KeyPurpose, KeyState, KeyVersion, Protection, Timestamp, ValueFormat,
};

use crate::VaultError;
use crate::registry::Key;

/// What may be known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyView {
    /// Its id, as in ciphertexts.
    pub id: KeyId,
    /// Its name, as in URLs.
    pub name: KeyName,
    /// What it may be used for.
    pub purpose: KeyPurpose,
    /// Where its material may be in the clear.
    pub protection: Protection,
    /// What its values look like, if it is for format-preserving encryption.
    pub value_format: Option<Box<ValueFormat>>,
    /// Days after which a new version is due.
    pub rotation_days: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// The version that protects new data.
    pub current_version: KeyVersion,
    /// All versions, oldest first.
    pub versions: Vec<KeyVersionView>,
}

/// What may be known of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyVersionView {
    /// Which.
    pub version: KeyVersion,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub state_changed_at: Timestamp,
}

impl KeyView {
    pub(super) fn of(key: &Key) -> Result<Self, VaultError> {
        let versions: Vec<_> = key
            .versions
            .values()
            .map(|entry| KeyVersionView {
                version: entry.row.version,
                state: entry.row.state,
                created_at: entry.row.created_at,
                state_changed_at: entry.row.state_changed_at,
            })
            .collect();
        let newest = versions.last().ok_or(VaultError::IntegrityFailure)?;
        Ok(Self {
            id: key.row.key_id,
            name: key.row.name.clone(),
            purpose: key.row.purpose,
            protection: key.row.protection,
            value_format: key.row.value_format.clone(),
            rotation_days: key.row.rotation_days,
            created_at: key.row.created_at,
            current_version: newest.version,
            versions,
        })
    }
}
