//! When the store opens, and when it refuses to.

use strongroom_core::ports::Store;
use strongroom_core::ports::store::StoreError;
use strongroom_store::{PostgresConfig, PostgresOpenError, PostgresServer, PostgresStore};

use crate::server::{OWNER, Server, run_on};

#[tokio::test]
async fn migrations_are_applied_once_also_by_many_at_a_time() {
    let owner = Server::shared().database();
    let many = (0..8).map(|_| {
        let owner = owner.clone();
        tokio::spawn(async move { PostgresStore::migrate(&owner).await })
    });
    for migrated in many.collect::<Vec<_>>() {
        assert_eq!(migrated.await.unwrap(), Ok(()));
    }
    let service = PostgresConfig { role: "strongroom_service".to_owned(), ..owner };
    PostgresStore::open(&service).await.unwrap().check().await.unwrap();
}

#[tokio::test]
async fn a_database_without_the_schema_is_refused() {
    let config = PostgresConfig { role: "strongroom_service".to_owned(), ..Server::shared().database() };
    assert_eq!(refusal(&config).await, Some(PostgresOpenError::NotMigrated));
}

#[tokio::test]
async fn an_unknown_schema_is_refused_and_left_alone() {
    let server = Server::shared();
    let config = server.migrated().await;
    let owner = PostgresConfig { role: OWNER.to_owned(), ..config.clone() };
    let mut intruder = server.intruder(&config, OWNER).await;
    let add = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
               VALUES (9999, 'from the future', true, '\\x00', 0)";
    run_on(&mut intruder, add).await.unwrap();
    assert_eq!(refusal(&config).await, Some(PostgresOpenError::NewerSchema { found: 9999 }));
    assert_eq!(PostgresStore::migrate(&owner).await, Err(PostgresOpenError::NewerSchema { found: 9999 }));
    run_on(&mut intruder, "DELETE FROM _sqlx_migrations WHERE version = 9999").await.unwrap();
    assert_eq!(refusal(&config).await, None);
    run_on(&mut intruder, "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1").await.unwrap();
    assert_eq!(refusal(&config).await, Some(PostgresOpenError::ForeignSchema(1)));
    assert_eq!(PostgresStore::migrate(&owner).await, Err(PostgresOpenError::ForeignSchema(1)));
}

#[tokio::test]
async fn a_role_that_could_do_too_much_is_refused() {
    let server = Server::shared();
    let config = server.migrated().await;
    let schema = Some(PostgresOpenError::PowerfulRole("change the schema"));
    let audit = Some(PostgresOpenError::PowerfulRole("change the audit record"));
    for role in [OWNER, "postgres"] {
        let powerful = PostgresConfig { role: role.to_owned(), ..config.clone() };
        assert_eq!(refusal(&powerful).await, schema);
        assert_eq!(refusal(&PostgresConfig { danger_accept_powerful_role: true, ..powerful }).await, None);
    }
    let mut owner = server.intruder(&config, OWNER).await;
    for (give, take, expected) in [
        ("GRANT CREATE ON SCHEMA strongroom TO", "REVOKE CREATE ON SCHEMA strongroom FROM", schema),
        ("GRANT DELETE ON audit_bundles TO", "REVOKE DELETE ON audit_bundles FROM", audit),
        ("GRANT TRUNCATE ON checkpoints TO", "REVOKE TRUNCATE ON checkpoints FROM", audit),
        ("GRANT UPDATE (root) ON audit_bundles TO", "REVOKE UPDATE (root) ON audit_bundles FROM", audit),
    ] {
        run_on(&mut owner, &format!("{give} strongroom_service")).await.unwrap();
        assert_eq!(refusal(&config).await, expected, "{give}");
        run_on(&mut owner, &format!("{take} strongroom_service")).await.unwrap();
        assert_eq!(refusal(&config).await, None);
    }
}

/// A right that was given by hand is gone after the next migration.
#[tokio::test]
async fn a_migration_sets_the_rights_straight() {
    let server = Server::shared();
    let config = server.migrated().await;
    let mut owner = server.intruder(&config, OWNER).await;
    run_on(&mut owner, "GRANT ALL ON ALL TABLES IN SCHEMA strongroom TO strongroom_service").await.unwrap();
    assert!(refusal(&config).await.is_some());
    PostgresStore::migrate(&PostgresConfig { role: OWNER.to_owned(), ..config.clone() }).await.unwrap();
    assert_eq!(refusal(&config).await, None);
}

#[tokio::test]
async fn the_service_role_must_exist_and_may_have_any_name() {
    let server = Server::shared();
    let missing = PostgresConfig { service_role: "nobody's".to_owned(), ..server.database() };
    assert_eq!(PostgresStore::migrate(&missing).await, Err(PostgresOpenError::NoServiceRole));
    let name = "the \"service\"; DROP SCHEMA strongroom CASCADE; --";
    let mut superuser = server.intruder(&missing, "postgres").await;
    run_on(&mut superuser, &format!("CREATE ROLE \"{}\" LOGIN", name.replace('"', "\"\""))).await.unwrap();
    let odd = PostgresConfig { service_role: name.to_owned(), ..missing };
    PostgresStore::migrate(&odd).await.unwrap();
    assert_eq!(refusal(&PostgresConfig { role: name.to_owned(), ..odd }).await, None);
}

#[tokio::test]
async fn a_server_that_answers_before_the_disk_is_refused() {
    let server = Server::shared();
    let config = server.migrated().await;
    let mut superuser = server.intruder(&config, "postgres").await;
    let set = format!("ALTER DATABASE {} SET synchronous_commit = off", config.database);
    run_on(&mut superuser, &set).await.unwrap();
    assert_eq!(refusal(&config).await, Some(PostgresOpenError::NotDurable));
}

#[tokio::test]
async fn no_server_is_unavailable() {
    let server = PostgresServer::UnixSocket { folder: "/nowhere".into(), port: 5432 };
    let config = PostgresConfig::at(server, "vault", "strongroom_service");
    let failed = StoreError::Unavailable("the connection to the database failed");
    assert_eq!(refusal(&config).await, Some(PostgresOpenError::Store(failed)));
}

/// Opens and closes again.
async fn refusal(config: &PostgresConfig) -> Option<PostgresOpenError> {
    match PostgresStore::open(config).await {
        Ok(store) => {
            store.close().await;
            None
        }
        Err(error) => Some(error),
    }
}
