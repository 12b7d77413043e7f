//! `strongroom tokens put-security-code` and `strongroom tokens report-authorisation`

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use strongroom_api::tokens::{AuthorisationResult, PutSecurityCode, SecurityCodeKept};
use strongroom_domain::TokenReference;

use crate::arguments::{seconds, text};
use crate::failure::Failure;
use crate::input;
use crate::output::{Show, Table};
use crate::session::Session;

/// Whose code.
#[derive(Debug, Args)]
pub struct PutArguments {
    /// The token of the card, as itself or as alias: and one of its aliases
    #[arg(value_parser = text::<TokenReference>)]
    pub token: TokenReference,
    /// File that holds the code; standard input if absent
    #[arg(long, value_name = "FILE")]
    pub code_file: Option<PathBuf>,
    /// How long it is kept at most, such as 300 or 10m; 15 minutes if absent
    #[arg(long, value_parser = seconds, value_name = "TIME")]
    pub ttl: Option<u64>,
}

/// How what ended.
#[derive(Debug, Args)]
pub struct ReportArguments {
    /// The token of the card, as itself or as alias: and one of its aliases
    #[arg(value_parser = text::<TokenReference>)]
    pub token: TokenReference,
    /// How the authorisation ended
    #[arg(long, value_enum)]
    pub result: EndedAs,
}

/// How an authorisation ended.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum EndedAs {
    /// The issuer authorised the payment
    Approved,
    /// The issuer refused it
    Declined,
    /// Nobody will be asked any more
    Abandoned,
}

impl Show for SecurityCodeKept {
    fn table(&self) -> Table {
        Table::about().field("expires_at", self.expires_at.0)
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.expires_at.0)
    }
}

/// Keeps it.
pub(super) async fn put(arguments: PutArguments, session: &Session) -> Result<(), Failure> {
    let vault = session.vault()?;
    let security_code = input::security_code(arguments.code_file.as_deref())?;
    let request = PutSecurityCode { security_code, ttl_seconds: arguments.ttl };
    session.show(&vault.put_security_code(&arguments.token, &request).await?)
}

/// Tells it.
pub(super) async fn report(arguments: ReportArguments, session: &Session) -> Result<(), Failure> {
    let result = match arguments.result {
        EndedAs::Approved => AuthorisationResult::Approved,
        EndedAs::Declined => AuthorisationResult::Declined,
        EndedAs::Abandoned => AuthorisationResult::Abandoned,
    };
    Ok(session.vault()?.report_authorisation(&arguments.token, result).await?)
}
