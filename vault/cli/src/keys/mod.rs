//! `strongroom keys`

mod create;
mod shown;

use clap::{Args, Subcommand};
use strongroom_domain::KeyName;

use crate::arguments::{PageArguments, text};
use crate::failure::Failure;
use crate::session::Session;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key
    Create(create::Arguments),
    /// List the keys
    List(PageArguments),
    /// Show a key and its versions, without material
    Get(OneKey),
    /// Make a new version of a key, which protects from then on
    Rotate(OneKey),
    /// Show what verifies a key's signatures; with --quiet the PEM of each version, newest first
    Public(OneKey),
    /// Show the public keys that clients encrypt to; with --quiet the JWK Set to publish
    Jwks(OneKey),
}

/// Which key.
#[derive(Debug, Args)]
pub struct OneKey {
    /// The key's name
    #[arg(value_parser = text::<KeyName>)]
    pub name: KeyName,
}

/// Does it.
pub async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create::run(arguments, session).await,
        Command::List(page) => {
            let list = session.vault()?.list_keys(&page.into()).await?;
            session.show(&list)?;
            session.output().tell_next_page(list.next_cursor.as_deref());
            Ok(())
        }
        Command::Get(key) => session.show(&session.vault()?.get_key(&key.name).await?),
        Command::Public(key) => session.show(&session.vault()?.list_public_keys(&key.name).await?),
        Command::Jwks(key) => session.show(&session.vault()?.get_jwks(&key.name).await?),
        Command::Rotate(key) => session.show(&session.vault()?.rotate_key(&key.name).await?),
    }
}
