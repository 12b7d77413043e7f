//! The processes under measurement.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// A child that dies with its owner.
pub(crate) struct Process {
    child: Child,
    pub(crate) port: u16,
}

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn started(command: &mut Command, port: u16, log: &Path) -> Outcome<Self> {
        let log = File::create(log)?;
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut process = Self { child, port };
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = process.child.try_wait()? {
                return Err(format!("a process ended before it listened: {status}").into());
            }
            if began.elapsed() > Duration::from_secs(60) {
                return Err("a process did not listen within 60 s".into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A development vault in its own folder.
pub(crate) fn start_vault(binaries: &Path, directory: &Path) -> Outcome<Process> {
    let (port, operations_port) = (free_port()?, free_port()?);
    let mut command = Command::new(binaries.join("strongroomd"));
    command.arg("dev").arg("--dir").arg(directory);
    command.args(["--port", &port.to_string(), "--operations-port", &operations_port.to_string()]);
    Process::started(&mut command, port, &directory.with_extension("log"))
}

/// The echo, from this very binary.
pub(crate) fn start_echo(directory: &Path) -> Outcome<Process> {
    let port = free_port()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("echo").arg("--directory").arg(directory).args(["--port", &port.to_string()]);
    Process::started(&mut command, port, &directory.with_extension("echo.log"))
}

/// Where the certificates are.
pub(crate) fn folder(inside: &Path) -> PathBuf {
    inside.join("vault")
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
