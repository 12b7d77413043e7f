use strongroom_domain::{Action, Timestamp};

use crate::audit::{EventDraft, sign_news};
use crate::pipeline::{Operation, Permit, Prepared, run};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

/// A signed statement of where a stream stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointNote {
    /// The stream.
    pub stream: String,
    /// How many records it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// When.
    pub created_at: Timestamp,
}

impl Vault {
    /// This node's newest checkpoint, made for the occasion: for an auditor to remember.
    pub async fn latest_checkpoint(&self, call: &Call) -> Result<CheckpointNote, VaultError> {
        run(&self.core, call, &LatestCheckpoint).await?;
        let row = sign_news(&self.core).await?.ok_or(VaultError::NotFound)?;
        Ok(CheckpointNote { stream: row.stream, size: row.size, note: row.note, created_at: row.created_at })
    }
}

struct LatestCheckpoint;

impl Operation for LatestCheckpoint {
    type Output = ();

    const ACTION: Action = Action::AuditExport;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object("checkpoint")
    }

    async fn prepare(&self, _permit: &Permit, _core: &Core) -> Result<Prepared<()>, VaultError> {
        Ok(Prepared::reading((), self.subject()))
    }
}
