//! `strongroom tokens`

mod create;
mod delete;
mod detokenize;
mod export;
mod get;
pub mod import;
mod list;
mod search;
mod security_code;
mod shown;
mod update;

use clap::Subcommand;

use crate::failure::Failure;
use crate::session::Session;

/// What to do with tokens.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Turn a card number, read from standard input or a file, into a token
    Create(create::Arguments),
    /// Show what is known of a token without its value
    Get(get::Arguments),
    /// List tokens, without their values: all, or those that have something in common
    List(list::Arguments),
    /// Show the values of tokens, for a purpose
    Detokenize(detokenize::Arguments),
    /// Find the tokens of a card number, read from standard input or a file
    Search(search::Arguments),
    /// Change a token's metadata, end, aliases or tags
    Update(update::Arguments),
    /// Keep a card's security code, read from standard input or a file, until its payment is authorised
    PutSecurityCode(security_code::PutArguments),
    /// Tell how an authorisation ended, which destroys the security code
    ReportAuthorisation(security_code::ReportArguments),
    /// End tokens and their values
    Delete(delete::Arguments),
    /// Turn a file of cards into tokens, resumable
    Import(import::Arguments),
    /// Write what is known of all tokens, without their values
    Export(export::Arguments),
}

/// Does it.
pub async fn run(command: Command, session: &Session) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create::run(arguments, session).await,
        Command::Get(arguments) => get::run(arguments, session).await,
        Command::List(arguments) => list::run(arguments, session).await,
        Command::Detokenize(arguments) => detokenize::run(arguments, session).await,
        Command::Search(arguments) => search::run(arguments, session).await,
        Command::Update(arguments) => update::run(arguments, session).await,
        Command::PutSecurityCode(arguments) => security_code::put(arguments, session).await,
        Command::ReportAuthorisation(arguments) => security_code::report(arguments, session).await,
        Command::Delete(arguments) => delete::run(arguments, session).await,
        Command::Import(arguments) => Box::pin(import::run(arguments, session)).await,
        Command::Export(arguments) => export::run(arguments, session).await,
    }
}
