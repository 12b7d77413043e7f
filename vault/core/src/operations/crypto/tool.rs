use std::sync::Arc;

use strongroom_domain::Protection;

use crate::VaultError;
use crate::ports::HsmKey;
use crate::registry::{Key, KeyVersionEntry, Snapshot, WorkingKey};
use crate::vault::Core;

/// What a version of a key works with: its working key in memory, or its object in the HSM.
#[derive(Clone)]
pub(in crate::operations) enum Tool {
    /// Protection `envelope`.
    Memory(Arc<WorkingKey>),
    /// Protection `hsm`.
    Hsm(Box<HsmKey>),
}

impl Core {
    /// What this version works with.
    pub(in crate::operations) async fn tool(
        &self,
        snapshot: &Snapshot,
        key: &Key,
        version: &KeyVersionEntry,
    ) -> Result<Tool, VaultError> {
        match key.row.protection {
            Protection::Envelope => self.working_key(snapshot, version).await.map(Tool::Memory),
            Protection::Hsm => version.in_hsm().map(Box::new).map(Tool::Hsm),
        }
    }
}
