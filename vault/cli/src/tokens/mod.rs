//! `strongroom tokens`

mod create;
mod delete;
mod detokenize;
mod export;
mod get;
pub mod import;
mod inventory;
mod jobs;
mod list;
mod open_export;
mod receiver_key;
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
    /// How far imports and exports are
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Write what is known of all tokens, without their values
    Inventory(inventory::Arguments),
    /// Take the values of tokens out, encrypted to a receiver, once somebody else has approved it; resumable
    Export(export::Arguments),
    /// Decrypt an export with the receiver's private key, and verify it
    OpenExport(open_export::Arguments),
    /// Make a key pair to receive exports with
    ReceiverKey(receiver_key::Arguments),
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
        Command::Jobs(command) => jobs::run(command, session).await,
        Command::Inventory(arguments) => inventory::run(arguments, session).await,
        Command::Export(arguments) => Box::pin(export::run(arguments, session)).await,
        Command::OpenExport(arguments) => open_export::run(&arguments, session),
        Command::ReceiverKey(arguments) => receiver_key::run(&arguments, session),
    }
}
