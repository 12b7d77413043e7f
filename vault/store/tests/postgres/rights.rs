//! What the role that the service runs as cannot do, tried on the server.

use strongroom_core::ports::Store;
use strongroom_core::ports::store::CheckpointRow;
use strongroom_store::PostgresStore;

use crate::samples::{batch, insert_token, now};
use crate::server::{Server, run_on};

#[tokio::test]
async fn it_can_neither_change_the_schema_nor_the_record() {
    let server = Server::shared();
    let config = server.migrated().await;
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(1, b"sealed")])).await.unwrap();
    let note = "note".to_owned();
    store
        .keep_checkpoint(&CheckpointRow { stream: "node".to_owned(), size: 1, note, created_at: now() })
        .await
        .unwrap();
    let mut service = server.intruder(&config, "strongroom_service").await;
    let mut tried = 0;
    for (table, column) in [
        ("audit_streams", "created_at"),
        ("audit_bundles", "created_at"),
        ("audit_segments", "last_time"),
        ("checkpoints", "created_at"),
        ("cluster", "created_at"),
    ] {
        for attempt in [
            format!("UPDATE {table} SET {column} = 0"),
            format!("DELETE FROM {table}"),
            format!("TRUNCATE {table}"),
            format!("INSERT INTO {table} SELECT * FROM {table} ON CONFLICT DO NOTHING; DROP TABLE {table}"),
            format!("ALTER TABLE {table} ADD COLUMN more text"),
            format!("CREATE INDEX more ON {table} ({column})"),
            format!(
                "CREATE TRIGGER more BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()"
            ),
            format!("CREATE RULE more AS ON INSERT TO {table} DO INSTEAD NOTHING"),
        ] {
            assert_refused(&mut service, &attempt).await;
            tried += 1;
        }
    }
    for attempt in [
        "UPDATE audit_bundles SET events = ''",
        "CREATE TABLE strongroom.more (column_name text)",
        "CREATE FUNCTION strongroom.more() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP SCHEMA strongroom CASCADE",
        "ALTER SCHEMA strongroom RENAME TO more",
        "SET ROLE strongroom_owner",
        "ALTER ROLE strongroom_service SUPERUSER",
        "DELETE FROM tokens",
        "UPDATE tokens SET tenant = 'rival'",
        "UPDATE tokens SET token = 'tok_1'",
        "UPDATE tokens SET bin = '400000'",
        "UPDATE tokens SET created_by = 'nobody'",
        "TRUNCATE tokens",
        "SELECT * FROM tokens_p0",
        "UPDATE fingerprints SET token = 'tok_1'",
        "UPDATE token_aliases SET token = 'tok_1'",
        "DELETE FROM keys",
        "DELETE FROM key_versions",
        "DELETE FROM registry_head",
        "DELETE FROM honeytokens",
        "DELETE FROM velocity_counters",
        "UPDATE velocity_counters SET service = 'nobody'",
        "UPDATE keys SET tenant = 'rival'",
        "UPDATE role_grants SET grant_id = '\\x0000000000000000'",
        "UPDATE encryption_keys SET kid = service",
        "DELETE FROM encryption_keys",
        "DELETE FROM _sqlx_migrations",
        "UPDATE _sqlx_migrations SET checksum = '\\x00'",
        "ALTER TABLE tokens DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ] {
        assert_refused(&mut service, attempt).await;
        tried += 1;
    }
    assert_eq!(tried, 70);
    // What one does not have one cannot give; the server only warns.
    run_on(&mut service, "GRANT UPDATE, DELETE, TRUNCATE ON audit_bundles TO strongroom_service")
        .await
        .unwrap();
    assert_refused(&mut service, "DELETE FROM audit_bundles").await;
    assert_eq!(store.read_bundles("node", 0, 10).await.unwrap().len(), 1);
    assert_eq!(store.read_checkpoints("node", 0, 10).await.unwrap().len(), 1);
}

/// Refused for want of a right, and for nothing else.
async fn assert_refused(service: &mut sqlx::PgConnection, attempt: &str) {
    let outcome = run_on(service, attempt).await;
    assert!(outcome.is_err(), "{attempt}");
    let error = outcome.unwrap_err();
    let code = error.as_database_error().unwrap().code().unwrap().into_owned();
    assert!(code == "42501", "{attempt}: {code}");
}
