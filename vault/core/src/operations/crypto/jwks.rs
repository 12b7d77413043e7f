use strongroom_domain::{Action, KeyName, KeyPurpose, TenantId};

use crate::audit::EventDraft;
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// The public keys that clients encrypt to, as JWKs in JSON, newest first: every version that may still process data, so
    /// that what was encrypted just before a rotation is still taken. Whoever encrypts takes the first.
    pub async fn client_keys(&self, call: &Call, key: &KeyName) -> Result<Vec<String>, VaultError> {
        run(&self.core, call, &ClientKeys { tenant: call.principal.tenant(), key }).await
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
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.tenant)?.key(self.key)?;
        if key.row.purpose != KeyPurpose::ClientEncryption {
            return Err(VaultError::KeyPurpose);
        }
        let mut output = Vec::new();
        for version in key.readable() {
            let working = core.working_key(&snapshot, version).await?;
            let recipient = working.recipient.as_ref().ok_or(VaultError::IntegrityFailure)?;
            output.push(recipient.public().to_string());
        }
        Ok(Prepared::reading(output, self.subject()))
    }
}
