//! The life of a server.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::{Connection, PostgresError};

/// A PostgreSQL server of its own, in a temporary folder. A clone is the same server.
///
/// The server ends and its folder goes when the last clone is dropped, and also when this process dies without dropping
/// anything: a guardian process waits for the end of a pipe that only this process holds.
#[derive(Debug, Clone)]
pub struct PostgresServer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    connection: Connection,
    databases: AtomicUsize,
    guardian: Guardian,
}

impl PostgresServer {
    /// A fresh server, with the roles and the database of a vault. Takes a few seconds.
    pub fn start() -> Result<Self, PostgresError> {
        let folder = tempfile::Builder::new().prefix("strongroom-postgres-").tempdir()?.keep();
        let (guardian, printed) = Guardian::start(&folder)?;
        let connection = Connection::parse(&printed)?;
        let shared = Shared { folder, connection, databases: AtomicUsize::new(0), guardian };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The one server that all tests of this process use, each with a [database](Self::database) of its own. Not for
    /// tests that stop the server.
    pub fn shared() -> Result<Self, PostgresError> {
        static SERVER: OnceLock<Result<PostgresServer, String>> = OnceLock::new();
        SERVER
            .get_or_init(|| Self::start().map_err(|error| error.to_string()))
            .clone()
            .map_err(PostgresError::Server)
    }

    /// How to reach it, and as whom.
    pub fn connection(&self) -> &Connection {
        &self.shared.connection
    }

    /// The address; the certificate is good for `localhost` too.
    pub fn host(&self) -> &str {
        &self.connection().host
    }

    /// The TCP port, the same all its life.
    pub fn port(&self) -> u16 {
        self.connection().port
    }

    /// All that the server logged so far.
    pub fn log(&self) -> Result<String, PostgresError> {
        Ok(String::from_utf8_lossy(&fs::read(&self.connection().log_file)?).into_owned())
    }

    /// Stops it: connections are told, everything is written down.
    pub fn stop_fast(&self) -> Result<(), PostgresError> {
        self.throwaway("stop", &[])
    }

    /// Drops it as if the power went: connections break, the next start recovers from the write-ahead log.
    pub fn stop_immediate(&self) -> Result<(), PostgresError> {
        self.throwaway("stop", &["--immediate"])
    }

    /// Starts it again after a stop, on the same port, and waits until it serves.
    pub fn start_again(&self) -> Result<(), PostgresError> {
        self.throwaway("start", &[])
    }

    /// The process that ends the server when this process ends.
    pub fn guardian_process(&self) -> u32 {
        self.shared.guardian.process.id()
    }

    pub(crate) fn next_database_number(&self) -> usize {
        self.shared.databases.fetch_add(1, Ordering::Relaxed)
    }

    fn throwaway(&self, command: &str, options: &[&str]) -> Result<(), PostgresError> {
        let output = Command::new(script()).arg(command).arg(&self.shared.folder).args(options).output()?;
        if output.status.success() {
            return Ok(());
        }
        Err(PostgresError::Server(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

/// `throwaway hold`: it has the server and the folder, for as long as its standard input stays open.
#[derive(Debug)]
struct Guardian {
    process: Child,
    lifeline: Option<ChildStdin>,
}

impl Guardian {
    fn start(folder: &Path) -> Result<(Self, String), PostgresError> {
        let mut process = Command::new(script())
            .arg("hold")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0) // An interrupt at the terminal is for the tests, not for who cleans up after them.
            .spawn()?;
        let lifeline = process.stdin.take();
        let output = process.stdout.take();
        let mut guardian = Self { process, lifeline };
        let mut printed = String::new();
        for line in output.map(BufReader::new).into_iter().flat_map(BufRead::lines) {
            let line = line?;
            if line == "held" {
                return Ok((guardian, printed));
            }
            printed.push_str(&line);
            printed.push('\n');
        }
        let mut complaint = String::new();
        if let Some(errors) = guardian.process.stderr.as_mut() {
            errors.read_to_string(&mut complaint)?;
        }
        Err(PostgresError::Server(complaint.trim().to_owned()))
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        self.lifeline.take();
        // Nothing could be done about a failure here.
        let _ = self.process.wait();
    }
}

pub(crate) fn script_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/postgres")
}

fn script() -> PathBuf {
    script_folder().join("throwaway")
}
