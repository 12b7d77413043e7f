use strongroom_crypto::jwe::{PublicJwk, PublicJwkError};
use strongroom_domain::{Action, KeyThumbprint, Principal, Secret, ServiceName, Timestamp};

use super::EncryptionKeyView;
use crate::audit::EventDraft;
use crate::operations::identities::{check_expiry, check_reason};
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::ports::store::EncryptionKeyRow;
use crate::registry::NewRow;
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A public key to be registered.
pub struct NewEncryptionKey {
    /// A JWK. Secret until it is known to hold no private part.
    pub jwk: Secret<String>,
    /// Why.
    pub reason: String,
    /// From when on nothing is encrypted to it.
    pub expires_at: Option<Timestamp>,
}

/// Two are enough for a rotation; more are a list that nobody watches.
const MOST_IN_FORCE: usize = 8;

impl Vault {
    /// Registers a public key of an identity. Those registered before stay in force beside it.
    pub async fn create_encryption_key(
        &self,
        call: &Call,
        service: &ServiceName,
        key: NewEncryptionKey,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&EncryptionKeyView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        let operation = CreateEncryptionKey { principal: &call.principal, service, key };
        run_once(&self.core, call, operation, idempotency, render).await
    }
}

struct CreateEncryptionKey<'a> {
    principal: &'a Principal,
    service: &'a ServiceName,
    key: NewEncryptionKey,
}

impl CreateEncryptionKey<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a public key; one with a private part is refused and named"
    )]
    fn jwk(&self) -> Result<PublicJwk, PublicJwkError> {
        PublicJwk::parse(self.key.jwk.expose().as_bytes())
    }
}

impl Operation for CreateEncryptionKey<'_> {
    type Output = EncryptionKeyView;

    const ACTION: Action = Action::EncryptionKeyCreate;

    fn subject(&self) -> EventDraft {
        match self.jwk() {
            Ok(jwk) => EventDraft::success().object(format_args!("{}/{}", self.service, jwk.thumbprint())),
            Err(_) => EventDraft::success().object(self.service),
        }
    }

    async fn prepare(
        &self,
        _permit: &Permit,
        core: &Core,
    ) -> Result<Prepared<EncryptionKeyView>, VaultError> {
        check_reason(&self.key.reason)?;
        let now = core.clock().now();
        check_expiry(self.key.expires_at, now)?;
        let jwk = self.jwk()?;
        let kid = KeyThumbprint::parse(&jwk.thumbprint())?;
        if jwk.kid() != kid.as_str() {
            return Err(VaultError::Invalid("the key's kid must be its thumbprint (RFC 7638), or left out"));
        }
        let turn = core.registry().turn().await;
        let snapshot = core.snapshot();
        let tenant = self.principal.tenant();
        let identity = snapshot.identity(tenant, self.service).ok_or(VaultError::NotFound)?;
        if !identity.is_in_force(now) {
            return Err(VaultError::Invalid("the identity is disabled or has expired"));
        }
        if identity.encryption_keys.iter().any(|known| known.row.kid == kid) {
            return Err(VaultError::AlreadyExists);
        }
        if identity.encryption_keys_in_force(now).count() >= MOST_IN_FORCE {
            return Err(VaultError::Invalid("the identity has 8 encryption keys in force: revoke one first"));
        }
        let row = EncryptionKeyRow {
            tenant: tenant.clone(),
            service: self.service.clone(),
            kid,
            jwk: jwk.to_string(),
            reason: self.key.reason.clone(),
            created_at: now,
            created_by: self.principal.id.to_string(),
            expires_at: self.key.expires_at,
            revoked_at: None,
            revoked_by: None,
        };
        let view = EncryptionKeyView::of(&row);
        let change = core.registry().plan(turn, vec![NewRow::EncryptionKey(row)])?;
        Ok(change.prepared(view, self.subject()))
    }
}
