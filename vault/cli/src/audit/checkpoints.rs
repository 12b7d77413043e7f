//! `strongroom audit checkpoints`

use strongroom_api::audit::CheckpointsView;

use crate::failure::Failure;
use crate::output::{Show, Style, Table};
use crate::session::Session;

/// Shows them: the notes themselves, so that they can be appended to a file of remembered checkpoints.
pub(super) async fn run(session: &Session) -> Result<(), Failure> {
    let view = session.vault()?.get_checkpoints().await?;
    if session.output().style() == Style::Json {
        return session.show(&view);
    }
    session.output().write(notes(&view).as_bytes())?;
    for checkpoint in &view.checkpoints {
        session.output().note(&format!("stream {}, {} events", checkpoint.stream, checkpoint.size));
    }
    Ok(())
}

/// As a witness keeps them: one after the other, an empty line after each.
fn notes(view: &CheckpointsView) -> String {
    view.checkpoints.iter().map(|checkpoint| format!("{}\n", checkpoint.note)).collect()
}

impl Show for CheckpointsView {
    fn table(&self) -> Table {
        Table::of(&["stream", "size", "created_at"]).rows(&self.checkpoints, |checkpoint| {
            [checkpoint.stream.clone(), checkpoint.size.to_string(), checkpoint.created_at.to_string()]
        })
    }
}
