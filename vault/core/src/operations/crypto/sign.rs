use strongroom_crypto::sign_v1::{self, PublicKey};
use strongroom_domain::{Action, KeyName, KeyPurpose, KeyState, KeyVersion, TenantId};

use super::tool::Tool;
use super::{Plaintext, records};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::registry::{Key, KeyVersionEntry, Snapshot};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// Data to be signed.
pub struct SignItem {
    /// The data.
    pub message: Plaintext,
}

/// A signature over data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `sign_v1`: r and s.
    pub signature: [u8; sign_v1::LENGTH],
    /// The version of the key that made it.
    pub key_version: KeyVersion,
}

/// Data and the signature that is said to be over them.
pub struct VerifyItem {
    /// The data.
    pub message: Plaintext,
    /// As [`Signed::signature`] was handed out.
    pub signature: Vec<u8>,
    /// The version of the key that is said to have made it.
    pub key_version: KeyVersion,
}

/// Whether a signature is over its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Whether it is.
    pub valid: bool,
}

/// What verifies the signatures of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeyView {
    /// Which version.
    pub version: KeyVersion,
    /// Where it is in its life.
    pub state: KeyState,
    /// SubjectPublicKeyInfo in PEM.
    pub pem: String,
}

impl Vault {
    /// Signs under the key's current version. One answer per item, in order.
    pub async fn sign(
        &self,
        call: &Call,
        key: &KeyName,
        items: &[SignItem],
    ) -> Result<Vec<Result<Signed, VaultError>>, VaultError> {
        run(&self.core, call, &Sign { tenant: call.principal.tenant(), key, items }).await
    }

    /// Checks signatures of any version of the key that may still process data. One answer per item, in order.
    pub async fn verify(
        &self,
        call: &Call,
        key: &KeyName,
        items: &[VerifyItem],
    ) -> Result<Vec<Result<Verified, VaultError>>, VaultError> {
        run(&self.core, call, &Verify { tenant: call.principal.tenant(), key, items }).await
    }

    /// What verifies the key's signatures without the vault: every version that may still process data, newest first.
    pub async fn public_keys(&self, call: &Call, key: &KeyName) -> Result<Vec<PublicKeyView>, VaultError> {
        run(&self.core, call, &PublicKeys { tenant: call.principal.tenant(), key }).await
    }
}

struct Sign<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    items: &'a [SignItem],
}

impl Operation for Sign<'_> {
    type Output = Vec<Result<Signed, VaultError>>;

    const ACTION: Action = Action::Sign;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key).count(self.items.len())
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let key = key_for_signatures(&snapshot, self.tenant, self.key)?;
        let version = key.current()?;
        let tool = core.tool(&snapshot, key, version).await?;
        let mut output = Vec::with_capacity(self.items.len());
        for item in self.items {
            let message = exposed(&item.message);
            let signature = match &tool {
                Tool::Memory(working) => {
                    working.signing.as_ref().map(|key| key.sign(message)).ok_or(VaultError::IntegrityFailure)
                }
                Tool::Hsm(key) => core.hsm().sign(key, message).await.map_err(VaultError::from),
            };
            output.push(signature.map(|signature| Signed { signature, key_version: version.row.version }));
        }
        let events = records(&self.subject().key(version.row.key_id, version.row.version), &output);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
    }
}

struct Verify<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    items: &'a [VerifyItem],
}

impl Operation for Verify<'_> {
    type Output = Vec<Result<Verified, VaultError>>;

    const ACTION: Action = Action::VerifySignature;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key).count(self.items.len())
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let key = key_for_signatures(&snapshot, self.tenant, self.key)?;
        let mut output = Vec::with_capacity(self.items.len());
        for item in self.items {
            output.push(verify(core, &snapshot, key, item).await);
        }
        let is_invalid = |verified: &Verified| !verified.valid;
        let events = super::records_of_checks(&self.subject(), &output, is_invalid);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
    }
}

async fn verify(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
    item: &VerifyItem,
) -> Result<Verified, VaultError> {
    // A version that never was made no signature.
    if !key.versions.contains_key(&item.key_version) {
        return Ok(Verified { valid: false });
    }
    let public = public_key(core, snapshot, key, key.version(item.key_version)?).await?;
    Ok(Verified { valid: public.verify(exposed(&item.message), &item.signature) })
}

struct PublicKeys<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
}

impl Operation for PublicKeys<'_> {
    type Output = Vec<PublicKeyView>;

    const ACTION: Action = Action::PublicKeys;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let key = key_for_signatures(&snapshot, self.tenant, self.key)?;
        let mut output = Vec::new();
        for version in key.readable() {
            let pem = public_key(core, &snapshot, key, version).await?.to_pem();
            output.push(PublicKeyView { version: version.row.version, state: version.row.state, pem });
        }
        Ok(Prepared::reading(output, self.subject()))
    }
}

async fn public_key(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
    version: &KeyVersionEntry,
) -> Result<PublicKey, VaultError> {
    match core.tool(snapshot, key, version).await? {
        Tool::Memory(working) => working.signing.as_ref().map(|key| key.public_key()),
        Tool::Hsm(key) => PublicKey::from_point(&core.hsm().public_key(&key).await?),
    }
    .ok_or(VaultError::IntegrityFailure)
}

/// Refuses keys that are there for something else.
fn key_for_signatures<'a>(
    snapshot: &'a Snapshot,
    tenant: &TenantId,
    name: &KeyName,
) -> Result<&'a Key, VaultError> {
    let key = snapshot.tenant(tenant)?.key(name)?;
    if key.row.purpose == KeyPurpose::Sign { Ok(key) } else { Err(VaultError::KeyPurpose) }
}

#[expect(clippy::disallowed_methods, reason = "the caller's data are hashed and go nowhere else")]
fn exposed(message: &Plaintext) -> &[u8] {
    message.expose()
}
