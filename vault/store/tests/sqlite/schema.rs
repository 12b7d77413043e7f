//! The schema is a document: every table and column says what it holds.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Row, SqliteConnection};
use strongroom_store::{SqliteConfig, SqliteStore};

use crate::samples::private_folder;

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/sqlite/0001_initial_schema.sql")];

#[test]
fn this_test_reads_every_migration() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), MIGRATIONS.len());
}

#[tokio::test]
async fn every_table_and_index_has_a_comment() {
    let text = MIGRATIONS.join("\n");
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("CREATE ")) {
        let before = lines[..number].iter().rev().find(|line| !line.starts_with("CREATE INDEX")).unwrap();
        assert!(before.starts_with("-- "), "no comment before: {line}");
    }
}

#[tokio::test]
async fn every_column_has_a_comment() {
    let (_folder, mut connection) = migrated().await;
    let tables = sqlx::query(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    );
    let mut columns_seen = 0;
    for table in tables.fetch_all(&mut connection).await.unwrap() {
        let (name, text): (String, String) = (table.get("name"), table.get("sql"));
        assert!(
            text.trim_end().ends_with("STRICT") || text.contains("STRICT, WITHOUT ROWID"),
            "{name} is not STRICT"
        );
        let columns = sqlx::query("SELECT name, type FROM pragma_table_info(?)").bind(&name);
        for column in columns.fetch_all(&mut connection).await.unwrap() {
            let (column, kind): (String, String) = (column.get("name"), column.get("type"));
            let comment = comment_of(&text, &column);
            assert!(comment.is_some_and(|comment| comment.len() >= 4), "{name}.{column} has no comment");
            let sealed = ["envelope", "metadata_envelope", "answer", "wrapped"].contains(&column.as_str());
            let names_its_format = comment.is_some_and(|comment| comment.contains("(encrypted: "));
            assert_eq!(sealed, names_its_format, "{name}.{column}");
            assert!(!sealed || kind == "BLOB", "{name}.{column} is sealed, so it holds bytes");
            columns_seen += 1;
        }
    }
    assert!(columns_seen > 100);
}

/// What follows the dashes on the column's own line.
fn comment_of<'a>(table: &'a str, column: &str) -> Option<&'a str> {
    let line = table.lines().find(|line| line.split_whitespace().next() == Some(column))?;
    line.split_once(" -- ").map(|(_, comment)| comment.trim())
}

#[tokio::test]
async fn the_tenant_leads_every_key_of_tenants_data() {
    let (_folder, mut connection) = migrated().await;
    for table in [
        "tenants",
        "keys",
        "key_versions",
        "token_profiles",
        "identities",
        "role_grants",
        "encryption_keys",
        "honeytokens",
        "velocity_counters",
        "tokens",
        "fingerprints",
        "token_aliases",
        "token_tags",
        "security_codes",
        "idempotency_answers",
    ] {
        let first = sqlx::query("SELECT name FROM pragma_table_info(?) WHERE pk = 1").bind(table);
        let first: String = first.fetch_one(&mut connection).await.unwrap().get("name");
        assert_eq!(first, "tenant", "{table}");
    }
}

async fn migrated() -> (tempfile::TempDir, SqliteConnection) {
    let folder = private_folder();
    let path = folder.path().join("vault.db");
    SqliteStore::open(&SqliteConfig::at(&path)).await.unwrap().close().await;
    let connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
    (folder, connection)
}
