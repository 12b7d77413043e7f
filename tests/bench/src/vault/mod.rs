//! The vault under measurement: a release build in a folder of its own, made by `init` and run by `serve` as in
//! production, on a software token and either store.

mod authority;
mod configuration;
mod metrics;
mod process;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConfig;
use serde_json::{Value, json};
use strongroom_softhsm::{CONFIG_VARIABLE, DevelopmentToken};
use tempfile::TempDir;

use crate::load::{Load, Requests, ask_each, ask_once};
use crate::plan::{Plan, StoreKind};
use crate::store::StoreUnderTest;
use crate::{Outcome, cpu, tls};
use authority::Authority;
pub(crate) use configuration::quoted;
use process::Process;
pub(crate) use process::{free_port, run_to_end};

/// Whose names the vault accepts.
const TRUST_DOMAIN: &str = "bench.example";
/// The tenants of every vault here.
pub(crate) const TENANTS: [&str; 2] = ["acme", "globex"];
const IDENTITY_ADMIN: &str = "identity-admin";
/// The roles that the works need; each is held by a service named after it.
const ROLES: [&str; 5] = ["tokenizer", "detokenizer", "encryptor", "decryptor", "key-admin"];

/// A vault with two tenants and a service for each role. Dropping it removes everything.
pub(crate) struct Vault {
    process: Option<Process>,
    pub(crate) store: StoreUnderTest,
    token: DevelopmentToken,
    binaries: PathBuf,
    port: u16,
    operations_port: u16,
    // Last: the processes above work in it.
    folder: TempDir,
}

