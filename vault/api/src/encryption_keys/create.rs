//! `POST /v1/identities/{service}/encryption-keys`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identities::Reason;
use crate::{JsonDocument, TimestampText};

/// A public key to be registered for an identity. Those registered before stay in force beside it, for a rotation.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateEncryptionKey {
    /// The public key, a JWK (RFC 7517): `kty` `EC`, `crv` `P-256`, `x` and `y`, and at most `use` `enc`, `alg` `ECDH-ES` and
    /// `kid`, which must be the key's thumbprint (RFC 7638). A key with its private part `d` is refused.
    pub jwk: JsonDocument,
    /// Why.
    pub reason: Reason,
    /// From when on nothing is encrypted to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<TimestampText>,
}
