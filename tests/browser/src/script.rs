//! A script of this package, run by Node.js with the packages that it needs.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use strongroom_interop::InteropError;

/// Why a script gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The packages could not be installed.
    #[error(transparent)]
    Installation(#[from] InteropError),
    /// It found something wrong, or broke. What it said is in the message.
    #[error("{script}:\n{said}")]
    Failed {
        /// Which.
        script: String,
        /// What it wrote.
        said: String,
    },
    /// Its answer is no JSON.
    #[error("{0} did not answer in JSON")]
    Answer(String),
    /// Files and processes.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
}

/// A script below `node/`.
pub struct Script {
    path: PathBuf,
    node_modules: PathBuf,
}

impl Script {
    /// `node/<name>.mjs`.
    pub fn named(name: &str) -> Result<Self, ScriptError> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let node_modules = strongroom_interop::node_modules(package, "browser")?;
        Ok(Self { path: package.join(format!("node/{name}.mjs")), node_modules })
    }

    /// Runs it to its end, for nothing but that it ends well.
    pub fn passes(&self) -> Result<(), ScriptError> {
        self.run(&Value::Null).map(drop)
    }

    /// Gives it one JSON value and reads another.
    pub fn ask(&self, request: &Value) -> Result<Value, ScriptError> {
        let answer = self.run(request)?;
        serde_json::from_slice(&answer).map_err(|_| ScriptError::Answer(self.name()))
    }

    fn run(&self, request: &Value) -> Result<Vec<u8>, ScriptError> {
        let at = |error| ScriptError::Io(self.name(), error);
        let mut child = Command::new("node")
            .env("NODE_PATH", &self.node_modules)
            .arg(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(at)?;
        // Dropped with the last byte. A script that does not ask may be gone before it is there.
        if let Some(mut stdin) = child.stdin.take() {
            let _ = stdin.write_all(request.to_string().as_bytes());
        }
        let output = child.wait_with_output().map_err(at)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = [output.stdout, output.stderr].concat();
        Err(ScriptError::Failed { script: self.name(), said: String::from_utf8_lossy(&said).into_owned() })
    }

    fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}
