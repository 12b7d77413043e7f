//! `strongroom identities`

mod create;
mod limits;
mod shown;

use clap::{Args, Subcommand};
use strongroom_domain::ServiceName;

use crate::arguments::{PageArguments, text};
use crate::failure::Failure;
use crate::session::Session;

/// What to do with identities.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make an identity known; it may do nothing until it is granted a role
    Create(create::Arguments),
    /// List the identities
    List(PageArguments),
    /// Show an identity with its grants
    Get(OneIdentity),
    /// Take everything from an identity, at once
    Disable(OneIdentity),
    /// How fast values may leave for an identity: show or set its limits
    #[command(subcommand)]
    Limits(limits::Command),
}

/// Which identity.
#[derive(Debug, Args)]
pub struct OneIdentity {
    /// The service, as named in its certificate
    #[arg(value_parser = text::<ServiceName>)]
    pub service: ServiceName,
}

/// Does it.
pub async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create::run(arguments, session).await,
        Command::List(page) => {
            let list = session.vault()?.list_identities(&page.into()).await?;
            session.show(&list)?;
            session.output().tell_next_page(list.next_cursor.as_deref());
            Ok(())
        }
        Command::Get(identity) => session.show(&session.vault()?.get_identity(&identity.service).await?),
        Command::Disable(identity) => {
            session.show(&session.vault()?.disable_identity(&identity.service).await?)
        }
        Command::Limits(command) => limits::run(command, session).await,
    }
}
