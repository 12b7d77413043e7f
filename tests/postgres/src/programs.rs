//! PostgreSQL's own client programs, each as one of the roles.

use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use crate::{PostgresError, PostgresServer};

/// As whom to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The superuser, through the Unix socket, without a password. Writes even when the server is set to read-only.
    Superuser,
    /// `strongroom_owner`, by TLS and password, the server's certificate verified.
    Owner,
    /// `strongroom_service`, likewise.
    Service,
}

impl PostgresServer {
    /// A role's name.
    pub fn name_of(&self, role: Role) -> &str {
        match role {
            Role::Superuser => &self.connection().superuser,
            Role::Owner => &self.connection().owner,
            Role::Service => &self.connection().service,
        }
    }

    /// A client program (`psql`, `pgbench`, `pg_dump` …) that connects to this database as this role, all by environment
    /// variables of libpq: what the caller sets or passes as an argument goes before.
    pub fn program(&self, name: &str, role: Role, database: &str) -> Command {
        let connection = self.connection();
        let mut command = Command::new(connection.binaries.join(name));
        command
            .env_clear() // Nobody's own PGHOST or PGOPTIONS.
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("LC_ALL", "C")
            .env("PGCONNECT_TIMEOUT", "20")
            .env("PGUSER", self.name_of(role))
            .env("PGDATABASE", database)
            .env("PGPORT", connection.port.to_string());
        let password = match role {
            Role::Superuser => {
                command.env("PGHOST", &connection.socket_folder);
                command.env("PGOPTIONS", "-c default_transaction_read_only=off");
                return command;
            }
            Role::Owner => &connection.owner_password,
            Role::Service => &connection.service_password,
        };
        command
            .env("PGHOST", &connection.host)
            .env("PGPASSWORD", password)
            .env("PGSSLMODE", "verify-full")
            .env("PGSSLROOTCERT", &connection.ca_file);
        command
    }

    /// Runs SQL statements, each a transaction of its own unless they say otherwise, and returns the rows: one a line,
    /// columns apart by `|`. Stops at the first error.
    pub fn sql(&self, role: Role, database: &str, sql: &str) -> Result<String, PostgresError> {
        psql(self.program("psql", role, database), sql)
    }

    /// [`Self::sql`] as the superuser.
    pub fn superuser_sql(&self, database: &str, sql: &str) -> Result<String, PostgresError> {
        self.sql(Role::Superuser, database, sql)
    }

    /// Runs `pgbench` with these arguments and returns its report. The service's way is the vault's: TCP, TLS, SCRAM.
    pub fn pgbench(&self, role: Role, database: &str, arguments: &[&str]) -> Result<String, PostgresError> {
        let mut command = self.program("pgbench", role, database);
        command.args(arguments);
        outcome("pgbench", command, "")
    }
}

/// `psql` on a prepared command, for connections that are unlike those of [`PostgresServer::program`].
pub(crate) fn psql(mut command: Command, sql: &str) -> Result<String, PostgresError> {
    command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
    outcome("psql", command, sql)
}

fn outcome(program: &str, mut command: Command, input: &str) -> Result<String, PostgresError> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    let output = thread::scope(|scope| {
        // Beside the reading, lest both sides wait with full pipes. A program that stops early says why by itself.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned());
    }
    let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(PostgresError::Program { program: program.to_owned(), message })
}
