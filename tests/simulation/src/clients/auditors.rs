//! The record is searched, taken away and verified.

use std::sync::Arc;

use strongroom_core::ports::store::AuditFilter;
use strongroom_core::{AuditQuery, VaultError};
use strongroom_crypto::audit_v1::Verifier;
use strongroom_domain::Action;

use super::{Oops, shown, unexpected};
use crate::asking::{Reply, Who, ask};
use crate::hold;
use crate::world::{PLATFORM, TENANTS, World};

/// Looks for the records of some request.
pub(crate) async fn search(world: Arc<World>) -> Result<(), Oops> {
    let tenant = world.dice.pick(&TENANTS).copied().unwrap_or_default();
    let skip = world.dice.position(40);
    let Some(request) = hold(&world.model).record.some_request_of(tenant, skip) else { return Ok(()) };
    let known = hold(&world.model).record.of(&request).to_vec();
    let by_platform = world.dice.happens(300);
    let who = Who { tenant: if by_platform { PLATFORM } else { tenant }, service: "auditor" };
    let filter = AuditFilter { request_id: Some(request), ..AuditFilter::default() };
    let query = AuditQuery { filter, before: None, limit: 100 };
    let node = world.any_node();
    let (visit, reply) = ask(&world, node, who, Action::AuditSearch, 1, |vault, call| async move {
        Box::pin(vault.search_audit(&call, &query)).await
    })
    .await;
    world.trace.note(format_args!("node {node} {} searches the record -> {}", who.tenant, shown(&reply)));
    match reply {
        Reply::Done(found) => {
            world.released(&visit, 1, false);
            let all = known.iter().all(|event| found.events.contains(event));
            let detail = format!("{} on record, {} found", known.len(), found.events.len());
            world.trace.rule(all && found.events.len() >= known.len(), "what is on record is found", detail);
        }
        Reply::Refused(error) => unexpected(&world, &visit, "an auditor may search the record", &error),
        Reply::Undone | Reply::Unknown => {}
    }
    Ok(())
}

/// Takes the whole record away from some node and verifies it.
pub(crate) async fn export(world: Arc<World>) -> Result<(), Oops> {
    let node = world.any_node();
    export_from(&world, node).await?;
    Ok(())
}

/// Takes the whole record away and verifies it; `false` if it could not be had.
pub(crate) async fn export_from(world: &World, node: usize) -> Result<bool, Oops> {
    let tenant = if world.dice.happens(700) { PLATFORM } else { "acme" };
    let witnessed = world.witness.notes();
    let who = Who { tenant, service: "auditor" };
    let (visit, reply) = ask(world, node, who, Action::AuditExport, 1, |vault, call| async move {
        let mut parts = Box::pin(vault.export_audit(&call)).await?;
        let mut export = Vec::new();
        while let Some(part) = Box::pin(parts.next_part()).await? {
            export.extend_from_slice(&part);
        }
        Ok::<_, VaultError>(export)
    })
    .await;
    world.trace.note(format_args!("node {node} {tenant} exports the record -> {}", shown(&reply)));
    let export = match reply {
        Reply::Done(export) => export,
        Reply::Refused(error) => {
            unexpected(world, &visit, "an auditor may export the record", &error);
            return Ok(false);
        }
        Reply::Undone | Reply::Unknown => return Ok(false),
    };
    world.released(&visit, 1, false);
    let mut verifier =
        Verifier::new(world.verifier_key.parse().map_err(|_| "the verifier key cannot be read")?);
    for note in &witnessed {
        verifier.remember(note).map_err(|_| "a witnessed note cannot be read")?;
    }
    let report = verifier.verify(export.as_slice()).map_err(|_| "the export cannot be read")?;
    let sound = report.findings.is_empty() && !report.streams.is_empty();
    world.trace.rule(sound, "the record verifies", format_args!("{:?}", report.findings));
    Ok(true)
}
