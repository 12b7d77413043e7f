use strongroom_crypto::Header;
use strongroom_crypto::mac_v1::{self, Mac};
use strongroom_domain::{Action, Context, KeyName, KeyPurpose, KeyVersion, Secret, TenantId};

use super::tool::Tool;
use super::{Plaintext, place, records, records_of_checks};
use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::ports::HsmKey;
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
        let key = key_for_macs(&snapshot, self.tenant, self.key)?;
        let version = key.current()?;
        let tool = core.tool(&snapshot, key, version).await?;
        let header = version.header();
        let mut output = Vec::with_capacity(self.items.len());
        for item in self.items {
            let place = place(self.tenant, KeyPurpose::Mac, &item.context);
            let made = match &tool {
                Tool::Memory(working) => Ok(working.mac.make(header, &place, exposed(&item.data))),
                Tool::Hsm(key) => code_in_hsm(core, key, header, &place, &item.data).await.and_then(|code| {
                    #[expect(clippy::disallowed_methods, reason = "made for the caller, who asked for it")]
                    let code = code.expose().as_slice().try_into();
                    code.map(|code| mac_v1::assemble(header, code)).map_err(|_| NO_HMAC)
                }),
            };
            output.push(made.map(|mac| MadeMac { mac, key_version: version.row.version }));
        }
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
        let is_invalid = |verified: &VerifiedMac| verified.key_version.is_none();
        let events = records_of_checks(&self.subject(), &output, is_invalid);
        Ok(Prepared { output, effects: Vec::new(), events, on_commit: None })
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
    let place = place(tenant, KeyPurpose::Mac, &item.context);
    let valid = match core.tool(snapshot, key, version).await? {
        Tool::Memory(working) => working.mac.verify(&mac, &place, exposed(&item.data)),
        Tool::Hsm(key) => mac.is(&code_in_hsm(core, &key, header, &place, &item.data).await?),
    };
    Ok(VerifiedMac { key_version: valid.then_some(header.key_version) })
}

/// What a key inside the HSM makes of the data.
async fn code_in_hsm(
    core: &Core,
    key: &HsmKey,
    header: Header,
    place: &[u8],
    data: &Plaintext,
) -> Result<Secret<Vec<u8>>, VaultError> {
    Ok(core.hsm().mac(key, &mac_v1::message(header, place, exposed(data))).await?)
}

#[expect(clippy::disallowed_methods, reason = "the caller's data go into the code and nowhere else")]
fn exposed(data: &Plaintext) -> &[u8] {
    data.expose()
}

const NO_HMAC: VaultError = VaultError::Internal("the HSM's codes are not those of HMAC-SHA256");

/// Refuses keys that are there for something else.
fn key_for_macs<'a>(
    snapshot: &'a Snapshot,
    tenant: &TenantId,
    name: &KeyName,
) -> Result<&'a Key, VaultError> {
    let key = snapshot.tenant(tenant)?.key(name)?;
    if key.row.purpose == KeyPurpose::Mac { Ok(key) } else { Err(VaultError::KeyPurpose) }
}
