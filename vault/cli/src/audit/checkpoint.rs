//! `strongroom audit checkpoint`

use crate::failure::Failure;
use crate::output::{Show, Style, Table};
use crate::session::Session;
use strongroom_api::audit::CheckpointView;

/// Shows it: the note itself, so that it can be appended to a file of remembered checkpoints.
pub(super) async fn run(session: &Session) -> Result<(), Failure> {
    let checkpoint = session.vault()?.get_latest_checkpoint().await?;
    if session.output().style() == Style::Json {
        return session.show(&checkpoint);
    }
    session.output().write(checkpoint.note.as_bytes())?;
    session.output().note(&format!("stream {}, {} events", checkpoint.stream, checkpoint.size));
    Ok(())
}

impl Show for CheckpointView {
    fn table(&self) -> Table {
        Table::about()
            .field("stream", &self.stream)
            .field("size", self.size)
            .field("created_at", self.created_at.0)
            .field("note", &self.note)
    }
}
