//! Security codes over a real token and each real store, with a clock that the test moves: once a code has served, nothing that
//! was copied before can be read, though the HSM is the same and goes on.
//!
//! Three digits stand everywhere by chance, so the files are searched for the code as it would be written: the bytes that are
//! sealed (`fields_v1`), in which the digits stand after their name and length. That they are nowhere says that the code was
//! never written in clear. The sealed form is looked for too: before, to show that the search sees what the database writes;
//! and afterwards, where it may still lie in logs and copies, to show that nobody can open it.
#![expect(clippy::unwrap_used, reason = "a test program")]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use strongroom_contract::{ManualClock, SeededEntropy};
use strongroom_core::ports::store::{SecurityCodeKeyRow, SecurityCodeRow};
use strongroom_core::ports::{Hsm, HsmError, HsmKeyKind, NoApprovals, NoEgress, Store};
use strongroom_core::{
    Answer, AuthorisationResult, Call, CardInput, InitialIdentity, InitialTenant, Metadata, NewToken, Ports,
    SecurityCodeInput, Settings, ValueInput, Vault, initialise,
};
use strongroom_crypto::envelope_v1::{Envelope, EnvelopeKey};
use strongroom_crypto::wrapped_key_v1::WrappedKey;
use strongroom_crypto::{Injective, KeyMaterial, fields_v1};
use strongroom_domain::{
    CertificateSerial, NodeName, Principal, ProfileName, RequestId, Role, Secret, ServiceName, SpiffeId,
    TenantId, Timestamp, Token, TrustDomain,
};
use strongroom_e2e::{CHOICE, find_any};
use strongroom_pkcs11::{Pkcs11Config, Pkcs11Hsm};
use strongroom_policies::CedarPolicy;
use strongroom_postgres_server::{PostgresServer, Role as DatabaseRole, TestDatabase};
use strongroom_softhsm::TokenAddress;
use strongroom_softhsm::isolated::{Case, run};
use strongroom_store::{PostgresConfig, PostgresStore, PostgresTrust, SqliteConfig, SqliteStore};

fn main() -> ExitCode {
    const CASES: &[Case] = &[strongroom_softhsm::case!(no_copy_can_be_read_once_a_code_has_served)];
    run(CASES)
}

fn no_copy_can_be_read_once_a_code_has_served(token: &TokenAddress) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let hsm: Arc<dyn Hsm> = Arc::new(
        Pkcs11Hsm::connect(Pkcs11Config::new(token.module_path(), token.token_label()), token.pin().clone())
            .unwrap(),
    );
    runtime.block_on(the_story(&hsm));
    drop(runtime);
}

