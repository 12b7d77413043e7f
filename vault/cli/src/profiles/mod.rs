//! `strongroom profiles`

mod create;
mod shown;

use clap::{Args, Subcommand};
use strongroom_domain::ProfileName;

use crate::arguments::{PageArguments, text};
use crate::failure::Failure;
use crate::session::Session;

/// What to do with token profiles.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a token profile; its parts never change
    Create(create::Arguments),
    /// List the token profiles
    List(PageArguments),
    /// Show a token profile
    Get(OneProfile),
}

/// Which profile.
#[derive(Debug, Args)]
pub struct OneProfile {
    /// The profile's name
    #[arg(value_parser = text::<ProfileName>)]
    pub name: ProfileName,
}

/// Does it.
pub async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create::run(arguments, session).await,
        Command::List(page) => {
            let list = session.vault()?.list_profiles(&page.into()).await?;
            session.show(&list)?;
            session.output().tell_next_page(list.next_cursor.as_deref());
            Ok(())
        }
        Command::Get(profile) => session.show(&session.vault()?.get_profile(&profile.name).await?),
    }
}
