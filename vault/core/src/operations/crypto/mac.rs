use strongroom_crypto::mac_v1::Mac;
use strongroom_domain::{Action, Context, KeyName, KeyPurpose, KeyVersion, TenantId};

use super::{Plaintext, place, records};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::registry::{Key, Snapshot};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// Data to vouch for.
pub struct MacItem {
    /// The data.
    pub data: Plaintext,
    /// What the code is to be bound to.
    pub context: Context,
}

/// A code that vouches for data.
#[derive(Debug, PartialEq, Eq)]
pub struct MadeMac {
    /// `mac_v1`; the caller keeps it.
    pub mac: Vec<u8>,
    /// The version of the key it was made under.
    pub key_version: KeyVersion,
}

/// Data and the code that is said to vouch for them.
pub struct VerifyMacItem {
    /// The data.
    pub data: Plaintext,
    /// As [`MadeMac::mac`] was handed out.
    pub mac: Vec<u8>,
    /// The context it was made with.
    pub context: Context,
}

/// Whether a code vouches for its data.
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedMac {
    /// The version of the key that vouches for them; `None` if none does.
    pub key_version: Option<KeyVersion>,
}

impl Vault {
    /// Makes codes under the key's current version. One answer per item, in order.
    pub async fn mac(
        &self,
        call: &Call,
        key: &KeyName,
        items: &[MacItem],
    ) -> Result<Vec<Result<MadeMac, VaultError>>, VaultError> {
        run(&self.core, call, &MakeMac { tenant: call.principal.tenant(), key, items }).await
    }

    /// Checks codes made under any version of the key that may still process data. One answer per item, in order.
    pub async fn verify_mac(
        &self,
        call: &Call,
        key: &KeyName,
        items: &[VerifyMacItem],
    ) -> Result<Vec<Result<VerifiedMac, VaultError>>, VaultError> {
        run(&self.core, call, &VerifyMac { tenant: call.principal.tenant(), key, items }).await
    }
}

struct MakeMac<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    items: &'a [MacItem],
}

impl Operation for MakeMac<'_> {
    type Output = Vec<Result<MadeMac, VaultError>>;

    const ACTION: Action = Action::Mac;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key).count(self.items.len())
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let version = key_for_macs(&snapshot, self.tenant, self.key)?.current()?;
        let working = core.working_key(&snapshot, version).await?;
        let make = |item: &MacItem| {
            #[expect(
                clippy::disallowed_methods,
                reason = "the caller's data go into the code and nowhere else"
            )]
            let data = item.data.expose();
            let place = place(self.tenant, KeyPurpose::Mac, &item.context);
            let mac = working.mac.make(version.header(), &place, data);
            Ok(MadeMac { mac, key_version: version.row.version })
        };
        let output: Vec<_> = self.items.iter().map(make).collect();
        let events = records(&self.subject().key(version.row.key_id, version.row.version), &output);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
    }
}

struct VerifyMac<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
    items: &'a [VerifyMacItem],
}

impl Operation for VerifyMac<'_> {
    type Output = Vec<Result<VerifiedMac, VaultError>>;

    const ACTION: Action = Action::VerifyMac;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key).count(self.items.len())
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Self::Output>, VaultError> {
        let snapshot = core.snapshot();
        let key = key_for_macs(&snapshot, self.tenant, self.key)?;
        let mut output = Vec::with_capacity(self.items.len());
        for item in self.items {
            output.push(verify(core, &snapshot, key, self.tenant, item).await);
        }
        Ok(Prepared { events: self.records(&output), output, effects: Vec::new(), on_commit: None })
    }
}

impl VerifyMac<'_> {
    /// A code that vouches for nothing is a right answer to the caller and no success on record.
    fn records(&self, output: &[Result<VerifiedMac, VaultError>]) -> Vec<EventDraft> {
        let is_invalid = |result: &&Result<VerifiedMac, VaultError>| {
            result.as_ref().is_ok_and(|verified| verified.key_version.is_none())
        };
        let invalid = output.iter().filter(is_invalid).count();
        let others: Vec<Result<(), VaultError>> = output
            .iter()
            .filter(|result| !is_invalid(result))
            .map(|result| result.as_ref().map(drop).map_err(Clone::clone))
            .collect();
        let mut events = records(&self.subject(), &others);
        if invalid > 0 {
            events.push(self.subject().count(invalid).invalid());
        }
        events
    }
}

async fn verify(
    core: &Core,
    snapshot: &Snapshot,
    key: &Key,
    tenant: &TenantId,
    item: &VerifyMacItem,
) -> Result<VerifiedMac, VaultError> {
    const INVALID: VerifiedMac = VerifiedMac { key_version: None };
    let Ok(mac) = Mac::parse(&item.mac) else { return Ok(INVALID) };
    let header = mac.header();
    if header.key_id != key.row.key_id || !key.versions.contains_key(&header.key_version) {
        return Ok(INVALID);
    }
    let version = key.version(header.key_version)?;
    let working = core.working_key(snapshot, version).await?;
    #[expect(clippy::disallowed_methods, reason = "the caller's data go into the code and nowhere else")]
    let data = item.data.expose();
    let valid = working.mac.verify(&mac, &place(tenant, KeyPurpose::Mac, &item.context), data);
    Ok(VerifiedMac { key_version: valid.then_some(header.key_version) })
}

/// Refuses keys that are there for something else.
fn key_for_macs<'a>(
    snapshot: &'a Snapshot,
    tenant: &TenantId,
    name: &KeyName,
) -> Result<&'a Key, VaultError> {
    let key = snapshot.tenant(tenant)?.key(name)?;
    if key.row.purpose == KeyPurpose::Mac { Ok(key) } else { Err(VaultError::KeyPurpose) }
}
