//! What can be typed.

mod refusal;
mod values;

use std::ffi::OsString;

use clap::{Args, Parser, Subcommand};
use strongroom_api::{ListQuery, PageLimit};

pub use refusal::Refused;
pub(crate) use values::one_of;
pub use values::{Refusal, page_limit, pair, reason, seconds, text, time, whole_number};

use crate::connection::ConnectionOptions;
use crate::exit;
use crate::output::Style;
use crate::{
    audit, completions, encryption_keys, fields, grants, honeytokens, identities, keys, profiles, proxy,
    tokens,
};

/// The command line of the vault.
#[derive(Debug, Parser)]
#[command(
    name = "strongroom",
    version,
    about = "Tokens, field encryption, keys and the audit record of a Strongroom vault",
    after_help = exit::HELP,
    subcommand_required = true,
    arg_required_else_help = true,
    infer_subcommands = false,
    max_term_width = 110
)]
pub struct CommandLine {
    /// Where the vault is and who is calling.
    #[command(flatten)]
    pub connection: ConnectionOptions,
    /// How to write.
    #[command(flatten)]
    pub style: StyleOptions,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// How to write.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Output")]
pub struct StyleOptions {
    /// Write JSON, for scripts: that of the API
    #[arg(long, global = true, conflicts_with = "quiet")]
    pub json: bool,
    /// Write ids alone, and no progress
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

impl StyleOptions {
    /// The style.
    pub const fn style(self) -> Style {
        match self {
            Self { json: true, .. } => Style::Json,
            Self { quiet: true, .. } => Style::Quiet,
            _ => Style::Tables,
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Tokens: create, find, reveal and end them; import and export
    #[command(subcommand)]
    Tokens(tokens::Command),
    /// Keys: create, show and rotate them
    #[command(subcommand)]
    Keys(keys::Command),
    /// Encrypt a field: bytes in, base64 out
    Encrypt(fields::FieldArguments),
    /// Decrypt a field: base64 in, bytes out
    Decrypt(fields::ProtectedFieldArguments),
    /// Encrypt a field anew under the newest version of its key, without showing it
    Reencrypt(fields::ProtectedFieldArguments),
    /// What a value is stored as under each version of a deterministic key: bytes in, base64 out, a line each
    Lookup(fields::FieldArguments),
    /// Send a request to a listed destination, with values of tokens put in
    Proxy(proxy::Arguments),
    /// Token profiles: what tokens look like and how long they live
    #[command(subcommand)]
    Profiles(profiles::Command),
    /// Identities: the services that may call
    #[command(subcommand)]
    Identities(identities::Command),
    /// Grants: which identity is appointed to which role
    #[command(subcommand)]
    Grants(grants::Command),
    /// Encryption keys: to which an identity gets values encrypted
    #[command(subcommand)]
    EncryptionKeys(encryption_keys::Command),
    /// Honeytokens: tokens that nobody has business with, whose use raises an alarm
    #[command(subcommand)]
    Honeytokens(honeytokens::Command),
    /// The audit record: search, export, verify
    #[command(subcommand)]
    Audit(audit::Command),
    /// What the node is and how it fares
    Status,
    /// Completions for a shell, on standard output
    Completions(completions::Arguments),
}

/// Which page of a list.
#[derive(Debug, Args)]
pub struct PageArguments {
    /// How many at most, 1 to 1000
    #[arg(long, default_value = "100", value_parser = page_limit, value_name = "NUMBER")]
    pub limit: PageLimit,
    /// Where the page before ended
    #[arg(long, value_name = "CURSOR")]
    pub cursor: Option<String>,
}

impl From<PageArguments> for ListQuery {
    fn from(page: PageArguments) -> Self {
        Self { limit: page.limit, cursor: page.cursor }
    }
}

/// Reads what was typed.
pub fn parse(typed: impl IntoIterator<Item = OsString>) -> Result<CommandLine, Refused> {
    CommandLine::try_parse_from(typed).map_err(|error| Refused::new(&error))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_sound() {
        CommandLine::command().debug_assert();
    }
}
