//! The vault as a process: started, killed, stopped, started again.

use std::fs::{self, OpenOptions};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::database::{Database, RecordLock};
use crate::{Caller, Outcome};

/// Longer than any start takes on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A development vault (`strongroomd dev`) in a folder of its own, which goes with it.
pub struct VaultProcess {
    folder: TempDir,
    port: u16,
    operations_port: u16,
    partner_port: u16,
    /// The card field's, and the origin of the shop that may embed it.
    field: Option<(u16, String)>,
    child: Option<Child>,
    database: Database,
}

impl VaultProcess {
    /// Makes the folder and starts the vault, ready on return. Logs are at their most verbose: a test that looks for
    /// leaks looks at the worst case, and every test is one.
    pub fn start() -> Outcome<Self> {
        let mut vault = Self::prepare()?;
        vault.launch()?;
        Ok(vault)
    }

    /// Starts it with the hosted card field, for pages of this origin.
    pub fn start_with_field(merchant_origin: &str) -> Outcome<Self> {
        let mut vault = Self::prepare()?;
        vault.field = Some((free_port()?, merchant_origin.to_owned()));
        vault.launch()?;
        Ok(vault)
    }

    /// Makes the folder without starting anything. The database is the one that the environment asks for.
    pub fn prepare() -> Outcome<Self> {
        Self::prepare_over(Database::of_this_run)
    }

