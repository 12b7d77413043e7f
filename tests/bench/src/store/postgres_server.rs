//! A PostgreSQL server for one run: TLS, password, everything on disk at each commit as by default.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Outcome;
use crate::vault::{free_port, run_to_end};

pub(super) struct Server {
    child: Child,
    programs: PathBuf,
    pub(super) port: u16,
    pub(super) password_file: PathBuf,
    pub(super) ca_file: PathBuf,
    _folder: TempDir,
}

impl Server {
    pub(super) const USER: &str = "strongroom";
    pub(super) const DATABASE: &str = "strongroom";
    const PASSWORD: &str = "benchmark";

    /// Starts one with the certificate of the vault in this folder.
    pub(super) fn start(vault: &Path) -> Outcome<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("strongroom-bench-postgres-").tempdir()?;
        let owner = owner()?;
        let own = |path: &Path| owner.map_or(Ok(()), |(user, group)| chown(path, Some(user), Some(group)));
        own(folder.path())?;
        for (from, to) in [("server.pem", "server.pem"), ("server.key", "server.key")] {
            let to = folder.path().join(to);
            fs::copy(vault.join(from), &to)?;
            fs::set_permissions(&to, Permissions::from_mode(0o600))?;
            own(&to)?;
        }
        let initial = folder.path().join("password");
        let password_file = vault.join("postgres-password");
        for path in [&initial, &password_file] {
            fs::write(path, Self::PASSWORD)?;
            fs::set_permissions(path, Permissions::from_mode(0o400))?;
        }
        own(&initial)?;
        let data = folder.path().join("data");
        let mut initdb = as_owner(programs.join("initdb"), owner);
        initdb.args(["--username", Self::USER, "--auth", "scram-sha-256", "--encoding", "UTF8"]);
        initdb.args(["--locale", "C", "--pwfile"]).arg(&initial).arg("--pgdata").arg(&data);
        run_to_end(initdb.current_dir(folder.path()))?;
        let port = free_port()?;
        let mut postgres = as_owner(programs.join("postgres"), owner);
        postgres.arg("-D").arg(&data).current_dir(folder.path());
        for setting in [
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            "unix_socket_directories=".to_owned(),
            "max_connections=200".to_owned(),
            "shared_buffers=256MB".to_owned(),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", folder.path().join("server.pem").display()),
            format!("ssl_key_file={}", folder.path().join("server.key").display()),
        ] {
            postgres.args(["-c", &setting]);
        }
        let log = fs::File::create(vault.join("postgres.log"))?;
        let child = postgres.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let ca_file = vault.join("ca.pem");
        let server = Self { child, programs, port, password_file, ca_file, _folder: folder };
        server.wait_until_ready()?;
        Ok(server)
    }

    pub(super) fn postmaster(&self) -> u32 {
        self.child.id()
    }

    /// A program of PostgreSQL's that connects to it, over TLS, as the vault's user.
    pub(super) fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .env("PGHOST", "localhost")
            .env("PGPORT", self.port.to_string())
            .env("PGUSER", Self::USER)
            .env("PGPASSWORD", Self::PASSWORD)
            .env("PGDATABASE", Self::DATABASE)
            .env("PGSSLMODE", "verify-full")
            .env("PGSSLROOTCERT", &self.ca_file);
        command
    }

    fn wait_until_ready(&self) -> Outcome<()> {
        let began = Instant::now();
        loop {
            let mut create = self.client("createdb");
            match run_to_end(create.env_remove("PGDATABASE").args([
                "--maintenance-db",
                "postgres",
                Self::DATABASE,
            ])) {
                Ok(_) => return Ok(()),
                Err(error) if began.elapsed() > Duration::from_secs(30) => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is its fast shutdown; nobody needs the data, but its shared memory should go.
        let stopped = run_to_end(Command::new("kill").arg("-INT").arg(self.child.id().to_string()));
        if stopped.is_err() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The newest there is in the usual place, or what is in the path.
fn programs() -> Outcome<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let programs = entry.path().join("bin");
            let version = entry.file_name().to_str()?.parse().ok()?;
            programs.join("postgres").exists().then_some((version, programs))
        })
        .collect();
    found.sort();
    found
        .pop()
        .map(|(_, programs)| programs)
        .ok_or_else(|| "no PostgreSQL server in /usr/lib/postgresql".into())
}

/// PostgreSQL refuses to run as root: then it runs as its own user.
fn owner() -> Outcome<Option<(u32, u32)>> {
    let id = |arguments: &[&str]| -> Outcome<u32> {
        Ok(String::from_utf8(run_to_end(Command::new("id").args(arguments))?.stdout)?.trim().parse()?)
    };
    if id(&["-u"])? == 0 { Ok(Some((id(&["-u", "postgres"])?, id(&["-g", "postgres"])?))) } else { Ok(None) }
}

fn as_owner(program: PathBuf, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}
