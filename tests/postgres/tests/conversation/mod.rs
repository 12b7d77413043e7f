use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use strongroom_postgres_server::{CuttingProxy, Role, TestDatabase};

/// psql that stays: one connection, one line at a time.
pub(crate) struct Session {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    pub(crate) fn open(database: &TestDatabase, proxy: &CuttingProxy, tls: &str) -> Self {
        let mut command = database.server().program("psql", Role::Service, database.name());
        let mut process = command
            .env("PGPORT", proxy.port().to_string())
            .env("PGSSLMODE", tls)
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, input, output: BufReader::new(output) }
    }

    /// What the server answers; nothing when the connection broke.
    pub(crate) fn ask(&mut self, sql: &str) -> Option<String> {
        self.send(sql);
        self.answer()
    }

    pub(crate) fn send(&mut self, sql: &str) {
        // Fails when psql has gone, which the missing answer tells.
        let _ = writeln!(self.input, "{sql}");
    }

    pub(crate) fn answer(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.output.read_line(&mut line).unwrap();
        (length > 0).then(|| line.trim().to_owned())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A statement of this length, about.
pub(crate) fn insert(number: u32, length: usize) -> String {
    format!("INSERT INTO boxes VALUES ({number}, '{}') RETURNING 'inserted';", "x".repeat(length))
}

/// As the superuser sees it, past the proxy.
pub(crate) fn rows(database: &TestDatabase) -> String {
    database.sql(Role::Superuser, "SELECT count(*) FROM boxes").unwrap()
}