async fn the_story(hsm: &Arc<dyn Hsm>) {
    let mut database = Database::create().await;
    let clock = Arc::new(ManualClock::at(Timestamp::from_unix_millis(1_795_000_000_000)));
    let entropy = Arc::new(SeededEntropy::new(u64::from(std::process::id())));
    let ports = |store: Arc<dyn Store>| Ports {
        hsm: Arc::clone(hsm),
        store,
        policy: Arc::new(CedarPolicy::load().unwrap()),
        clock: clock.clone(),
        entropy: entropy.clone(),
        witnesses: Vec::new(),
        approvals: Arc::new(NoApprovals),
        egress: Arc::new(NoEgress),
    };
    let store = database.open().await;
    let settings = || Settings::new(NodeName::parse("node-1").unwrap());
    initialise(ports(store.clone()), settings(), &trust_domain(), &[acme()]).await.unwrap();
    let vault = Vault::open(ports(store.clone()), settings()).await.unwrap();

    let card = card_token(&vault).await;
    let code = SecurityCodeInput { code: Secret::new("907".to_owned()), ttl: None };
    vault.put_security_code(&call("tokenizer"), &card, &code).await.unwrap();
    let stolen = Stolen::from(&*store, &card).await;
    assert!(says(&stolen.read(&**hsm).await.unwrap(), "907"), "as long as it serves it can be read");
    let in_clear = vec![encoded("907")];
    let sealed = vec![stolen.code.envelope.clone()];
    assert!(database.holds(&sealed), "the search sees what the database writes");
    assert!(!database.holds(&in_clear));
    let hexadecimal = HEXLOWER.encode(&stolen.code.envelope);
    assert!(database.dump().contains(&hexadecimal), "a dump of this moment has it");

    // A backup is taken; the payment ends; its period passes.
    vault.close().await.unwrap();
    drop(store);
    database.back_up().await;
    let store = database.open().await;
    let vault = Vault::open(ports(store.clone()), settings()).await.unwrap();
    assert!(says(&stolen.read(&**hsm).await.unwrap(), "907"), "a restart destroys nothing");
    vault.report_authorisation(&call("gateway"), &card, AuthorisationResult::Approved).await.unwrap();
    assert_eq!(store.find_security_code(&tenant(), &card).await.unwrap(), None);
    clock.advance(Duration::from_secs(7 * 60));
    until_all_keys_are_gone(&**hsm).await;
    assert_eq!(store.security_code_keys().await.unwrap(), []);

    // The rows that were stolen, a later dump, the logs.
    let missing = HsmError::Missing(HsmKeyKind::SecurityCode);
    assert_eq!(stolen.read(&**hsm).await.err(), Some(missing.clone()));
    assert!(!database.holds(&in_clear));
    assert!(!database.dump().contains(&hexadecimal), "a later dump");
    vault.close().await.unwrap();
    drop(store);
    database.settle().await;
    if !database.keeps_a_log() {
        assert!(!database.holds(&sealed), "in the file itself not even the sealed form is left");
    }

    // The backup, restored over the very HSM.
    database.restore().await;
    let store = database.open().await;
    let restored = Stolen::from(&*store, &card).await;
    assert_eq!(restored.code, stolen.code, "the backup has what was there");
    assert_eq!(restored.read(&**hsm).await.err(), Some(missing));
    // It serves, clears up after itself, and takes new codes.
    let mut again = settings();
    again.stream_epoch = 2;
    let vault = Vault::open(ports(store.clone()), again).await.unwrap();
    vault.put_security_code(&call("tokenizer"), &card, &code).await.unwrap();
    let fresh = Stolen::from(&*store, &card).await;
    assert!(says(&fresh.read(&**hsm).await.unwrap(), "907"));
    clock.advance(Duration::from_secs(66 * 60));
    until_all_keys_are_gone(&**hsm).await;
    assert!(fresh.read(&**hsm).await.is_err());
    vault.close().await.unwrap();
}

