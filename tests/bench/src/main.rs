//! What the vault costs, each figure beside the least that the same hardware, libraries and protocol must spend on that
//! work (its floor), measured in the same run. Prints one table and appends it to a results file.

mod cards;
mod cores;
mod cpu;
mod floors;
mod load;
mod machine;
mod plan;
mod store;
mod table;
mod tls;
mod vault;
mod works;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use plan::Plan;

/// Any failure ends the run; a benchmark that half worked would print half a truth.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Parser)]
#[command(about = "Measures the vault against its floors")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the works and prints the table.
    Run(Plan),
    /// The floor of every request: a bare handler that echoes its body over the same TLS set-up.
    Echo {
        /// The folder with the certificates.
        #[arg(long)]
        directory: PathBuf,
        /// The port on the loopback interface.
        #[arg(long)]
        port: u16,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(plan) => works::run(&plan),
        Command::Echo { directory, port } => floors::echo::serve(&directory, port),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a command line tool says why it failed")]
            {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Says what is being done.
pub(crate) fn say(what: &str) {
    #[expect(
        clippy::print_stderr,
        reason = "progress of a command line tool; the table goes to standard output"
    )]
    {
        eprintln!("{what}");
    }
}
