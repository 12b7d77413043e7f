//! What the script says about the server it started.

use std::fs;
use std::path::{Path, PathBuf};

use crate::PostgresError;

/// How to reach the server, and as whom.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The address; the certificate is good for `localhost` too.
    pub host: String,
    /// The TCP port. It stays the same when the server is stopped and started again.
    pub port: u16,
    /// The database that is there from the start.
    pub database: String,
    /// The role that owns it and runs migrations.
    pub owner: String,
    /// The owner's password.
    pub owner_password: String,
    /// The owner's password, in a file of mode 0600.
    pub owner_password_file: PathBuf,
    /// The role that the vault's service connects as.
    pub service: String,
    /// The service's password.
    pub service_password: String,
    /// The service's password, in a file of mode 0600.
    pub service_password_file: PathBuf,
    /// The authority of the server's certificate, PEM.
    pub ca_file: PathBuf,
    /// The superuser, who comes through the socket only.
    pub superuser: String,
    /// Where the Unix socket is.
    pub socket_folder: PathBuf,
    /// The cluster's files.
    pub data_folder: PathBuf,
    /// Where the server logs.
    pub log_file: PathBuf,
    /// The folder of `psql`, `pgbench`, `pg_dump` …
    pub binaries: PathBuf,
}

impl Connection {
    pub(crate) fn parse(lines: &str) -> Result<Self, PostgresError> {
        let text = |name: &str| {
            lines
                .lines()
                .filter_map(|line| line.split_once('='))
                .find_map(|(key, value)| (key.strip_prefix("POSTGRES_") == Some(name)).then_some(value))
                .map(str::to_owned)
                .ok_or_else(|| PostgresError::Server(format!("POSTGRES_{name} was not printed")))
        };
        let path = |name: &str| text(name).map(PathBuf::from);
        let port = text("PORT")?;
        let owner_password_file = path("OWNER_PASSWORD_FILE")?;
        let service_password_file = path("SERVICE_PASSWORD_FILE")?;
        Ok(Self {
            host: text("HOST")?,
            port: port.parse().map_err(|_| PostgresError::Server("POSTGRES_PORT is no port".to_owned()))?,
            database: text("DATABASE")?,
            owner: text("OWNER")?,
            owner_password: first_line(&owner_password_file)?,
            owner_password_file,
            service: text("SERVICE")?,
            service_password: first_line(&service_password_file)?,
            service_password_file,
            ca_file: path("CA_FILE")?,
            superuser: text("SUPERUSER")?,
            socket_folder: path("SOCKET_FOLDER")?,
            data_folder: path("DATA_FOLDER")?,
            log_file: path("LOG_FILE")?,
            binaries: path("BINARIES")?,
        })
    }
}

fn first_line(path: &Path) -> Result<String, PostgresError> {
    Ok(fs::read_to_string(path)?.trim_end_matches('\n').to_owned())
}
