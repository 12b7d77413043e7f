//! What to measure, and how.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// The command line of a run.
#[derive(Args)]
pub(crate) struct Plan {
    /// What to measure; everything if absent.
    #[arg(value_enum)]
    pub(crate) works: Vec<Work>,
    /// On which store.
    #[arg(long, value_enum, default_value_t = Stores::Sqlite)]
    pub(crate) store: Stores,
    /// The folder that holds `strongroomd` and `strongroom`, built for release.
    #[arg(long)]
    pub(crate) binaries: PathBuf,
    /// Where to append the table.
    #[arg(long)]
    pub(crate) results: Option<PathBuf>,
    /// Only print the table.
    #[arg(long)]
    pub(crate) no_record: bool,
    /// Seconds of a measurement; a quarter of that goes before it as a warm-up.
    #[arg(long, default_value = "8", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Keep-alive mTLS connections.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) connections: u16,
    /// Rows of `import` (default 100000) and of the large end of `growth` (default 1000000).
    #[arg(long)]
    pub(crate) rows: Option<u64>,
    /// Keys of the large ends of `growth` and `memory`.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) keys: u32,
    /// Tenants of the large end of `growth`.
    #[arg(long, default_value_t = 1000)]
    pub(crate) tenants: u32,
}

impl Plan {
    pub(crate) fn connections(&self) -> usize {
        self.connections.into()
    }
}

/// A row of the table, or a family of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Encrypt and decrypt 64 bytes, beside an echo.
    Fields,
    /// Tokenize cards, beside the same INSERT.
    Tokenize,
    /// Detokenize, beside a look-up by primary key.
    Detokenize,
    /// A batch of 100 encrypts, beside AES-256-GCM alone.
    Batch,
    /// Import many cards with the command line client, beside the database's own bulk load.
    Import,
    /// One decision of the access rules, remembered or not.
    Authorization,
    /// Calls to the HSM in 100 requests.
    Hsm,
    /// Latency at 70 % of the peak, arrivals at a constant rate.
    Latency,
    /// Cost of a call as tokens, tenants and keys become many.
    Growth,
    /// Memory at rest, of connections and of keys, and the time to start.
    Memory,
    /// A greedy tenant beside a modest one, and five times more than can be done.
    Overload,
}

/// Which stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stores {
    Sqlite,
    Postgres,
    Both,
}

impl Stores {
    pub(crate) const fn kinds(self) -> &'static [StoreKind] {
        match self {
            Self::Sqlite => &[StoreKind::Sqlite],
            Self::Postgres => &[StoreKind::Postgres],
            Self::Both => &[StoreKind::Sqlite, StoreKind::Postgres],
        }
    }
}

/// Which store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreKind {
    Sqlite,
    Postgres,
}

impl StoreKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    match text.parse() {
        Ok(seconds @ 1..=3600) => Ok(Duration::from_secs(seconds)),
        _ => Err("1 to 3600 seconds"),
    }
}
