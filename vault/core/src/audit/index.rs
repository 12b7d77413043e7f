//! From bundles to an index, and from the index back to records.

use std::collections::BTreeMap;

use strongroom_crypto::audit_v1::Event;

use super::unpack;
use crate::VaultError;
use crate::ports::Store;
use crate::ports::store::{AuditPosition, IndexRow, StoreError};

/// Bundles read at a time: bounds memory, whatever has piled up.
const BUNDLES: u32 = 64;

/// Brings the index of every stream up to date. Returns how many records were added.
pub(crate) async fn index_news(store: &dyn Store) -> Result<u64, StoreError> {
    let mut added = 0;
    for stream in store.streams().await? {
        let mut from = store.indexed_until(&stream).await?;
        loop {
            let bundles = store.read_bundles(&stream, from, BUNDLES).await?;
            let Some(last) = bundles.last() else { break };
            let until = last.first_sequence.saturating_add(u64::from(last.count));
            if until <= from {
                break;
            }
            let mut rows = Vec::new();
            for bundle in &bundles {
                for (sequence, bytes) in (bundle.first_sequence..).zip(unpack(bundle)?) {
                    let event = parse(&bytes)?;
                    if sequence >= from {
                        rows.push(row(&stream, sequence, event));
                    }
                }
            }
            store.index_events(&stream, &rows, until).await?;
            added += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            from = until;
        }
    }
    Ok(added)
}

/// The records at these positions, in the same order.
pub(crate) async fn read_events(
    store: &dyn Store,
    positions: &[AuditPosition],
) -> Result<Vec<Event>, VaultError> {
    // Neighbours share a bundle: each is read once.
    let mut read: BTreeMap<(&str, u64), Event> = BTreeMap::new();
    for position in positions {
        if read.contains_key(&(position.stream.as_str(), position.sequence)) {
            continue;
        }
        let bundles = store.read_bundles(&position.stream, position.sequence, 1).await?;
        for bundle in bundles {
            for (sequence, bytes) in (bundle.first_sequence..).zip(unpack(&bundle)?) {
                read.insert((position.stream.as_str(), sequence), parse(&bytes)?);
            }
        }
    }
    positions
        .iter()
        .map(|position| {
            read.get(&(position.stream.as_str(), position.sequence))
                .cloned()
                .ok_or(VaultError::IntegrityFailure)
        })
        .collect()
}

fn parse(bytes: &[u8]) -> Result<Event, StoreError> {
    Event::parse(bytes).map_err(|_| StoreError::Unreadable("audit record"))
}

fn row(stream: &str, sequence: u64, event: Event) -> IndexRow {
    IndexRow {
        position: AuditPosition { time: event.time, stream: stream.to_owned(), sequence },
        tenant: event.tenant,
        actor: event.actor,
        action: event.action,
        object: event.object,
        outcome: event.outcome,
        request_id: event.request_id,
    }
}
