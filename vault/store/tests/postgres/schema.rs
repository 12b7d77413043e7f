//! The schema is a document: every table and column says what it holds.

use sqlx::{PgConnection, Row};

use crate::server::{OWNER, Server};

const MIGRATIONS: &[&str] = &[include_str!("../../migrations/postgres/0001_initial_schema.sql")];

#[test]
fn this_test_reads_every_migration() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres");
    let files =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(
        files.filter(|name| name.starts_with(|first: char| first.is_ascii_digit())).count(),
        MIGRATIONS.len()
    );
}

#[test]
fn every_table_and_index_has_a_comment() {
    let text = MIGRATIONS.join("\n");
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("CREATE ")) {
        assert!(lines[number - 1].starts_with("-- "), "no comment before: {line}");
    }
}

#[tokio::test]
async fn every_column_has_a_comment_and_bytes_for_texts() {
    let mut connection = migrated().await;
    let columns = sqlx::query(
        "SELECT table_name::text, column_name::text, data_type::text, collation_name::text \
         FROM information_schema.columns JOIN pg_class ON oid = format('strongroom.%I', table_name)::regclass \
         WHERE table_schema = 'strongroom' AND NOT relispartition AND table_name <> '_sqlx_migrations'",
    );
    let text = MIGRATIONS.join("\n");
    let mut columns_seen = 0;
    for column in columns.fetch_all(&mut connection).await.unwrap() {
        let (table, name): (String, String) = (column.get(0), column.get(1));
        let (kind, collation): (String, Option<String>) = (column.get(2), column.get(3));
        let comment = comment_of(&text, &table, &name);
        assert!(comment.is_some_and(|comment| comment.len() >= 4), "{table}.{name} has no comment");
        let sealed = ["envelope", "metadata_envelope", "answer", "wrapped"].contains(&name.as_str());
        let names_its_format = comment.is_some_and(|comment| comment.contains("(encrypted: "));
        assert_eq!(sealed, names_its_format, "{table}.{name}");
        assert!(!sealed || kind == "bytea", "{table}.{name} is sealed, so it holds bytes");
        assert!(kind != "text" || collation.as_deref() == Some("C"), "{table}.{name} depends on a locale");
        assert!(
            ["text", "bytea", "bigint", "smallint", "boolean"].contains(&kind.as_str()),
            "{table}.{name}: {kind}"
        );
        columns_seen += 1;
    }
    assert!(columns_seen > 100);
}

/// What follows the dashes on the column's own line.
fn comment_of<'a>(text: &'a str, table: &str, column: &str) -> Option<&'a str> {
    let (_, definition) = text.split_once(&format!("CREATE TABLE {table} ("))?;
    let (definition, _) = definition.split_once("\n)")?;
    let line = definition.lines().find(|line| line.split_whitespace().next() == Some(column))?;
    line.split_once(" -- ").map(|(_, comment)| comment.trim())
}

#[tokio::test]
async fn the_tenant_leads_every_key_of_tenants_data() {
    let mut connection = migrated().await;
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
        let first = sqlx::query(
            "SELECT attname::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] \
             WHERE indisprimary AND indrelid = format('strongroom.%I', $1)::regclass",
        );
        let first: String = first.bind(table).fetch_one(&mut connection).await.unwrap().get(0);
        assert_eq!(first, "tenant", "{table}");
    }
}

/// Sealed and compressed bytes are not compressed again, in no partition either.
#[tokio::test]
async fn nobody_compresses_what_does_not_compress() {
    let mut connection = migrated().await;
    let tried = sqlx::query(
        "SELECT format('%s.%s', attrelid::regclass, attname) FROM pg_attribute JOIN pg_class ON oid = attrelid \
         WHERE relnamespace = 'strongroom'::regnamespace AND relkind IN ('r', 'p') AND attstorage <> 'e' \
         AND attname IN ('envelope', 'metadata_envelope', 'answer', 'events', 'terms')",
    );
    let tried: Vec<String> =
        tried.fetch_all(&mut connection).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(tried, Vec::<String>::new());
}

async fn migrated() -> PgConnection {
    let server = Server::shared();
    let config = server.migrated().await;
    server.intruder(&config, OWNER).await
}
