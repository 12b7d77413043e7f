use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::connections::Limits;

/// The schema that holds all tables.
pub(super) const SCHEMA: &str = "strongroom";
/// Statements that a connection keeps prepared: every text there is fits.
const PREPARED_STATEMENTS: usize = 256;
/// How much longer than the server's own timeout an answer may take before the connection is given up.
const GRACE: Duration = Duration::from_secs(1);

/// Where the database is and how it is used.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    /// The server.
    pub server: PostgresServer,
    /// The database's name.
    pub database: String,
    /// The role to connect as: the owner of the schema to migrate, the service role to run.
    pub role: String,
    /// Its password. None where the server knows it by other means (a Unix socket's peer).
    pub password: Option<SecretString>,
    /// To whom a migration gives the service's rights. The role must exist.
    pub service_role: String,
    /// Connections that write: as many commits run side by side.
    pub writers: u32,
    /// Connections that read.
    pub readers: u32,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// How long a statement may wait for a lock.
    pub lock_timeout: Duration,
    /// How long to wait for a free connection.
    pub wait_timeout: Duration,
    /// Run as a role that could change the schema or the audit record. For trials alone.
    pub danger_accept_powerful_role: bool,
}

/// How the server is reached.
#[derive(Debug, Clone)]
pub enum PostgresServer {
    /// By name or address.
    Tcp {
        /// Name or address; the server's certificate must be for it.
        host: String,
        /// Port.
        port: u16,
        /// Why to believe that it is the server.
        trust: PostgresTrust,
    },
    /// On this machine, by a Unix socket. Nobody can listen in on it, so it goes without TLS.
    UnixSocket {
        /// The folder that the socket is in.
        folder: PathBuf,
        /// The port that its name ends with.
        port: u16,
    },
}

/// Why to believe that a server is the right one.
#[derive(Debug, Clone)]
pub enum PostgresTrust {
    /// Its certificate is for the host and comes from one of the authorities in this file (PEM). The public web's
    /// authorities are believed as well: give the server a name that they do not certify.
    Verified {
        /// The file.
        authorities: PathBuf,
    },
    /// TLS with whoever answers: whoever sits between can read and change everything.
    DangerUnverified,
    /// No TLS: whoever sees the network reads everything.
    DangerPlaintext,
}

impl PostgresConfig {
    /// This database, and what suits most machines.
    pub fn at(server: PostgresServer, database: impl Into<String>, role: impl Into<String>) -> Self {
        Self {
            server,
            database: database.into(),
            role: role.into(),
            password: None,
            service_role: "strongroom_service".to_owned(),
            writers: 2,
            readers: 4,
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(2),
            wait_timeout: Duration::from_secs(5),
            danger_accept_powerful_role: false,
        }
    }

    /// For connections that commit.
    pub(super) fn writing(&self) -> PgConnectOptions {
        self.serving()
    }

    /// For connections that read.
    pub(super) fn reading(&self) -> PgConnectOptions {
        self.serving().options([("default_transaction_read_only", "on")])
    }

    /// For the owner's connection. A migration takes as long as it takes.
    pub(super) fn migrating(&self) -> PgConnectOptions {
        self.connecting().options([("lock_timeout", millis(self.lock_timeout))])
    }

    pub(super) fn limits(&self) -> Limits {
        Limits {
            connect: self.connect_timeout,
            wait: self.wait_timeout,
            answer: self.statement_timeout.saturating_add(GRACE),
        }
    }

    fn serving(&self) -> PgConnectOptions {
        self.connecting()
            .options([
                ("statement_timeout", millis(self.statement_timeout)),
                ("lock_timeout", millis(self.lock_timeout)),
                ("idle_in_transaction_session_timeout", millis(self.statement_timeout)),
            ])
            .options([
                ("default_transaction_isolation", "read committed"),
                // A statement whose client is gone is not worth finishing.
                ("client_connection_check_interval", "1s"),
                // Every statement is planned once a connection and goes by index, whatever the statistics say today.
                ("plan_cache_mode", "force_generic_plan"),
                ("enable_seqscan", "off"),
                ("enable_bitmapscan", "off"),
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
                ("jit", "off"),
            ])
    }

    fn connecting(&self) -> PgConnectOptions {
        let options = PgConnectOptions::new_without_pgpass()
            .username(&self.role)
            .password(self.password.as_ref().map_or("", |password| password.expose_secret()))
            .database(&self.database)
            .application_name("strongroom")
            .statement_cache_capacity(PREPARED_STATEMENTS)
            .extra_float_digits(None)
            .options([("search_path", format!("{SCHEMA},pg_temp"))])
            // The driver logs what the server tells beside its answers, and such texts name tables and repeat values.
            .options([("client_min_messages", "error")])
            .options([
                ("tcp_keepalives_idle", 30),
                ("tcp_keepalives_interval", 10),
                ("tcp_keepalives_count", 3),
            ])
            .disable_statement_logging();
        match &self.server {
            PostgresServer::UnixSocket { folder, port } => {
                options.socket(folder).port(*port).ssl_mode(PgSslMode::Disable)
            }
            PostgresServer::Tcp { host, port, trust } => {
                let options = options.host(host).port(*port);
                match trust {
                    PostgresTrust::Verified { authorities } => {
                        options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(authorities)
                    }
                    PostgresTrust::DangerUnverified => options.ssl_mode(PgSslMode::Require),
                    PostgresTrust::DangerPlaintext => options.ssl_mode(PgSslMode::Disable),
                }
            }
        }
    }
}

/// As the server's settings want it; never 0, which would be no limit.
fn millis(duration: Duration) -> String {
    format!("{}ms", duration.as_millis().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_printed() {
        let server = PostgresServer::UnixSocket { folder: "/run/postgresql".into(), port: 5432 };
        let mut config = PostgresConfig::at(server, "vault", "strongroom_service");
        config.password = Some("correct horse".into());
        assert!(!format!("{config:?}").contains("horse"));
    }

    #[test]
    fn the_server_tells_nothing_beside_its_answers() {
        let server = PostgresServer::UnixSocket { folder: "/run/postgresql".into(), port: 5432 };
        let config = PostgresConfig::at(server, "vault", "strongroom_service");
        for options in [config.writing(), config.reading(), config.migrating()] {
            assert!(options.get_options().is_some_and(|set| set.contains("client_min_messages=error")));
        }
    }

    #[test]
    fn a_server_must_prove_who_it_is_unless_danger_is_asked_for() {
        let mode = |trust| {
            let server = PostgresServer::Tcp { host: "db.internal".to_owned(), port: 5432, trust };
            PostgresConfig::at(server, "vault", "strongroom_service").writing().get_ssl_mode()
        };
        let verified = PostgresTrust::Verified { authorities: "ca.pem".into() };
        assert!(matches!(mode(verified), PgSslMode::VerifyFull));
        assert!(matches!(mode(PostgresTrust::DangerUnverified), PgSslMode::Require));
        assert!(matches!(mode(PostgresTrust::DangerPlaintext), PgSslMode::Disable));
    }
}
