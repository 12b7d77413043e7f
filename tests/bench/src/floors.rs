//! Floors that need no network: what the database and the cipher cost by themselves.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::Outcome;

const SCHEMA: &str = "CREATE TABLE tokens (shard INTEGER NOT NULL, tenant TEXT NOT NULL, token TEXT NOT NULL, \
    profile TEXT NOT NULL, envelope BLOB, bin TEXT NOT NULL, last4 TEXT NOT NULL, created_at INTEGER NOT NULL, \
    PRIMARY KEY (tenant, token)) STRICT";
const INSERT: &str = "INSERT INTO tokens VALUES (?, 'acme', ?, 'default', ?, '411111', '1111', 0)";
const SELECT: &str = "SELECT envelope, bin, last4 FROM tokens WHERE tenant = 'acme' AND token = ?";

/// Rows a second when each is a transaction of its own, as durable as the vault's (WAL, synchronous=FULL), from as many
/// tasks as the vault has connections.
pub(crate) async fn insert_per_second(directory: &Path, tasks: usize, seconds: Duration) -> Outcome<f64> {
    let pool = pool(directory, 1).await?;
    let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let began = Instant::now();
    let mut running = Vec::new();
    for _ in 0..tasks {
        let (pool, next) = (pool.clone(), Arc::clone(&next));
        running.push(tokio::spawn(async move {
            let mut rows = 0_u64;
            while began.elapsed() < seconds {
                let token = format!("tok_{:032}", next.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
                sqlx::query(INSERT).bind(1_i64).bind(token).bind(vec![7_u8; 130]).execute(&pool).await?;
                rows += 1;
            }
            Outcome::Ok(rows)
        }));
    }
    let mut rows = 0;
    for task in running {
        rows += task.await??;
    }
    Ok(rows as f64 / began.elapsed().as_secs_f64())
}

/// Look-ups by primary key a second over the rows that [`insert_per_second`] left.
pub(crate) async fn select_per_second(directory: &Path, tasks: usize, seconds: Duration) -> Outcome<f64> {
    let pool = pool(directory, 4).await?;
    let (count,): (i64,) = sqlx::query_as("SELECT count(*) FROM tokens").fetch_one(&pool).await?;
    let began = Instant::now();
    let mut running = Vec::new();
    for task in 0..tasks as i64 {
        let pool = pool.clone();
        running.push(tokio::spawn(async move {
            let mut found = 0_u64;
            let mut at = task;
            while began.elapsed() < seconds {
                at = (at + 7919) % count.max(1);
                sqlx::query(SELECT).bind(format!("tok_{at:032}")).fetch_one(&pool).await?;
                found += 1;
            }
            Outcome::Ok(found)
        }));
    }
    let mut found = 0;
    for task in running {
        found += task.await??;
    }
    Ok(found as f64 / began.elapsed().as_secs_f64())
}

/// Seals of 64 bytes a second on one core, key ready.
pub(crate) fn seals_per_second(seconds: Duration) -> Outcome<f64> {
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from([7; 32]));
    let mut buffer = [1_u8; 64];
    let mut counter = 0_u64;
    let began = Instant::now();
    while began.elapsed() < seconds {
        for _ in 0..1000 {
            counter += 1;
            let mut nonce = [0; 12];
            nonce.iter_mut().zip(counter.to_be_bytes()).for_each(|(to, from)| *to = from);
            cipher
                .encrypt_inout_detached(&Nonce::from(nonce), &[0; 32], buffer.as_mut_slice().into())
                .map_err(|_| "seal failed")?;
        }
    }
    Ok(counter as f64 / began.elapsed().as_secs_f64())
}

async fn pool(directory: &Path, connections: u32) -> Outcome<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(directory.join("floor.sqlite"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(60))
        .connect_with(options)
        .await?;
    sqlx::query("SELECT 1").execute(&pool).await?;
    let exists: Option<(String,)> =
        sqlx::query_as("SELECT name FROM sqlite_master WHERE name = 'tokens'").fetch_optional(&pool).await?;
    if exists.is_none() {
        sqlx::query(SCHEMA).execute(&pool).await?;
    }
    Ok(pool)
}
