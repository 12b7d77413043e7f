//! What the vault costs, each figure beside the least that the same hardware, libraries and protocol must spend on that
//! work (its floor), measured in the same run. Prints one table and appends it to a results file.

mod cards;
mod cpu;
mod echo;
mod floors;
mod load;
mod table;
mod tls;
mod vault;
mod works;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

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
    /// Runs everything and prints the table.
    Run {
        /// The folder that holds `strongroomd`, built for release.
        #[arg(long)]
        binaries: PathBuf,
        /// Where to append the table.
        #[arg(long)]
        results: Option<PathBuf>,
        /// Seconds per measurement.
        #[arg(long, default_value_t = 8)]
        seconds: u64,
        /// Keep-alive mTLS connections.
        #[arg(long, default_value_t = 64)]
        connections: usize,
    },
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

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run { binaries, results, seconds, connections } => {
            let plan = works::Plan { binaries, seconds: Duration::from_secs(seconds), connections };
            works::run(&plan, results.as_deref()).await
        }
        Command::Echo { directory, port } => echo::serve(&directory, port).await,
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
