//! A PostgreSQL server for one run: `deploy/postgres/throwaway`, durable, with TLS and the two roles of a vault.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::Outcome;

/// The script, from this crate's folder.
const THROWAWAY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/postgres/throwaway");

pub(super) struct Server {
    /// Removes the server when its standard input ends.
    holder: Child,
    said: HashMap<String, String>,
    postmaster: u32,
    _parent: TempDir,
}

impl Server {
    pub(super) fn start() -> Outcome<Self> {
        // Its own, because the server's user must be able to pass through.
        let parent = tempfile::Builder::new().prefix("strongroom-bench-postgres-").tempdir()?;
        passable(parent.path())?;
        let mut holder = Command::new(THROWAWAY)
            .arg("hold")
            .arg(parent.path().join("server"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = HashMap::new();
        for line in BufReader::new(holder.stdout.take().ok_or("no output to read")?).lines() {
            let line = line?;
            if line == "held" {
                let mut server = Self { holder, said, postmaster: 0, _parent: parent };
                let file = Path::new(server.said("DATA_FOLDER")?).join("postmaster.pid");
                let text = std::fs::read_to_string(file)?;
                server.postmaster = text.lines().next().unwrap_or_default().trim().parse()?;
                return Ok(server);
            }
            if let Some((name, value)) = line.split_once('=') {
                said.insert(name.to_owned(), value.to_owned());
            }
        }
        holder.wait()?;
        Err("deploy/postgres/throwaway started no server".into())
    }

    pub(super) const fn postmaster(&self) -> u32 {
        self.postmaster
    }

    /// What the server said of itself under `POSTGRES_<name>`.
    pub(super) fn said(&self, name: &str) -> Outcome<&str> {
        let value = self.said.get(&format!("POSTGRES_{name}"));
        value.map(String::as_str).ok_or_else(|| format!("the server did not say its {name}").into())
    }

    /// A program of PostgreSQL's that connects to it as the vault does: over TLS, as the service.
    pub(super) fn as_service(&self, program: &str) -> Outcome<Command> {
        let password = std::fs::read_to_string(self.said("SERVICE_PASSWORD_FILE")?)?;
        let mut command = self.program(program)?;
        command
            .env("PGHOST", "localhost")
            .env("PGUSER", self.said("SERVICE")?)
            .env("PGPASSWORD", password.trim())
            .env("PGSSLMODE", "verify-full")
            .env("PGSSLROOTCERT", self.said("CA_FILE")?);
        Ok(command)
    }

    /// A program of PostgreSQL's that connects to it as its superuser, through the socket.
    pub(super) fn as_superuser(&self, program: &str) -> Outcome<Command> {
        let mut command = self.program(program)?;
        command.env("PGHOST", self.said("SOCKET_FOLDER")?).env("PGUSER", self.said("SUPERUSER")?);
        Ok(command)
    }

    fn program(&self, name: &str) -> Outcome<Command> {
        let mut command = Command::new(PathBuf::from(self.said("BINARIES")?).join(name));
        command.env("PGPORT", self.said("PORT")?).env("PGDATABASE", self.said("DATABASE")?);
        // The vault's tables are in a schema of their own.
        command.env("PGOPTIONS", "-c search_path=strongroom,public");
        Ok(command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}

fn passable(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711))
}
