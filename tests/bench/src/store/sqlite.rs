//! SQLite: a file beside the vault's for the floors, with the same table and indexes, as durable, through sqlx.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Column as _, Row as _, TypeInfo as _, ValueRef as _};

use super::Floors;
use crate::Outcome;
use crate::vault::quoted;

pub(super) const FLOORS: Floors = Floors {
    insert: "one INSERT a transaction through sqlx",
    insert_target: 5.0,
    select: "SELECT by primary key through sqlx",
    bulk: "multi-row INSERTs in one transaction",
};

/// Connections that read, as many as the vault has.
const READERS: u32 = 4;
/// Rows to look up in the floor: what fits the cache of either.
const LOOKED_UP: u64 = 20_000;
/// Rows of one INSERT in bulk.
const ROWS_AT_ONCE: u64 = 50;

pub(crate) struct Sqlite {
    database: PathBuf,
    floor: PathBuf,
}

impl Sqlite {
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self { database: folder.join("data/strongroom.sqlite"), floor: folder.join("floor.sqlite") }
    }

    pub(super) fn configuration(&self) -> String {
        format!("[store.sqlite]\npath = {}", quoted(&self.database))
    }

    /// The new tokens are older than all others: whatever comes later stays at the end of the index by age.
    pub(super) fn fill(&self, rows: u64) -> Outcome<()> {
        block_on(async {
            let pool = open(&self.database, 1).await?;
            sqlx::query("PRAGMA cache_size = -1048576").execute(&pool).await?;
            let (last,): (i64,) = sqlx::query_as("SELECT max(rowid) FROM tokens").fetch_one(&pool).await?;
            let (names, values) = columns(&pool, "tokens", |name| match name {
                "token" => "'tok_' || lower(hex(randomblob(16)))",
                "shard" => "abs(random()) % 4096",
                "created_at" => "created_at - ?1 + number",
                other => other,
            })
            .await?;
            let tokens = format!(
                "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < ?1) \
                 INSERT INTO tokens ({names}) SELECT {values} FROM (SELECT * FROM tokens LIMIT 1), numbers"
            );
            sqlx::query(AssertSqlSafe(tokens)).bind(i64::try_from(rows)?).execute(&pool).await?;
            let (names, values) = columns(&pool, "fingerprints", |name| match name {
                "random_token" => "added.token",
                "deterministic_token" => "NULL",
                "shard" => "abs(random()) % 4096",
                "fingerprint" => "randomblob(32)",
                other => other,
            })
            .await?;
            let fingerprints = format!(
                "INSERT INTO fingerprints ({names}) SELECT {values} FROM \
                 (SELECT tenant, scope, key_version FROM fingerprints LIMIT 1), \
                 (SELECT token FROM tokens WHERE rowid > ?1) AS added"
            );
            sqlx::query(AssertSqlSafe(fingerprints)).bind(last).execute(&pool).await?;
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&pool).await?;
            pool.close().await;
            Ok(())
        })
    }

    /// From as many tasks as the vault has connections, through the one connection that can write.
    pub(super) fn inserts_per_second(&self, tasks: usize, seconds: Duration) -> Outcome<f64> {
        block_on(async {
            let (pool, row) = self.floor(1).await?;
            let (row, next, began) = (Arc::new(row), Arc::new(AtomicU64::new(0)), Instant::now());
            let mut running = Vec::new();
            for _ in 0..tasks {
                let (pool, row, next) = (pool.clone(), Arc::clone(&row), Arc::clone(&next));
                running.push(tokio::spawn(async move {
                    let mut rows = 0_u64;
                    while began.elapsed() < seconds {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        row.insert(&pool, number..number + 1).await?;
                        rows += 1;
                    }
                    Outcome::Ok(rows)
                }));
            }
            per_second(running, began).await
        })
    }

    pub(super) fn selects_per_second(&self, tasks: usize, seconds: Duration) -> Outcome<f64> {
        block_on(async {
            let (pool, row) = self.floor(READERS).await?;
            row.insert_all(&pool, LOOKED_UP).await?;
            let select = Arc::<str>::from(format!(
                "SELECT {} FROM tokens WHERE tenant = (SELECT tenant FROM tokens LIMIT 1) AND token = ?",
                row.names.join(", ")
            ));
            let began = Instant::now();
            let mut running = Vec::new();
            for task in 0..tasks as u64 {
                let (pool, select) = (pool.clone(), Arc::clone(&select));
                running.push(tokio::spawn(async move {
                    let (mut found, mut at) = (0_u64, task);
                    while began.elapsed() < seconds {
                        at = (at + 7919) % LOOKED_UP;
                        sqlx::query(AssertSqlSafe(Arc::clone(&select)))
                            .bind(token(at))
                            .fetch_one(&pool)
                            .await?;
                        found += 1;
                    }
                    Outcome::Ok(found)
                }));
            }
            per_second(running, began).await
        })
    }

    pub(super) fn bulk_rows_per_second(&self, rows: u64) -> Outcome<f64> {
        block_on(async {
            let (pool, row) = self.floor(1).await?;
            let began = Instant::now();
            row.insert_all(&pool, rows).await?;
            Ok(rows as f64 / began.elapsed().as_secs_f64())
        })
    }

    /// An empty file with the vault's table, and a row of the vault's to copy.
    async fn floor(&self, connections: u32) -> Outcome<(SqlitePool, Template)> {
        for end in ["", "-wal", "-shm"] {
            let mut file = self.floor.clone().into_os_string();
            file.push(end);
            if Path::new(&file).exists() {
                std::fs::remove_file(file)?;
            }
        }
        let vault = open(&self.database, 1).await?;
        let schema: Vec<(String,)> = sqlx::query_as(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'tokens' AND sql IS NOT NULL ORDER BY type DESC",
        )
        .fetch_all(&vault)
        .await?;
        let row = sqlx::query("SELECT * FROM tokens LIMIT 1").fetch_one(&vault).await?;
        let template = Template::of(&row)?;
        vault.close().await;
        let floor = open(&self.floor, connections).await?;
        for (statement,) in schema {
            sqlx::query(AssertSqlSafe(statement)).execute(&floor).await?;
        }
        Ok((floor, template))
    }
}

