//! The script for Citus covers every table. There is no Citus here: functions that note their calls stand in for its.

use sqlx::Row;
use strongroom_core::ports::Store;
use strongroom_store::PostgresStore;

use crate::samples::{batch, insert_token};
use crate::server::{OWNER, Server, run_on};

const SCRIPT: &str = include_str!("../../../../deploy/citus/distribute.sql");
const STAND_INS: &str = "\
    CREATE SCHEMA stand_ins; SET search_path = stand_ins; \
    CREATE TABLE calls (table_name text PRIMARY KEY, column_name text, colocate_with text); \
    CREATE FUNCTION create_distributed_table(table_name regclass, column_name text, shard_count int DEFAULT NULL, \
        colocate_with text DEFAULT 'default') RETURNS void LANGUAGE sql AS $$ \
        INSERT INTO stand_ins.calls VALUES (table_name::text, column_name, colocate_with) $$; \
    CREATE FUNCTION create_reference_table(table_name regclass) RETURNS void LANGUAGE sql AS $$ \
        INSERT INTO stand_ins.calls VALUES (table_name::text, NULL, NULL) $$";

#[tokio::test]
async fn every_table_is_distributed_by_a_column_of_its_key() {
    let server = Server::shared();
    let config = server.migrated().await;
    let mut owner = server.intruder(&config, OWNER).await;
    run_on(&mut owner, STAND_INS).await.unwrap();
    run_on(&mut owner, &format!("BEGIN; {}; COMMIT", script())).await.unwrap();
    let tables = sqlx::query(
        "SELECT relname::text, calls.column_name, calls.table_name IS NOT NULL, relkind::text, \
         coalesce(array_agg(attname::text) FILTER (WHERE attname IS NOT NULL), '{}') \
         FROM pg_class LEFT JOIN stand_ins.calls ON table_name IN (relname, 'strongroom.' || relname) \
         LEFT JOIN pg_index ON indrelid = pg_class.oid AND indisprimary \
         LEFT JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = ANY (indkey) \
         WHERE relnamespace = 'strongroom'::regnamespace AND relkind IN ('r', 'p') AND relname <> '_sqlx_migrations' \
         GROUP BY 1, 2, 3, 4",
    );
    let tables = tables.fetch_all(&mut owner).await.unwrap();
    assert_eq!(tables.len(), 22);
    for table in tables {
        let (name, column): (String, Option<String>) = (table.get(0), table.get(1));
        let (covered, kind, key): (bool, String, Vec<String>) = (table.get(2), table.get(3), table.get(4));
        assert!(covered, "{name} is not distributed");
        assert_eq!(kind, "r", "{name} is partitioned");
        assert!(
            column.is_none_or(|column| key.contains(&column)),
            "{name}: unique without its distribution column"
        );
    }
    // The same store runs on it, with the same rights.
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(1, b"sealed")])).await.unwrap();
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_database_in_use_is_left_alone() {
    let server = Server::shared();
    let config = server.migrated().await;
    let mut owner = server.intruder(&config, OWNER).await;
    run_on(&mut owner, STAND_INS).await.unwrap();
    let store = PostgresStore::open(&config).await.unwrap();
    store.commit(&batch(0, vec![insert_token(1, b"sealed")])).await.unwrap();
    assert!(run_on(&mut owner, &format!("BEGIN; {}; COMMIT", script())).await.is_err());
    run_on(&mut owner, "ROLLBACK").await.unwrap();
    assert_eq!(store.stream_head("node").await.unwrap().unwrap().size, 1);
    store.commit(&batch(1, vec![insert_token(2, b"sealed")])).await.unwrap();
}

/// With the stand-ins where Citus puts its functions.
fn script() -> String {
    SCRIPT.replace("search_path = strongroom, public", "search_path = strongroom, stand_ins")
}
