use strongroom_api::audit::{EventQuery, EventView};
use strongroom_api::{List, Text};
use strongroom_core::AuditQuery;
use strongroom_core::ports::store::{AuditFilter, AuditPosition};
use strongroom_crypto::audit_v1::Event;
use strongroom_domain::{TenantId, Timestamp};

use crate::handlers::{Outcome, cursor};
use crate::problem::Failure;
use crate::request::{Received, Reply};

const LIST: &str = "audit-events";

/// `GET /v1/audit/events`.
pub(crate) async fn search(received: Received, query: EventQuery) -> Outcome {
    let tenant = received.tenant();
    let query = AuditQuery {
        before: query.cursor.as_deref().map(|cursor| read(tenant, cursor)).transpose()?,
        limit: query.limit.get(),
        filter: AuditFilter {
            from: query.from.map(|time| time.0),
            to: query.to.map(|time| time.0),
            actor: query.actor,
            action: query.action,
            object: query.object,
            outcome: query.outcome,
            destination: query.destination,
            request_id: query.request_id,
        },
    };
    let found = received.vault.search_audit(&received.call, &query).await?;
    let next_cursor = found.next.map(|next| {
        let (time, sequence) = (next.time.unix_millis().to_string(), next.sequence.to_string());
        cursor::write(LIST, tenant, [time.as_str(), next.stream.as_str(), sequence.as_str()])
    });
    Reply::json(&List { items: found.events.into_iter().map(view).collect(), next_cursor })
}

fn read(tenant: &TenantId, text: &str) -> Result<AuditPosition, Failure> {
    let [time, stream, sequence] = cursor::read(LIST, tenant, text)?;
    let time = time.parse().map(Timestamp::from_unix_millis).map_err(|_| cursor::foreign())?;
    let sequence = sequence.parse().map_err(|_| cursor::foreign())?;
    Ok(AuditPosition { time, stream, sequence })
}

fn view(event: Event) -> EventView {
    EventView {
        stream: event.stream,
        sequence: event.sequence,
        time: Text(event.time),
        tenant: Text(event.tenant),
        actor: event.actor,
        certificate: event.certificate,
        action: event.action,
        object: event.object,
        alias: event.alias,
        outcome: event.outcome,
        purpose: event.purpose,
        reveal: event.reveal,
        destination: event.destination,
        profile: event.profile,
        key: event.key,
        key_version: event.key_version,
        request_id: event.request_id,
        trace_id: event.trace_id,
        origin: event.origin,
        count: event.count,
        row_version: event.row_version,
        registry_epoch: event.registry_epoch,
    }
}
