use super::view::grant_view;
use crate::handlers::Outcome;
use crate::problem::Failure;
use crate::request::{Received, Reply};

/// `POST /v1/identities/{service}/grants/{grant}/revoke`.
pub(crate) async fn revoke(received: Received) -> Outcome {
    let (service, id) = (received.service()?, received.grant()?);
    let identity = received.vault.revoke_grant(&received.call, &service, id).await?;
    let grant = identity.grants.iter().find(|grant| grant.id == id);
    Reply::json(&grant_view(grant.ok_or_else(|| Failure::internal("a revoked grant was not shown"))?))
}
