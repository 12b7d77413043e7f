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
    /// The newest checkpoint of every stream, this node's own made for the occasion: for an auditor to remember.
    pub async fn latest_checkpoints(&self, call: &Call) -> Result<Vec<CheckpointNote>, VaultError> {
        run(&self.core, call, &LatestCheckpoints).await?;
        sign_news(&self.core).await?;
        let mut notes = Vec::new();
        for stream in self.core.store().streams().await? {
            notes.extend(self.core.store().latest_checkpoint(&stream).await?.map(|row| CheckpointNote {
                stream: row.stream,
                size: row.size,
                note: row.note,
                created_at: row.created_at,
            }));
        }
        Ok(notes)
    }
}

struct LatestCheckpoints;

impl Operation for LatestCheckpoints {
    type Output = ();

    const ACTION: Action = Action::AuditExport;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object("checkpoints")
    }

    async fn prepare(&self, _permit: &Permit, _core: &Core) -> Result<Prepared<()>, VaultError> {
        Ok(Prepared::reading((), self.subject()))
    }
}
