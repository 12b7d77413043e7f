//! What a server does to its clients on a bad day.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::programs::psql;
use crate::{PostgresError, PostgresServer, Role};

impl PostgresServer {
    /// Ends every session of a role, as an administrator or a failover does, and waits until they are gone. Returns how
    /// many there were.
    pub fn terminate_backends(&self, role: Role) -> Result<usize, PostgresError> {
        let ended = self.superuser_sql(
            "postgres",
            &format!(
                "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
                 WHERE usename = '{}' AND pid <> pg_backend_pid()",
                self.name_of(role)
            ),
        )?;
        Ok(ended.parse().unwrap_or(0))
    }

    /// Makes the server refuse writes (SQLSTATE 25006), as a node does that lost its role as the primary, or accept them
    /// again. All sessions of the owner and the service end, so that none goes on with the old setting. It survives a
    /// restart of the server.
    pub fn set_read_only(&self, read_only: bool) -> Result<(), PostgresError> {
        let setting = if read_only { "on" } else { "off" };
        self.superuser_sql(
            "postgres",
            &format!(
                "ALTER SYSTEM SET default_transaction_read_only = {setting};
                 SELECT pg_reload_conf();"
            ),
        )?;
        // The server reads its settings in its own time, and a session begun before that would keep the old one.
        let began = Instant::now();
        while self.setting_of_a_new_session("default_transaction_read_only")? != setting {
            if began.elapsed() > Duration::from_secs(10) {
                return Err(PostgresError::SettingIgnored);
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.terminate_backends(Role::Service)?;
        self.terminate_backends(Role::Owner)?;
        Ok(())
    }

    /// Holds a table under an ACCESS EXCLUSIVE lock, so that everyone else waits, for this long
    /// or until the guard is dropped. Fails when the lock is not to be had within 10 s.
    pub fn lock_table(
        &self,
        database: &str,
        schema: &str,
        table: &str,
        longest: Duration,
    ) -> Result<TableLock, PostgresError> {
        let mut process = self
            .program("psql", Role::Superuser, database)
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-v",
                &format!("schema={schema}"),
                "-v",
                &format!("table={table}"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lock = TableLock { session: process.stdin.take(), process };
        if let Some(session) = lock.session.as_mut() {
            // The server itself keeps the time: it ends a session that idles in its transaction for longer.
            let milliseconds = longest.as_millis().max(1);
            writeln!(
                session,
                "SET lock_timeout = '10s';
                 SET idle_in_transaction_session_timeout = '{milliseconds}ms';
                 BEGIN;
                 LOCK TABLE :\"schema\".:\"table\" IN ACCESS EXCLUSIVE MODE;
                 \\echo locked"
            )?;
        }
        let mut said = String::new();
        if let Some(output) = lock.process.stdout.as_mut() {
            BufReader::new(output).read_line(&mut said)?;
        }
        if said.trim() == "locked" {
            return Ok(lock);
        }
        let mut message = String::new();
        if let Some(errors) = lock.process.stderr.as_mut() {
            errors.read_to_string(&mut message)?;
        }
        Err(PostgresError::Program { program: "psql".to_owned(), message: message.trim().to_owned() })
    }

    fn setting_of_a_new_session(&self, name: &str) -> Result<String, PostgresError> {
        let mut command = self.program("psql", Role::Superuser, "postgres");
        command.env_remove("PGOPTIONS");
        psql(command, &format!("SHOW {name}"))
    }
}

/// A lock on a table. Dropping it releases the lock, at the latest when the drop has returned.
#[derive(Debug)]
pub struct TableLock {
    process: Child,
    session: Option<ChildStdin>,
}

impl Drop for TableLock {
    fn drop(&mut self) {
        if let Some(mut session) = self.session.take() {
            // Fails when the time was up and the session is gone: then there is nothing to release.
            let _ = writeln!(session, "ROLLBACK;");
        }
        let _ = self.process.wait();
    }
}
