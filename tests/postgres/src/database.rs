//! A database for one test.

use crate::programs::psql;
use crate::server::script_folder;
use crate::{PostgresError, PostgresServer, Role};

/// A database of its own on a server, made as the vault's own is: owned by the owner's role, closed to all others but
/// the service, without tables. Dropping it drops the database, connections and all.
#[derive(Debug)]
pub struct TestDatabase {
    server: PostgresServer,
    name: String,
}

impl PostgresServer {
    /// A fresh, empty database.
    pub async fn database(&self) -> Result<TestDatabase, PostgresError> {
        let server = self.clone();
        tokio::task::spawn_blocking(move || server.create_database())
            .await
            .map_err(|_| PostgresError::Server("making the database was broken off".to_owned()))?
    }

    /// [`Self::database`] where nothing is asynchronous.
    pub fn create_database(&self) -> Result<TestDatabase, PostgresError> {
        let name = format!("strongroom_test_{}", self.next_database_number());
        let mut command = self.program("psql", Role::Superuser, "postgres");
        command.args(["-v", &format!("database={name}"), "-f"]).arg(script_folder().join("database.sql"));
        psql(command, "")?;
        Ok(TestDatabase { server: self.clone(), name })
    }
}

impl TestDatabase {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server it is on.
    pub const fn server(&self) -> &PostgresServer {
        &self.server
    }

    /// Runs SQL here: see [`PostgresServer::sql`].
    pub fn sql(&self, role: Role, sql: &str) -> Result<String, PostgresError> {
        self.server.sql(role, &self.name, sql)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // A server that was stopped goes as a whole soon.
        let _ = self
            .server
            .superuser_sql("postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