/// A value of any column.
enum Cell {
    Nothing,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row to be copied under other tokens.
struct Template {
    names: Vec<String>,
    cells: Vec<Cell>,
}

impl Template {
    fn of(row: &SqliteRow) -> Outcome<Self> {
        let names = row.columns().iter().map(|column| column.name().to_owned()).collect();
        let cells = (0..row.len())
            .map(|at| {
                let value = row.try_get_raw(at)?;
                let kind = value.type_info().into_owned();
                Ok(match (value.is_null(), kind.name()) {
                    (true, _) => Cell::Nothing,
                    (_, "INTEGER") => Cell::Integer(row.try_get(at)?),
                    (_, "TEXT") => Cell::Text(row.try_get(at)?),
                    _ => Cell::Bytes(row.try_get(at)?),
                })
            })
            .collect::<Outcome<_>>()?;
        Ok(Self { names, cells })
    }

    /// One statement for these numbers.
    async fn insert(
        &self,
        to: impl sqlx::Executor<'_, Database = sqlx::Sqlite>,
        numbers: std::ops::Range<u64>,
    ) -> Outcome<()> {
        let places = format!("({})", vec!["?"; self.names.len()].join(", "));
        let many = usize::try_from(numbers.end - numbers.start)?;
        let text = format!(
            "INSERT INTO tokens ({}) VALUES {}",
            self.names.join(", "),
            vec![places; many].join(", ")
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for number in numbers {
            for (name, cell) in self.names.iter().zip(&self.cells) {
                query = match (name.as_str(), cell) {
                    ("token", _) => query.bind(token(number)),
                    (_, Cell::Nothing) => query.bind(None::<i64>),
                    (_, Cell::Integer(value)) => query.bind(*value),
                    (_, Cell::Text(value)) => query.bind(value.clone()),
                    (_, Cell::Bytes(value)) => query.bind(value.clone()),
                };
            }
        }
        query.execute(to).await?;
        Ok(())
    }

    /// Many, in one transaction.
    async fn insert_all(&self, pool: &SqlitePool, rows: u64) -> Outcome<()> {
        let mut transaction = pool.begin().await?;
        let mut from = 0;
        while from < rows {
            let to = rows.min(from + ROWS_AT_ONCE);
            self.insert(&mut *transaction, from..to).await?;
            from = to;
        }
        Ok(transaction.commit().await?)
    }
}

/// A token of this number. Scattered over the index as random ones are: the number is multiplied by an odd constant.
fn token(number: u64) -> String {
    format!("tok_{:032x}", u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// The names of a table's columns, and what is written into each.
async fn columns(pool: &SqlitePool, table: &str, value: impl Fn(&str) -> &str) -> Outcome<(String, String)> {
    let names: Vec<(String,)> =
        sqlx::query_as("SELECT name FROM pragma_table_info(?)").bind(table).fetch_all(pool).await?;
    let values: Vec<&str> = names.iter().map(|(name,)| value(name)).collect();
    let names: Vec<&str> = names.iter().map(|(name,)| name.as_str()).collect();
    Ok((names.join(", "), values.join(", ")))
}

async fn per_second(running: Vec<tokio::task::JoinHandle<Outcome<u64>>>, began: Instant) -> Outcome<f64> {
    let mut all = 0;
    for task in running {
        all += task.await??;
    }
    Ok(all as f64 / began.elapsed().as_secs_f64())
}

/// As durable as the vault's: WAL, on disk at each commit.
async fn open(path: &Path, connections: u32) -> Outcome<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-65536");
    Ok(SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(60))
        .connect_with(options)
        .await?)
}

fn block_on<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
