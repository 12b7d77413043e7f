//! `strongroomd dev`: a whole vault in one folder, on a software token and SQLite or a throwaway PostgreSQL, with a certificate authority and a
//! client certificate for every role. A second start keeps keys and data and renews certificates that are about to
//! expire. Further destinations may stand in `egress.toml` in the folder. Never for real data: everything that protects
//! it lies beside it.

mod authority;
mod configuration;
mod files;
mod identities;
mod postgres;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use strongroom_softhsm::{DevelopmentToken, restart_with};

use crate::config::Config;
use crate::hosted_field::Origin;
use crate::start::{Addresses, Extras, Failure, migrate, serve};
use files::Layout;
use postgres::Throwaway;

/// `strongroomd dev`
#[derive(Debug, Clone, clap::Args)]
pub struct DevelopmentOptions {
    /// The folder that holds everything.
    #[arg(long = "dir", default_value = ".strongroom-dev")]
    pub folder: PathBuf,
    /// The API's port on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8443)]
    pub port: u16,
    /// The port of health checks and metrics on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8444)]
    pub operations_port: u16,
    /// The port on localhost where the destination `partner` is, for trying requests that carry cards.
    #[arg(long, default_value_t = 8447)]
    pub partner_port: u16,
    /// Keep the data in the throwaway PostgreSQL server of this folder (deploy/postgres/throwaway) instead of SQLite.
    #[arg(long)]
    pub postgres: Option<PathBuf>,
    /// The port of the hosted card field on 127.0.0.1, over plain HTTP, with the key `browsers` of the tenant acme; none if
    /// it is not given. 0 takes a free one.
    #[arg(long)]
    pub field_port: Option<u16>,
    /// The origin of a shop whose pages may embed the field.
    #[arg(long, default_value = "http://localhost:8446", value_parser = Origin::parse)]
    pub merchant_origin: Origin,
    /// Which events are logged.
    #[arg(long, default_value = "warn")]
    pub log: String,
    /// Write the addresses (API, operations, card field) into this file, a line each, once connections are accepted.
    #[arg(long)]
    pub once_ready_file: Option<PathBuf>,
}

/// Prepares the folder and serves until told to stop.
pub(crate) fn run(options: &DevelopmentOptions) -> Result<(), Failure> {
    let layout = Layout::prepare(&options.folder).map_err(in_folder)?;
    let token = DevelopmentToken::open_or_create(&layout.token())?;
    // SoftHSM reads its configuration from the environment, which only a new process can set safely.
    restart_with(&token.config_path())?;
    authority::renew(&layout).map_err(Failure::Development)?;
    let postgres =
        options.postgres.as_deref().map(Throwaway::read).transpose().map_err(Failure::Development)?;
    configuration::write(&layout, &token, options, postgres.as_ref()).map_err(in_folder)?;
    let config = Config::read(&layout.config())?;
    if let Some(postgres) = &postgres {
        migrate(&config.store, &postgres.owner, &postgres.owner_password_file)?;
    }
    let ready_file =
        options.once_ready_file.as_deref().map(std::path::absolute).transpose().map_err(in_folder)?;
    serve(
        &config,
        Extras {
            writable: std::iter::once(layout.root())
                .chain(ready_file.as_deref().and_then(Path::parent))
                .map(Path::to_owned)
                .collect(),
            tenants: identities::tenants(),
            initialised: Some(Box::new(|initialised| {
                let key = format!("{}\n", initialised.verifier_key);
                files::write(&layout.verifier_key(), 0o644, key.as_bytes())
            })),
            ready: Some(Box::new(|addresses| announce(&layout, addresses, ready_file.as_deref()))),
        },
    )
}

fn announce(layout: &Layout, addresses: &Addresses, ready_file: Option<&Path>) -> io::Result<()> {
    let (api, operations) = (addresses.api, addresses.operations);
    let client = |end: &str| layout.client("acme", "tokenizer", end).display().to_string();
    writeln!(
        io::stdout().lock(),
        "Strongroom for development. Never for real data.\n  \
         API          https://{api}\n  \
         operations   http://{operations}/readyz, /healthz, /metrics\n  \
         {field}\
         authority    {ca}\n  \
         clients      {clients}/<tenant>-<role>.pem and .key, for acme, globex and platform\n  \
         audit key    {key}\n\
         Try: curl --cacert {ca} --cert {pem} --key {private} https://{api}/v1/tokens",
        field = addresses
            .hosted_field
            .map_or_else(String::new, |field| format!("card field   http://{field}/field.html\n  ")),
        ca = layout.authority().display(),
        clients = layout.clients().display(),
        key = layout.verifier_key().display(),
        pem = client("pem"),
        private = client("key"),
    )?;
    ready_file.map_or(Ok(()), |path| {
        let field = addresses.hosted_field.map_or_else(String::new, |field| format!("http://{field}\n"));
        files::write(path, 0o644, format!("https://{api}\nhttp://{operations}\n{field}").as_bytes())
    })
}

fn in_folder(error: io::Error) -> Failure {
    Failure::Development(error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct CommandLine {
        #[command(flatten)]
        options: DevelopmentOptions,
    }

    /// The quick start names its own ports and leaves the partner's to the default, where the handbook starts one.
    #[test]
    fn no_two_parts_of_the_quick_start_want_the_same_port() {
        let options = CommandLine::parse_from(["dev"]).options;
        let script = include_str!("../../../../deploy/dev");
        let named = script.lines().filter_map(|line| line.split_once("port=")?.1.parse::<u16>().ok());
        let mut ports: Vec<u16> = named.chain([options.partner_port]).collect();
        assert_eq!(ports.len(), 5, "{ports:?}");
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 5, "{ports:?}");
    }
}
