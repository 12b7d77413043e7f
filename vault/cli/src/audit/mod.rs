//! `strongroom audit`

mod checkpoints;
mod export;
mod search;
mod verify;

use clap::Subcommand;

use crate::failure::Failure;
use crate::session::Session;

/// What to do with the audit record.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Find audit events
    Search(search::Arguments),
    /// Take the record away, for offline verification
    Export(export::Arguments),
    /// Verify an export, offline: is a record altered, missing, moved or unsigned?
    #[command(after_help = verify::HELP)]
    Verify(verify::Arguments),
    /// Show the newest signed checkpoint of every audit stream; keep them outside the vault
    Checkpoints,
}

/// Does it.
pub async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    match command {
        Command::Search(arguments) => search::run(arguments, session).await,
        Command::Export(arguments) => export::run(arguments, session).await,
        Command::Verify(arguments) => verify::run(&arguments, session.output()),
        Command::Checkpoints => checkpoints::run(session).await,
    }
}