/// Waits for the vault's own housekeeping.
async fn until_all_keys_are_gone(hsm: &dyn Hsm) {
    let end = Instant::now() + Duration::from_secs(120);
    while !hsm.short_lived_keys("").await.unwrap().is_empty() {
        assert!(Instant::now() < end, "a key is still there");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // What follows the deed is written within one more round.
    tokio::time::sleep(Duration::from_millis(500)).await;
}

/// The rows, as whoever copies the database has them.
struct Stolen {
    cluster: [u8; 16],
    key: SecurityCodeKeyRow,
    code: SecurityCodeRow,
}

impl Stolen {
    async fn from(store: &dyn Store, card: &Token) -> Self {
        let cluster = store.load_registry().await.unwrap().unwrap().cluster.cluster_id;
        let code = store.find_security_code(&tenant(), card).await.unwrap().unwrap();
        let keys = store.security_code_keys().await.unwrap();
        let key = keys.into_iter().find(|key| key.period == code.period).unwrap();
        Self { cluster, key, code }
    }

    /// What they say to somebody who has the HSM, too.
    async fn read(&self, hsm: &dyn Hsm) -> Result<Secret<Vec<u8>>, HsmError> {
        let Self { cluster, key, code } = self;
        let aad = Injective::new("strongroom/security-code-key/v1")
            .part(cluster)
            .part(&key.period.to_be_bytes())
            .part(key.key_id.as_bytes())
            .part(&key.hsm_key.id)
            .finish();
        let material = hsm.open(&key.hsm_key, &aad, &WrappedKey::decode(&key.wrapped).unwrap()).await?;
        let aad = Injective::new("strongroom/security-code/v1")
            .part(code.tenant.as_str().as_bytes())
            .part(code.token.as_str().as_bytes())
            .part(&code.period.to_be_bytes())
            .part(&code.created_at.unix_millis().to_be_bytes())
            .part(&code.expires_at.unix_millis().to_be_bytes())
            .finish();
        let key = EnvelopeKey::derive(&KeyMaterial::from_secret(material).unwrap());
        Ok(key.open(&Envelope::parse(&code.envelope).unwrap(), &aad).ok().unwrap())
    }
}

#[expect(clippy::disallowed_methods, reason = "made-up digits")]
fn encoded(digits: &str) -> Vec<u8> {
    fields_v1::encode(&[("security_code", digits.as_bytes())]).ok().unwrap().expose().clone()
}

fn says(plain: &Secret<Vec<u8>>, digits: &str) -> bool {
    plain.ct_eq(&encoded(digits))
}

async fn card_token(vault: &Vault) -> Token {
    let item = NewToken {
        value: ValueInput::Card(CardInput {
            number: Secret::new("4111111111111111".to_owned()),
            expiry: None,
            holder: None,
        }),
        profile: ProfileName::parse("default").unwrap(),
        ttl: None,
        max_uses: None,
        metadata: Metadata::default(),
        aliases: std::collections::BTreeSet::new(),
        tags: std::collections::BTreeSet::new(),
        security_code: None,
        security_code_ttl: None,
    };
    let made = std::sync::Mutex::new(None);
    vault
        .tokenize(&call("tokenizer"), vec![Ok(item)], None, |results| {
            *made.lock().unwrap() = results.iter().flatten().map(|done| done.token.token.clone()).next();
            Answer { status: 200, body: Vec::new() }
        })
        .await
        .unwrap();
    made.into_inner().unwrap().unwrap()
}

fn trust_domain() -> TrustDomain {
    TrustDomain::parse("example.org").unwrap()
}

fn tenant() -> TenantId {
    TenantId::parse("acme").unwrap()
}

fn acme() -> InitialTenant {
    let identity = |role: Role| InitialIdentity {
        service: ServiceName::parse(role.as_str()).unwrap(),
        roles: vec![role],
        reason: "from the start".to_owned(),
    };
    let roles = [Role::Tokenizer, Role::Gateway, Role::IdentityAdmin];
    InitialTenant { tenant: tenant(), identities: roles.into_iter().map(identity).collect() }
}

fn call(service: &str) -> Call {
    let id = SpiffeId::new(trust_domain(), tenant(), ServiceName::parse(service).unwrap());
    Call {
        principal: Principal { id, certificate: CertificateSerial::from_bytes(&[1]) },
        request_id: RequestId::parse(&format!("req_{:032x}", 1)).unwrap(),
        trace_id: None,
        origin: None,
    }
}

/// A database of each kind: its files, a backup of it, and a dump.
enum Database {
    Sqlite { folder: tempfile::TempDir },
    Postgres { server: PostgresServer, database: TestDatabase, backup: Option<String> },
}

impl Database {
    async fn create() -> Self {
        if std::env::var(CHOICE).as_deref() == Ok("postgres") {
            // Of its own: its whole folder is searched.
            let server = PostgresServer::start().unwrap();
            let database = server.create_database().unwrap();
            let connection = server.connection();
            let owner = Self::config(&server, database.name(), &connection.owner, &connection.owner_password);
            PostgresStore::migrate(&owner).await.unwrap();
            return Self::Postgres { server, database, backup: None };
        }
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        Self::Sqlite { folder: tempfile::Builder::new().permissions(mode).tempdir().unwrap() }
    }

    fn config(server: &PostgresServer, database: &str, role: &str, password: &str) -> PostgresConfig {
        let connection = server.connection();
        let trust = PostgresTrust::Verified { authorities: connection.ca_file.clone() };
        let server = strongroom_store::PostgresServer::Tcp {
            host: connection.host.clone(),
            port: connection.port,
            trust,
        };
        let mut config = PostgresConfig::at(server, database, role);
        config.password = Some(password.to_owned().into());
        config.service_role.clone_from(&connection.service);
        config
    }

    async fn open(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite { folder } => Arc::new(opened(folder).await),
            Self::Postgres { server, database, .. } => {
                let connection = server.connection();
                let config =
                    Self::config(server, database.name(), &connection.service, &connection.service_password);
                Arc::new(PostgresStore::open(&config).await.unwrap())
            }
        }
    }

    /// Nobody may have it open.
    async fn back_up(&mut self) {
        match self {
            Self::Sqlite { folder } => {
                let backup = folder.path().join("backup");
                std::fs::create_dir(&backup).unwrap();
                for file in database_files(folder) {
                    std::fs::copy(&file, backup.join(file.file_name().unwrap())).unwrap();
                }
            }
            Self::Postgres { database, backup, .. } => {
                // Who has just left may not be out of the door.
                let leave = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                    database.name()
                );
                database.server().sql(DatabaseRole::Superuser, "postgres", &leave).unwrap();
                let name = format!("{}_backup", database.name());
                let copy = format!("CREATE DATABASE {name} TEMPLATE {}", database.name());
                database.server().sql(DatabaseRole::Superuser, "postgres", &copy).unwrap();
                *backup = Some(name);
            }
        }
    }

    async fn restore(&mut self) {
        match self {
            Self::Sqlite { folder } => {
                for file in database_files(folder) {
                    std::fs::remove_file(file).unwrap();
                }
                for entry in std::fs::read_dir(folder.path().join("backup")).unwrap() {
                    let entry = entry.unwrap();
                    std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
                }
            }
            Self::Postgres { database, backup, .. } => {
                let (name, backup) = (database.name(), backup.as_ref().unwrap());
                for sql in [
                    format!("DROP DATABASE {name} WITH (FORCE)"),
                    format!("ALTER DATABASE {backup} RENAME TO {name}"),
                ] {
                    database.server().sql(DatabaseRole::Superuser, "postgres", &sql).unwrap();
                }
            }
        }
    }

    /// What a dump made now says. Both tools write bytes in hexadecimal.
    fn dump(&self) -> String {
        let mut command = match self {
            Self::Sqlite { folder } => {
                let mut command = std::process::Command::new("sqlite3");
                command.arg(file_in(folder)).arg(".dump");
                command
            }
            Self::Postgres { database, .. } => {
                database.server().program("pg_dump", DatabaseRole::Superuser, database.name())
            }
        };
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).to_lowercase()
    }

    /// Has what was erased erased in the file.
    async fn settle(&self) {
        if let Self::Sqlite { folder } = self {
            let store = opened(folder).await;
            store.settle().await.unwrap();
            store.close().await;
        }
    }

    /// Whether what was once written stays in a log for a time that the server's settings decide.
    const fn keeps_a_log(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    /// Whether any of its files, the write-ahead log among them, holds one of these.
    fn holds(&self, needles: &[Vec<u8>]) -> bool {
        match self {
            Self::Sqlite { folder } => {
                // By another process: who closes a file that SQLite has open in the same one lets go of its locks.
                let read = std::process::Command::new("cat").args(database_files(folder)).output().unwrap();
                find_any(&read.stdout, needles).is_some()
            }
            Self::Postgres { server, .. } => {
                server.sql(DatabaseRole::Superuser, "postgres", "CHECKPOINT").unwrap();
                files_below(&server.connection().data_folder).iter().any(|file| found_in(file, needles))
            }
        }
    }
}

/// One at a time may have the file open, and who has just closed it takes a moment to be gone.
async fn opened(folder: &tempfile::TempDir) -> SqliteStore {
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        match SqliteStore::open(&SqliteConfig::at(file_in(folder))).await {
            Ok(store) => return store,
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn file_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("vault.db")
}

fn database_files(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    files_below(folder.path()).into_iter().filter(|file| file.parent() == Some(folder.path())).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn found_in(file: &Path, needles: &[Vec<u8>]) -> bool {
    // A file that the server has just removed holds nothing.
    std::fs::read(file).is_ok_and(|content| find_any(&content, needles).is_some())
}
