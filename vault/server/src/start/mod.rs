//! `strongroomd` on the command line, and the order in which it starts.
//!
//! Harden the process, self-test every algorithm, connect the HSM, open the store, prove keys and registry, listen. Any
//! failure on the way ends it with one line on standard error and an exit code that says which part it was
//! ([`Failure::exit_code`]).

mod failure;
mod foundation;
mod hosted_field;
mod initial;
mod migration;
mod serve;
mod signals;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use strongroom_domain::{ServiceName, TenantId};

pub use failure::Failure;
pub(crate) use migration::migrate;
pub(crate) use serve::{Addresses, Extras, serve};

use crate::config::{Config, check};
use crate::dev::{self, DevelopmentOptions};
use crate::observability;

/// Strongroom: an HSM-backed vault for keys and tokens.
#[derive(Debug, Parser)]
#[command(name = "strongroomd", version, about, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API until SIGTERM; SIGHUP reads certificates and revocation lists again.
    Serve(WithConfig),
    /// Make the cluster's keys, the platform tenant and the given tenants. Adds what is missing, changes nothing else.
    Init {
        #[command(flatten)]
        config: WithConfig,
        /// A tenant to make; may be repeated.
        #[arg(long = "tenant", value_parser = parse_tenant)]
        tenants: Vec<TenantId>,
        /// The service that may appoint others, in each new tenant and in the platform's own.
        #[arg(long, value_parser = parse_service)]
        identity_admin: ServiceName,
    },
    /// Make the tables of a PostgreSQL database, or bring them up to date, and give the service role its rights.
    Migrate {
        #[command(flatten)]
        config: WithConfig,
        /// The role that owns the database. `serve` never uses it.
        #[arg(long, default_value = "strongroom_owner")]
        owner: String,
        /// Its password, in a file of mode 0400 or 0600.
        #[arg(long)]
        owner_password_file: PathBuf,
    },
    /// Say what is wrong with the configuration and the files it names, one line each.
    CheckConfig(WithConfig),
    /// Everything on a software token and SQLite in a folder of its own, with certificates for every role. Never for
    /// real data.
    Dev(DevelopmentOptions),
    /// Say which version this is.
    Version,
}

#[derive(Debug, clap::Args)]
struct WithConfig {
    /// The configuration file.
    #[arg(long, short)]
    config: PathBuf,
}

/// Carries out a command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(usage) => {
            // Help and version come this way too, and are no failure.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    let outcome = carry_out(arguments.command);
    observability::flush_log();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let line = failure.to_string().replace(['\n', '\r'], " ");
            let line = observability::scrub(&line).into_owned();
            let _ = writeln!(std::io::stderr().lock(), "strongroomd: {line}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn carry_out(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(WithConfig { config }) => serve(&Config::read(&config)?, Extras::default()),
        Command::Init { config, tenants, identity_admin } => {
            initial::init(&Config::read(&config.config)?, &tenants, &identity_admin)
        }
        Command::Migrate { config, owner, owner_password_file } => {
            let config = Config::read(&config.config)?;
            observability::install(&config.log.filter)?;
            migrate(&config.store, &owner, &owner_password_file)?;
            say("the database's schema is up to date")
        }
        Command::CheckConfig(WithConfig { config }) => check_config(&config),
        Command::Dev(options) => dev::run(&options),
        Command::Version => say(concat!("strongroomd ", env!("CARGO_PKG_VERSION"))),
    }
}

fn check_config(path: &Path) -> Result<(), Failure> {
    let problems = check(&Config::read(path)?);
    if problems.is_empty() {
        return say("the configuration and the files it names are in order");
    }
    let mut stderr = std::io::stderr().lock();
    for problem in &problems {
        let _ = writeln!(stderr, "{problem}");
    }
    Err(Failure::Problems(problems.len()))
}

/// A line for people, on standard output.
pub(crate) fn say(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout().lock(), "{line}").map_err(Failure::Output)
}

fn parse_tenant(text: &str) -> Result<TenantId, String> {
    let tenant = TenantId::parse(text).map_err(|error| error.to_string())?;
    if tenant.is_platform() { Err("the platform tenant is always made".to_owned()) } else { Ok(tenant) }
}

fn parse_service(text: &str) -> Result<ServiceName, String> {
    ServiceName::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn init_takes_tenants_and_one_identity_admin() {
        let parse =
            |line: &str| Arguments::try_parse_from(line.split(' ')).map(|arguments| arguments.command);
        let line = "strongroomd init --config f --tenant acme --tenant globex --identity-admin people";
        assert!(matches!(parse(line), Ok(Command::Init { tenants, .. }) if tenants.len() == 2));
        assert!(parse("strongroomd init --config f --tenant acme").is_err(), "nobody could appoint anybody");
        assert!(parse("strongroomd init --config f --tenant platform --identity-admin people").is_err());
        assert!(parse("strongroomd init --config f --tenant Acme --identity-admin people").is_err());
    }
}
