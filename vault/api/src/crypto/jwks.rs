//! `GET /v1/keys/{key}/jwks`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Public keys that clients encrypt to, as a JWK Set (RFC 7517). Publish it as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JwkSet {
    /// The keys, newest first; encrypt to the first.
    pub keys: Vec<Jwk>,
}

/// A public key on P-256 for ECDH-ES and A256GCM (RFC 7518).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Jwk {
    /// `EC`.
    pub kty: String,
    /// `P-256`.
    pub crv: String,
    /// The point's x, base64url.
    pub x: String,
    /// The point's y, base64url.
    pub y: String,
    /// `enc`.
    #[serde(rename = "use")]
    pub key_use: String,
    /// `ECDH-ES`.
    pub alg: String,
    /// Its name, which goes into the header of what is encrypted to it.
    pub kid: String,
}
