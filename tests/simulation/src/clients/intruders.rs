//! Those who ask for what is not theirs.

use std::sync::Arc;

use strongroom_core::{DetokenizeRequest, VaultError};
use strongroom_domain::{Action, DetokenizationPurpose, Reveal};

use super::tokens::some_token;
use super::{Oops, shown};
use crate::asking::{Reply, Who, ask};
use crate::hold;
use crate::world::{PLATFORM, TENANTS, World};

/// Asks to see a token without the right to see any.
pub(crate) async fn reveal_without_right(world: Arc<World>) -> Result<(), Oops> {
    const NOBODIES: [(&str, &str); 5] = [
        ("acme", "tokenizer"),
        ("acme", "auditor"),
        ("globex", "key-admin"),
        ("globex", "stranger"),
        (PLATFORM, "auditor"),
    ];
    let Some((_, token, fact)) = some_token(&world) else { return Ok(()) };
    let (tenant, service) = world.dice.pick(&NOBODIES).copied().unwrap_or(("acme", "stranger"));
    let node = world.any_node();
    let request = request(token);
    let (visit, reply) =
        ask(&world, node, Who { tenant, service }, Action::TokenDetokenize, 0, |vault, call| async move {
            Box::pin(vault.detokenize(&call, &request)).await.map(drop)
        })
        .await;
    world.trace.note(format_args!(
        "node {node} {tenant}/{service} wants token {} -> {}",
        fact.number,
        shown(&reply)
    ));
    match reply {
        Reply::Refused(error @ VaultError::PermissionDenied) => world.refused(&visit, &error),
        Reply::Undone | Reply::Unknown => {}
        other => world.trace.rule(false, "who may not see values is refused", shown(&other)),
    }
    Ok(())
}

/// Asks to see another tenant's token.
pub(crate) async fn reveal_of_another_tenant(world: Arc<World>) -> Result<(), Oops> {
    let Some((owner, token, fact)) = some_token(&world) else { return Ok(()) };
    let tenant = (owner + 1) % TENANTS.len();
    if hold(&world.model).tokens.get(tenant, &token).is_some() {
        return Ok(());
    }
    let tenant_name = TENANTS.get(tenant).copied().unwrap_or_default();
    let node = world.any_node();
    let request = request(token);
    let who = Who { tenant: tenant_name, service: "detokenizer" };
    let (visit, reply) = ask(&world, node, who, Action::TokenDetokenize, 0, |vault, call| async move {
        Box::pin(vault.detokenize(&call, &request)).await.map(|mut items| items.pop())
    })
    .await;
    let outcome = match &reply {
        Reply::Done(Some(Err(error))) => error.code(),
        other => shown(other),
    };
    world
        .trace
        .note(format_args!("node {node} {tenant_name} wants token {} of another -> {outcome}", fact.number));
    match reply {
        Reply::Done(Some(Err(error @ VaultError::NotFound))) => world.refused(&visit, &error),
        Reply::Done(Some(Err(error))) if world.is_trouble(&visit, &error) => {}
        Reply::Undone | Reply::Unknown => {}
        _ => world.trace.rule(false, "no tenant sees another's tokens", outcome),
    }
    Ok(())
}

fn request(token: strongroom_domain::Token) -> DetokenizeRequest {
    DetokenizeRequest {
        tokens: vec![Ok(token.into())],
        purpose: DetokenizationPurpose::Authorisation,
        reveal: Reveal::Full,
        encrypt_to: None,
    }
}
