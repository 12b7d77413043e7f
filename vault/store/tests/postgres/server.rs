//! A throwaway PostgreSQL server, reached by a Unix socket alone.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::{PostgresConfig, PostgresServer, PostgresStore};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions, PgConnection};

/// The port that names the socket; nothing listens on it.
pub(crate) const PORT: u16 = 5432;
/// Owns every database.
pub(crate) const OWNER: &str = "strongroom_owner";

/// A server and its folder, gone when this or its process is.
pub(crate) struct Server {
    folder: PathBuf,
    _guard: Child,
}

impl Server {
    /// The one that tests share which do it no harm.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// One for a test alone.
    pub(crate) fn start() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("strongroom-pg-{}-{number}", std::process::id()));
        let path = folder.to_str().unwrap();
        run(&format!(
            "mkdir -m 755 {path} && {BINARIES} initdb -D {path}/data -A trust -U postgres --locale=C -E UTF8 -N"
        ));
        // Ends the server when its standard input ends, whatever becomes of this process.
        let guard = as_postgres(&format!(
            "cat; {BINARIES} pg_ctl -D {path}/data -m immediate stop >/dev/null 2>&1; rm -rf {path}"
        ))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
        let server = Self { folder, _guard: guard };
        server.resume();
        server.superuser("CREATE ROLE strongroom_owner LOGIN; CREATE ROLE strongroom_service LOGIN");
        server
    }

    /// Starts a server that was stopped.
    pub(crate) fn resume(&self) {
        let path = self.folder.to_str().unwrap();
        let options = format!(
            "-k {path} -c listen_addresses= -c port={PORT} -c fsync=off -c max_connections=200 -c shared_buffers=64MB"
        );
        run(&format!("{BINARIES} pg_ctl -D {path}/data -l {path}/log -w -o '{options}' start >/dev/null"));
    }

    /// Stops the server: `fast` says goodbye, `immediate` is as good as a crash.
    pub(crate) fn stop(&self, mode: &str) {
        run(&format!("{BINARIES} pg_ctl -D {}/data -m {mode} -w stop >/dev/null", self.folder.display()));
    }

    /// The folder with the socket.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs statements as superuser in the maintenance database.
    pub(crate) fn superuser(&self, sql: &str) {
        let folder = self.folder.display();
        run(&format!(
            "{BINARIES} psql -q -v ON_ERROR_STOP=1 -h {folder} -p {PORT} -U postgres -c \"{sql}\" postgres"
        ));
    }

    /// A new database without tables; what to migrate it with.
    pub(crate) fn database(&self) -> PostgresConfig {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("vault_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        self.superuser(&format!("CREATE DATABASE {name} OWNER {OWNER}"));
        let server = PostgresServer::UnixSocket { folder: self.folder.clone(), port: PORT };
        PostgresConfig::at(server, name, OWNER)
    }

    /// A new database with tables; what to run on it with.
    pub(crate) async fn migrated(&self) -> PostgresConfig {
        let config = self.database();
        PostgresStore::migrate(&config).await.unwrap();
        PostgresConfig { role: "strongroom_service".to_owned(), ..config }
    }

    /// A connection past the store.
    pub(crate) async fn intruder(&self, config: &PostgresConfig, role: &str) -> PgConnection {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.folder)
            .port(PORT)
            .ssl_mode(PgSslMode::Disable)
            .username(role)
            .database(&config.database)
            .options([("search_path", "strongroom")])
            .connect()
            .await
            .unwrap()
    }
}

/// Runs statements on a connection.
pub(crate) async fn run_on(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

/// Debian keeps the server's programs out of the path.
const BINARIES: &str = "PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin | tail -1)";

fn run(script: &str) {
    let output = as_postgres(script).output().unwrap();
    assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// PostgreSQL refuses to run as root.
fn as_postgres(script: &str) -> Command {
    let is_root =
        std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let mut command = if is_root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh", "-c", script]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    };
    command.current_dir("/").stdout(Stdio::null());
    command
}
