//! The command line of the vault: what [`run`] does with what was typed.
//!
//! A folder per resource, a file per verb. [`arguments`] says what can be typed, [`connection`] where the vault is and
//! who is calling, [`output`] how results look, [`failure`] and [`exit`] how it ends when it does not end well.
//!
//! Everything goes over the wire through `strongroom-client`, with one exception: `audit verify` needs no vault, since
//! its point is not to trust one.

pub mod arguments;
pub mod audit;
pub mod completions;
pub mod connection;
pub mod encryption_keys;
pub mod exit;
pub mod failure;
pub mod fields;
pub mod grants;
pub mod honeytokens;
pub mod identities;
pub mod input;
pub mod interrupt;
pub mod keys;
pub mod output;
pub mod profiles;
pub mod progress;
pub mod proxy;
pub mod session;
pub mod status;
pub mod tokens;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use arguments::{Command, CommandLine, Refused};
use exit::Exit;
use failure::Failure;
use output::Output;
use session::Session;

/// Runs one command line and says how it ended.
pub async fn run(typed: impl IntoIterator<Item = OsString>) -> ExitCode {
    let line = match arguments::parse(typed) {
        Ok(line) => line,
        Err(refused) => return say(&refused).into(),
    };
    let ended = match command(line).await {
        Ok(()) => return Exit::Done.into(),
        Err(failure) => failure,
    };
    if let Some(line) = ended.line() {
        let _ = writeln!(io::stderr(), "{line}");
    }
    ended.exit().into()
}

async fn command(line: CommandLine) -> Result<(), Failure> {
    let session = Session::new(line.connection, Output::new(line.style.style()));
    match line.command {
        Command::Tokens(command) => Box::pin(tokens::run(command, &session)).await,
        Command::Keys(command) => Box::pin(keys::run(command, &session)).await,
        Command::Encrypt(field) => Box::pin(fields::encrypt(field, &session)).await,
        Command::Decrypt(field) => Box::pin(fields::decrypt(field, &session)).await,
        Command::Reencrypt(field) => Box::pin(fields::reencrypt(field, &session)).await,
        Command::Lookup(field) => Box::pin(fields::lookup(field, &session)).await,
        Command::Proxy(arguments) => Box::pin(proxy::run(arguments, &session)).await,
        Command::Profiles(command) => Box::pin(profiles::run(command, &session)).await,
        Command::Identities(command) => Box::pin(identities::run(command, &session)).await,
        Command::Grants(command) => Box::pin(grants::run(command, &session)).await,
        Command::EncryptionKeys(command) => Box::pin(encryption_keys::run(command, &session)).await,
        Command::Honeytokens(command) => Box::pin(honeytokens::run(command, &session)).await,
        Command::Audit(command) => Box::pin(audit::run(command, &session)).await,
        Command::Status => Box::pin(status::run(&session)).await,
        Command::Completions(shell) => completions::run(&shell),
    }
}

fn say(refused: &Refused) -> Exit {
    let written = if refused.is_result {
        writeln!(io::stdout(), "{}", refused.text)
    } else {
        writeln!(io::stderr(), "{}", refused.text)
    };
    // Nobody is left to be told that nothing could be told.
    let _ = written;
    refused.exit()
}
