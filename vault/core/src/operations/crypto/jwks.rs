use strongroom_domain::{Action, KeyName, KeyPurpose, TenantId};

use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, record_for_node, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// The public keys that clients encrypt to, as JWKs in JSON, newest first: every version that may still process data, so
    /// that what was encrypted just before a rotation is still taken. Whoever encrypts takes the first.
    pub async fn client_keys(&self, call: &Call, key: &KeyName) -> Result<Vec<String>, VaultError> {
        run(&self.core, call, &ClientKeys { tenant: call.principal.tenant(), key }).await
    }
}

impl Vault {
    /// The same keys, for the node itself to publish where its operator said. Put on record when they differ from those
    /// that were published before.
    pub async fn publish_client_keys(
        &self,
        tenant: &TenantId,
        key: &KeyName,
        before: &[String],
    ) -> Result<Vec<String>, VaultError> {
        let core = &*self.core;
        let jwks = client_keys(core, tenant, key).await?;
        if jwks != before {
            let event = EventDraft::success().object(format_args!("{tenant}/{key}")).count(jwks.len());
            let (node, request_id) = (&core.settings.node, core.own_request_id()?);
            record_for_node(core.committer(), node, "key.publish", request_id, Vec::new(), event).await?;
        }
        Ok(jwks)
    }
}

struct ClientKeys<'a> {
    tenant: &'a TenantId,
    key: &'a KeyName,
}

impl Operation for ClientKeys<'_> {
    type Output = Vec<String>;

    const ACTION: Action = Action::PublicKeys;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.key)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<Vec<String>>, VaultError> {
        let output = client_keys(core, self.tenant, self.key).await?;
        Ok(Prepared::reading(output, self.subject()))
    }
}

async fn client_keys(core: &Core, tenant: &TenantId, key: &KeyName) -> Result<Vec<String>, VaultError> {
    let snapshot = core.snapshot();
    let key = snapshot.tenant(tenant)?.key(key)?;
    if key.row.purpose != KeyPurpose::ClientEncryption {
        return Err(VaultError::KeyPurpose);
    }
    let mut jwks = Vec::new();
    for version in key.readable() {
        let working = core.working_key(&snapshot, version).await?;
        let recipient = working.recipient.as_ref().ok_or(VaultError::IntegrityFailure)?;
        jwks.push(recipient.public().to_string());
    }
    Ok(jwks)
}