impl Vault {
    /// A new one, running.
    pub(crate) fn fresh(plan: &Plan, kind: StoreKind) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("strongroom-bench-").tempdir()?;
        for name in ["clients", "data"] {
            private_folder(&folder.path().join(name))?;
        }
        let authority = Authority::create(folder.path())?;
        for tenant in TENANTS {
            for service in ROLES.iter().chain([&IDENTITY_ADMIN]) {
                authority.issue_client(TRUST_DOMAIN, tenant, service)?;
            }
        }
        let mut vault = Self {
            process: None,
            store: StoreUnderTest::start(kind, folder.path())?,
            token: DevelopmentToken::open_or_create(&folder.path().join("token"))?,
            binaries: plan.binaries.clone(),
            port: free_port()?,
            operations_port: free_port()?,
            folder,
        };
        configuration::write(&vault)?;
        vault.migrate()?;
        vault.initialise(TENANTS.iter().map(ToString::to_string))?;
        vault.start()?;
        TENANTS.iter().try_for_each(|tenant| vault.appoint(tenant))?;
        Ok(vault)
    }

    /// Starts it; how long until it said that it is ready.
    pub(crate) fn start(&mut self) -> Outcome<Duration> {
        let mut command = self.strongroomd("serve");
        let began = Instant::now();
        let mut process =
            Process::start(&mut command, self.port, &self.folder.path().join("strongroomd.log"))?;
        while !metrics::is_ready(self.operations_port) {
            process.must_live()?;
            if began.elapsed() > Duration::from_secs(120) {
                return Err("the vault was not ready within two minutes".into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.process = Some(process);
        Ok(began.elapsed())
    }

    /// Stops it as an operator would, so that its database is whole and nobody's.
    pub(crate) fn stop(&mut self) -> Outcome<()> {
        self.process.take().map_or(Ok(()), Process::stop)
    }

    /// `strongroomd migrate`, where the store does not bring its schema up to date itself.
    fn migrate(&self) -> Outcome<()> {
        let Some((owner, password_file)) = self.store.owner()? else { return Ok(()) };
        let mut command = self.strongroomd("migrate");
        command.args(["--owner", owner, "--owner-password-file", password_file]);
        run_to_end(&mut command).map(drop)
    }

    /// `strongroomd init` with these tenants more. Only while it is stopped.
    pub(crate) fn initialise(&self, tenants: impl Iterator<Item = String>) -> Outcome<()> {
        let mut command = self.strongroomd("init");
        command.args(["--identity-admin", IDENTITY_ADMIN]);
        tenants.for_each(|tenant| {
            command.args(["--tenant", &tenant]);
        });
        run_to_end(&mut command).map(drop)
    }

    /// Asks as a service of acme, and wants success.
    pub(crate) fn ask(&self, service: &str, path: &str, body: &Value) -> Outcome<Value> {
        self.ask_as("acme", service, path, body)
    }

    /// Asks as a service of a tenant, and wants success.
    pub(crate) fn ask_as(&self, tenant: &str, service: &str, path: &str, body: &Value) -> Outcome<Value> {
        let answer = ask_once(self.port, &self.client(tenant, service)?, path, &body.to_string())?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Asks one after the other as a service of acme, over one connection.
    pub(crate) fn ask_each(
        &self,
        service: &str,
        requests: impl Iterator<Item = (String, String)>,
        each: impl FnMut(&[u8]) -> Outcome<()>,
    ) -> Outcome<()> {
        ask_each(self.port, &self.client("acme", service)?, requests, each)
    }

    /// A load on it, as a service of a tenant.
    pub(crate) fn load(
        &self,
        tenant: &str,
        service: &str,
        connections: usize,
        requests: Requests,
    ) -> Outcome<Load> {
        Ok(Load { port: self.port, tls: self.client(tenant, service)?, connections, requests })
    }

    /// TLS as that service.
    pub(crate) fn client(&self, tenant: &str, service: &str) -> Outcome<Arc<ClientConfig>> {
        tls::client(self.folder.path(), &format!("{tenant}-{service}"))
    }

    /// CPU time of the vault and its database processes so far.
    pub(crate) fn cpu(&self) -> Outcome<Duration> {
        Ok(cpu::of_process(self.id()?)? + self.store.cpu()?)
    }

    /// Resident memory of the vault's own process, bytes.
    pub(crate) fn resident(&self) -> Outcome<u64> {
        cpu::resident(self.id()?)
    }

    /// Calls to the HSM since it started.
    pub(crate) fn hsm_calls(&self) -> Outcome<f64> {
        metrics::sum(self.operations_port, "strongroom_hsm_calls_total")
    }

    /// The command line client as a service of acme.
    pub(crate) fn command_line(&self, service: &str) -> Command {
        let mut command = Command::new(self.binaries.join("strongroom"));
        command
            .env("STRONGROOM_URL", format!("https://127.0.0.1:{}", self.port))
            .env("STRONGROOM_CA", self.path("ca.pem"))
            .env("STRONGROOM_CERT", self.path(&format!("clients/acme-{service}.pem")))
            .env("STRONGROOM_KEY", self.path(&format!("clients/acme-{service}.key")))
            .stdin(Stdio::null());
        command
    }

    /// The echo, from this very binary, with the vault's certificates.
    pub(crate) fn start_echo(&self) -> Outcome<Process> {
        let port = free_port()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("echo").arg("--directory").arg(self.folder.path()).args(["--port", &port.to_string()]);
        Process::start(&mut command, port, &self.path("echo.log"))
    }

    /// A path in its folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    fn id(&self) -> Outcome<u32> {
        Ok(self.process.as_ref().ok_or("the vault is not running")?.id())
    }

    fn strongroomd(&self, verb: &str) -> Command {
        let mut command = Command::new(self.binaries.join("strongroomd"));
        command
            .arg(verb)
            .arg("--config")
            .arg(self.path("strongroomd.toml"))
            .env(CONFIG_VARIABLE, self.token.config_path());
        command
    }

    fn appoint(&self, tenant: &str) -> Outcome<()> {
        let admin = self.client(tenant, IDENTITY_ADMIN)?;
        let requests = ROLES.iter().flat_map(|role| {
            let identity = json!({"service": role, "reason": "benchmark"}).to_string();
            let grant = json!({"role": role, "reason": "benchmark"}).to_string();
            [("/v1/identities".to_owned(), identity), (format!("/v1/identities/{role}/grants"), grant)]
        });
        ask_each(self.port, &admin, requests, |_| Ok(()))
    }
}

impl Drop for Vault {
    fn drop(&mut self) {
        // A vault that does not stop is killed with its process.
        let _ = self.stop();
    }
}

fn private_folder(path: &Path) -> Outcome<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    Ok(std::fs::DirBuilder::new().mode(0o700).create(path)?)
}
