//! The record as it is taken away: every record of every stream with the signed checkpoints, a line at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use strongroom_crypto::audit_v1::{Event, export, leaf_hash};
use strongroom_domain::TenantId;

use super::checkpoints::cluster_name;
use super::unpack;
use crate::VaultError;
use crate::ports::store::{BundleRow, CheckpointRow};
use crate::vault::Core;

/// Bundles read at a time.
const BUNDLES: u32 = 64;
/// Checkpoints read at a time.
const CHECKPOINTS: u32 = 256;

/// An export under way. Pull it until it ends; nothing is held but the current part.
pub struct AuditExport {
    core: Arc<Core>,
    scope: export::Scope,
    only: Option<TenantId>,
    streams: VecDeque<StreamPart>,
    events: u64,
    stage: Stage,
}

/// A stream up to the checkpoint that was newest when the export began.
pub(crate) struct StreamPart {
    pub(crate) stream: String,
    pub(crate) until: u64,
}

enum Stage {
    Header,
    NextStream,
    Bundles { part: StreamPart, next: u64, checkpoints: VecDeque<CheckpointRow>, checkpoints_from: u64 },
    Done,
}

impl AuditExport {
    pub(crate) fn new(core: Arc<Core>, tenant: &TenantId, streams: Vec<StreamPart>) -> Self {
        let only = (!tenant.is_platform()).then(|| tenant.clone());
        let scope = only.clone().map_or(export::Scope::All, export::Scope::Tenant);
        Self { core, scope, only, streams: streams.into(), events: 0, stage: Stage::Header }
    }

    /// The next lines, each with its end; `None` when the export is complete.
    pub async fn next_part(&mut self) -> Result<Option<Vec<u8>>, VaultError> {
        let mut out = Vec::with_capacity(64 * 1024);
        let stage = std::mem::replace(&mut self.stage, Stage::Done);
        self.stage = match stage {
            Stage::Header => {
                let snapshot = self.core.snapshot();
                let cluster = cluster_name(&snapshot.cluster.cluster_id);
                export::header(&mut out, &cluster, &self.scope, self.core.clock().now());
                Stage::NextStream
            }
            Stage::NextStream => match self.streams.pop_front() {
                Some(part) => {
                    let cluster = cluster_name(&self.core.snapshot().cluster.cluster_id);
                    export::stream(&mut out, &cluster, &part.stream, None);
                    Stage::Bundles { part, next: 0, checkpoints: VecDeque::new(), checkpoints_from: 1 }
                }
                None => {
                    export::end(&mut out, self.events);
                    Stage::Done
                }
            },
            Stage::Bundles { part, next, .. } if next >= part.until => {
                return Box::pin(self.skip_to_next()).await;
            }
            Stage::Bundles { part, next, mut checkpoints, mut checkpoints_from } => {
                let bundles = self.core.store().read_bundles(&part.stream, next, BUNDLES).await?;
                let mut reached = next;
                for bundle in bundles.iter().take_while(|bundle| bundle.first_sequence < part.until) {
                    self.write_bundle(&mut out, bundle)?;
                    reached = bundle.first_sequence.saturating_add(u64::from(bundle.count));
                    self.write_checkpoints(&mut out, &part, reached, &mut checkpoints, &mut checkpoints_from)
                        .await?;
                }
                // A gap in the database ends the stream here; the verifier names what is missing.
                if reached == next {
                    Stage::NextStream
                } else {
                    Stage::Bundles { part, next: reached, checkpoints, checkpoints_from }
                }
            }
            Stage::Done => return Ok(None),
        };
        Ok(Some(out))
    }

    async fn skip_to_next(&mut self) -> Result<Option<Vec<u8>>, VaultError> {
        self.stage = Stage::NextStream;
        self.next_part().await
    }

    fn write_bundle(&mut self, out: &mut Vec<u8>, bundle: &BundleRow) -> Result<(), VaultError> {
        for (sequence, bytes) in (bundle.first_sequence..).zip(unpack(bundle)?) {
            let readable = match &self.only {
                None => true,
                Some(tenant) => Event::parse(&bytes).is_ok_and(|event| event.tenant == *tenant),
            };
            export::event(out, sequence, &leaf_hash(&bytes), readable.then_some(&bytes));
            self.events += 1;
        }
        export::bundle(out, bundle.first_sequence, u64::from(bundle.count), &bundle.root);
        Ok(())
    }

    /// The checkpoints that cover exactly what has been written so far.
    async fn write_checkpoints(
        &self,
        out: &mut Vec<u8>,
        part: &StreamPart,
        reached: u64,
        waiting: &mut VecDeque<CheckpointRow>,
        from: &mut u64,
    ) -> Result<(), VaultError> {
        loop {
            if waiting.is_empty() && *from <= reached {
                let rows = self.core.store().read_checkpoints(&part.stream, *from, CHECKPOINTS).await?;
                *from = rows.last().map_or(u64::MAX, |row| row.size.saturating_add(1));
                waiting.extend(rows);
            }
            match waiting.front() {
                Some(row) if row.size <= reached => {
                    export::checkpoint(out, &row.note);
                    waiting.pop_front();
                }
                _ => return Ok(()),
            }
        }
    }
}
