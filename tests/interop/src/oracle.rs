//! Another implementation, asked through its script.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{InteropError, installation};

/// A script of this package, with the packages that it needs installed.
pub struct Oracle {
    interpreter: PathBuf,
    /// What the interpreter has to be told.
    variable: (&'static str, PathBuf),
    script: PathBuf,
}

impl Oracle {
    /// `python/<format>.py`.
    pub fn python(format: &str) -> Result<Self, InteropError> {
        let script = installation::package(&format!("python/{format}.py"));
        // Nothing is written beside the scripts.
        let variable = ("PYTHONDONTWRITEBYTECODE", "1".into());
        Ok(Self { interpreter: installation::python()?, variable, script })
    }

    /// `node/<format>.cjs`.
    pub fn node(format: &str) -> Result<Self, InteropError> {
        let script = installation::package(&format!("node/{format}.cjs"));
        let variable = ("NODE_PATH", installation::node_modules(&installation::package(""), "node")?);
        Ok(Self { interpreter: "node".into(), variable, script })
    }

    /// Asks it everything in one process, since starting one costs more than most requests.
    pub fn ask(&self, requests: &[Value]) -> Result<Vec<Value>, InteropError> {
        let name = self.script.display().to_string();
        let at = installation::at(&self.script);
        let mut child = self.command().spawn().map_err(&at)?;
        // Dropped with the last byte: the script reads to the end before it answers.
        if let Some(mut stdin) = child.stdin.take() {
            match stdin.write_all(Value::from(requests).to_string().as_bytes()) {
                // A script that ended early has its reasons on its standard error, which say more than a broken pipe.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(at(error)),
                _ => {}
            }
        }
        let output = child.wait_with_output().map_err(&at)?;
        if !output.status.success() {
            return Err(installation::failed(name, &output.stderr));
        }
        match serde_json::from_slice::<Vec<Value>>(&output.stdout) {
            Ok(answers) if answers.len() == requests.len() => Ok(answers),
            _ => Err(InteropError::Answer(name)),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        let (name, value) = &self.variable;
        command
            .env(name, value)
            .arg(&self.script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}
