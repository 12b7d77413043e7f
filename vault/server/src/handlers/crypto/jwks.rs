use strongroom_api::crypto::{Jwk, JwkSet};

use crate::handlers::Outcome;
use crate::problem::Failure;
use crate::request::{Received, Reply};

/// `GET /v1/keys/{key}/jwks`.
pub(crate) async fn jwks(received: Received) -> Outcome {
    let found = received.vault.client_keys(&received.call, &received.key()?).await?;
    let keys: Result<Vec<Jwk>, _> = found.iter().map(|jwk| serde_json::from_str(jwk)).collect();
    Reply::json(&JwkSet { keys: keys.map_err(|_| Failure::internal("a public key is no JWK"))? })
}