    /// Makes the folder for a vault over this database.
    pub fn prepare_over(database: impl FnOnce(&Path) -> Outcome<Database>) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("strongroom-e2e-").tempdir()?;
        let database = database(folder.path())?;
        let (port, operations_port, partner_port) = (free_port()?, free_port()?, free_port()?);
        Ok(Self { folder, port, operations_port, partner_port, field: None, child: None, database })
    }

    /// Starts the vault over what its folder holds.
    pub fn launch(&mut self) -> Outcome<()> {
        self.spawn()?;
        let began = Instant::now();
        while !self.is_ready() {
            if let Some(child) = &mut self.child
                && let Some(status) = child.try_wait()?
            {
                self.child = None;
                return Err(format!("the vault did not start ({status}): {}", last_lines(&self.log())).into());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("the vault is not ready: {}", last_lines(&self.log())).into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Expects that the vault refuses to start, and returns what it said.
    pub fn launch_refused(&mut self) -> Outcome<String> {
        let said_before = self.log().len();
        self.spawn()?;
        let began = Instant::now();
        loop {
            let Some(child) = &mut self.child else { return Err("nothing was started".into()) };
            if let Some(status) = child.try_wait()? {
                self.child = None;
                if status.success() {
                    return Err("the vault ended without an error".into());
                }
                return Ok(self.log().get(said_before..).unwrap_or_default().to_owned());
            }
            if self.is_ready() {
                return Err("the vault started".into());
            }
            if began.elapsed() > PATIENCE {
                return Err("the vault neither started nor refused".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGKILL: no destructor, no last write.
    pub fn kill(&mut self) -> Outcome<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// SIGTERM, and waits until it has finished what it accepted.
    pub fn stop(&mut self) -> Outcome<ExitStatus> {
        let mut child = self.child.take().ok_or("not running")?;
        run_command(Command::new("kill").arg("-TERM").arg(child.id().to_string()))?;
        Ok(child.wait()?)
    }

    /// A caller with one of the development certificates, such as `acme-tokenizer`.
    pub fn caller(&self, identity: &str) -> Outcome<Caller> {
        Caller::new(&self.url(), self.folder.path(), Some(identity))
    }

    /// A caller without a certificate.
    pub fn stranger(&self) -> Outcome<Caller> {
        Caller::new(&self.url(), self.folder.path(), None)
    }

    /// The command line client as one of the identities.
    pub fn command_line(&self, identity: &str) -> Outcome<Command> {
        let mut command = Command::new(binary("strongroom")?);
        command
            .env("STRONGROOM_URL", self.url())
            .env("STRONGROOM_CA", self.path("ca.pem"))
            .env("STRONGROOM_CERT", self.path(&format!("clients/{identity}.pem")))
            .env("STRONGROOM_KEY", self.path(&format!("clients/{identity}.key")));
        Ok(command)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The port of health and metrics on 127.0.0.1.
    pub const fn operations_port(&self) -> u16 {
        self.operations_port
    }

    /// The port on 127.0.0.1 where its destination `partner` is to be, if a test serves one.
    pub const fn partner_port(&self) -> u16 {
        self.partner_port
    }

    /// Where health and metrics are.
    pub fn operations_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.operations_port)
    }

    /// The port of the card field on 127.0.0.1, if it was started with one.
    pub fn field_port(&self) -> Option<u16> {
        self.field.as_ref().map(|(port, _)| *port)
    }

    /// A path in its folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Its process id.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Its database.
    pub const fn database(&self) -> &Database {
        &self.database
    }

    /// Runs SQL on its database, as the database's administrator could.
    pub fn sql(&self, statement: &str) -> Outcome<String> {
        self.database.sql(statement)
    }

    /// Keeps the vault from writing its record until dropped.
    pub fn lock_record(&self) -> Outcome<RecordLock> {
        self.database.lock_record()
    }

    /// Agrees, as the host's operator, to exactly these lines.
    pub fn approve(&self, lines: &str) -> Outcome<()> {
        let path = self.path("approvals");
        fs::write(&path, lines)?;
        run_command(Command::new("chmod").arg("600").arg(path)).map(drop)
    }

    /// Everything it has logged, over all its starts.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("test.log")).unwrap_or_default()
    }

    /// Every file in its folder and of its database.
    pub fn files(&self) -> Outcome<Vec<PathBuf>> {
        let mut found = files(self.folder.path())?;
        for folder in self.database.folders_elsewhere() {
            found.extend(files(&folder)?);
        }
        Ok(found)
    }

    fn spawn(&mut self) -> Outcome<()> {
        let log = OpenOptions::new().create(true).append(true).open(self.path("test.log"))?;
        let child = Command::new(binary("strongroomd")?)
            .args(["dev", "--dir"])
            .arg(self.folder.path())
            .args(["--port", &self.port.to_string(), "--operations-port", &self.operations_port.to_string()])
            .args(["--partner-port", &self.partner_port.to_string()])
            .args(["--log", &std::env::var("STRONGROOM_TEST_LOG").unwrap_or_else(|_| "trace".to_owned())])
            .args(self.database.arguments())
            .args(self.field.iter().flat_map(|(port, merchant)| {
                [
                    "--field-port".to_owned(),
                    port.to_string(),
                    "--merchant-origin".to_owned(),
                    merchant.clone(),
                ]
            }))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    fn is_ready(&self) -> bool {
        is_ready(self.operations_port)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) const fn ports(&self) -> (u16, u16) {
        (self.port, self.operations_port)
    }
}

impl Drop for VaultProcess {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Whether the node with this operations port says on `/readyz` that it is; no answer within two seconds is a no.
pub fn is_ready(operations_port: u16) -> bool {
    use std::io::{Read, Write};
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", operations_port)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let request = "GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// A binary of this build.
pub fn binary(name: &str) -> Outcome<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.parent().and_then(Path::parent).ok_or("a test binary has no folder")?;
    let path = folder.join(name);
    if path.is_file() {
        Ok(path)
    } else {
        Err(format!("{name} is not built: run `cargo build --workspace --bins` first").into())
    }
}

/// Runs a command to its end; anything but success is an error with what it said.
pub fn run_command(command: &mut Command) -> Outcome<Output> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} ended with {}: {said}", command.get_program().to_string_lossy(), output.status).into())
}

pub(crate) fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// A port of 127.0.0.1 that nobody listens on.
pub fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

pub(crate) fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
