//! A further node of a vault: the same token, the same database, a configuration of its own.

use std::fs::{self, OpenOptions};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use crate::process::{PATIENCE, VaultProcess, binary, free_port, is_ready, last_lines, run_command};
use crate::{Caller, Outcome};

/// `strongroomd serve` beside a development vault, whose folder must outlive it.
pub struct Node {
    name: String,
    folder: PathBuf,
    port: u16,
    operations_port: u16,
    child: Option<Child>,
}

impl VaultProcess {
    /// Makes a node of this name over the vault's token and database, which must have started once. Its configuration is
    /// the vault's own with another name, other ports and a witness of its own; and with these replacements, each of
    /// which must apply.
    pub fn prepare_node(&self, name: &str, replacements: &[(String, String)]) -> Outcome<Node> {
        let (port, operations_port) = (free_port()?, free_port()?);
        let (its_port, its_operations_port) = self.ports();
        let mut text = fs::read_to_string(self.path("strongroomd.toml"))?;
        let own = [
            ("node = \"dev\"".to_owned(), format!("node = \"{name}\"")),
            (format!("127.0.0.1:{its_port}\""), format!("127.0.0.1:{port}\"")),
            (format!("127.0.0.1:{its_operations_port}\""), format!("127.0.0.1:{operations_port}\"")),
            ("witness/checkpoints.txt".to_owned(), format!("witness/{name}.txt")),
        ];
        for (from, to) in own.iter().chain(replacements) {
            if !text.contains(from) {
                return Err(format!("the vault's configuration has no {from}").into());
            }
            text = text.replace(from, to);
        }
        let folder = self.folder().to_owned();
        let node = Node { name: name.to_owned(), folder, port, operations_port, child: None };
        fs::write(node.config(), text)?;
        run_command(Command::new("chmod").arg("600").arg(node.config()))?;
        Ok(node)
    }
}

impl Node {
    /// Starts it; ready on return.
    pub fn launch(&mut self) -> Outcome<()> {
        self.spawn()?;
        let began = Instant::now();
        while !is_ready(self.operations_port) {
            if let Some(child) = &mut self.child
                && let Some(status) = child.try_wait()?
            {
                self.child = None;
                return Err(format!("the node did not start ({status}): {}", last_lines(&self.log())).into());
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("the node is not ready: {}", last_lines(&self.log())).into());
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Ok(())
    }

    /// Starts it and waits for its end: how it ended, and what it said.
    pub fn launch_to_the_end(&mut self) -> Outcome<(ExitStatus, String)> {
        let said_before = self.log().len();
        self.spawn()?;
        let began = Instant::now();
        loop {
            let Some(child) = &mut self.child else { return Err("nothing was started".into()) };
            if let Some(status) = child.try_wait()? {
                self.child = None;
                return Ok((status, self.log().get(said_before..).unwrap_or_default().to_owned()));
            }
            if began.elapsed() > PATIENCE {
                self.kill()?;
                return Err("the node does not end".into());
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
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

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// A caller with one of the vault's development certificates.
    pub fn caller(&self, identity: &str) -> Outcome<Caller> {
        Caller::new(&format!("https://127.0.0.1:{}", self.port), &self.folder, Some(identity))
    }

    /// The port of health and metrics on 127.0.0.1.
    pub const fn operations_port(&self) -> u16 {
        self.operations_port
    }

    /// Where its witness keeps checkpoints.
    pub fn witness(&self) -> PathBuf {
        self.folder.join(format!("witness/{}.txt", self.name))
    }

    /// Everything it has logged, over all its starts.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn spawn(&mut self) -> Outcome<()> {
        let log = OpenOptions::new().create(true).append(true).open(self.log_file())?;
        let child = Command::new(binary("strongroomd")?)
            .args(["serve", "--config"])
            .arg(self.config())
            .env("SOFTHSM2_CONF", self.folder.join("token/softhsm2.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.child = Some(child);
        Ok(())
    }

    fn config(&self) -> PathBuf {
        self.folder.join(format!("{}.toml", self.name))
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}
