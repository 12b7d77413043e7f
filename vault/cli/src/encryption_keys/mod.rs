//! `strongroom encryption-keys`

mod generate;
mod pair;
mod register;
mod shown;

use clap::{Args, Subcommand};
use strongroom_domain::{KeyThumbprint, ServiceName};

use crate::arguments::text;
use crate::failure::Failure;
use crate::session::Session;

pub use pair::Pair;

/// What to do with encryption keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a pair of keys on this machine; the private one stays in the file
    Generate(generate::Arguments),
    /// Register the public key of a pair for an identity
    Register(register::Arguments),
    /// List the keys of an identity, newest first
    List(OneIdentity),
    /// End a key of an identity
    Revoke(OneKey),
}

/// Which identity.
#[derive(Debug, Args)]
pub struct OneIdentity {
    /// The service, as named in its certificate
    #[arg(value_parser = text::<ServiceName>)]
    pub service: ServiceName,
}

/// Which key.
#[derive(Debug, Args)]
pub struct OneKey {
    /// The service, as named in its certificate
    #[arg(value_parser = text::<ServiceName>)]
    pub service: ServiceName,
    /// The key's name, as listed
    #[arg(value_parser = text::<KeyThumbprint>, allow_hyphen_values = true)]
    pub kid: KeyThumbprint,
}

/// Does it.
pub async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    match command {
        Command::Generate(arguments) => generate::run(&arguments, session),
        Command::Register(arguments) => register::run(arguments, session).await,
        Command::List(identity) => {
            session.show(&session.vault()?.list_encryption_keys(&identity.service).await?)
        }
        Command::Revoke(key) => {
            session.show(&session.vault()?.revoke_encryption_key(&key.service, &key.kid).await?)
        }
    }
}
