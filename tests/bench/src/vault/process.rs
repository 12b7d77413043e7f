//! Processes under measurement.

use std::fs::OpenOptions;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;

/// A child that listens, and dies with its owner.
pub(crate) struct Process {
    child: Child,
    port: u16,
}

impl Process {
    /// Starts it and waits until something listens on its port.
    pub(crate) fn start(command: &mut Command, port: u16, log: &Path) -> Outcome<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut process = Self { child, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            process.must_live()?;
            if began.elapsed() > Duration::from_secs(120) {
                return Err("a process did not listen within two minutes".into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(process)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// An error if it has ended.
    pub(crate) fn must_live(&mut self) -> Outcome<()> {
        match self.child.try_wait()? {
            Some(status) => Err(format!("a process ended by itself: {status}").into()),
            None => Ok(()),
        }
    }

    /// SIGTERM, and waits until it has finished what it accepted.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        run_to_end(Command::new("kill").arg("-TERM").arg(self.child.id().to_string()))?;
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("a process did not end well: {status}").into()) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end; anything but success is an error with what it said.
pub(crate) fn run_to_end(command: &mut Command) -> Outcome<Output> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} ended with {}: {said}", command.get_program().to_string_lossy(), output.status).into())
}

/// A port of the loopback interface that is free at this moment.
pub(crate) fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
