//! Statements, by how many rows they concern.

use std::sync::Arc;

use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr, SqliteConnection};
use strongroom_core::ports::store::StoreError;

use super::columns::Columns;
use super::failure::store_error;
use super::values::Values;

/// How a row is read; the name is the one to report if it cannot be.
pub(super) struct Reading<T> {
    pub(super) table: &'static str,
    pub(super) read: fn(&mut Columns<'_>) -> Result<T, StoreError>,
}

impl<T> Reading<T> {
    fn rows(&self, rows: &[SqliteRow]) -> impl Iterator<Item = Result<T, StoreError>> {
        rows.iter().map(|row| (self.read)(&mut Columns::of(row, self.table)))
    }
}

/// Runs a statement without result rows; returns how many rows it changed.
pub(super) async fn execute(
    connection: &mut SqliteConnection,
    sql: &'static str,
    values: Values,
) -> Result<u64, sqlx::Error> {
    run(connection, sql.into_sql_str(), values.finish()?).await
}

/// Runs a statement without values and result rows.
pub(super) async fn command(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    execute(connection, sql, Values::default()).await.map(drop).map_err(|error| store_error(&error))
}

/// Reads all rows of an answer.
pub(super) async fn fetch<T>(
    connection: &mut SqliteConnection,
    sql: impl SqlSafeStr,
    values: Values,
    reading: &Reading<T>,
) -> Result<Vec<T>, StoreError> {
    let values = values.finish().map_err(|error| store_error(&error))?;
    let rows = query(connection, sql.into_sql_str(), values).await?;
    reading.rows(&rows).collect()
}

/// Reads the one row of an answer, if there is one.
pub(super) async fn fetch_one<T>(
    connection: &mut SqliteConnection,
    sql: &'static str,
    values: Values,
    reading: &Reading<T>,
) -> Result<Option<T>, StoreError> {
    Ok(fetch(connection, sql, values, reading).await?.into_iter().next())
}

/// A statement for any number of rows. Its text exists for 1, 2, 4, … 256 of them, so that the connection keeps every
/// one prepared and no text is ever put together from values. Places that no row needs are filled with NULLs: nothing
/// equals them, and insertions leave them out.
pub(super) struct ManyRows {
    texts: Vec<SqlStr>,
    values_per_row: usize,
}

impl ManyRows {
    /// The most rows in one statement.
    pub(super) const MOST: usize = 256;

    /// `before`, then `row` once per row with commas between, then `after`.
    pub(super) fn new(before: &str, row: &str, after: &str) -> Self {
        let sizes =
            std::iter::successors(Some(1), |size| Some(size * 2)).take_while(|size| *size <= Self::MOST);
        let texts = sizes.map(|size| {
            let text = format!("{before}{}{after}", vec![row; size].join(","));
            AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
        });
        Self { texts: texts.collect(), values_per_row: row.matches('?').count() }
    }

    /// Inserts rows with these values, the first of which is never NULL.
    pub(super) fn insertion(table_and_columns: &str, row: &str, on_conflict: &str) -> Self {
        Self::new(
            &format!("INSERT INTO {table_and_columns} SELECT * FROM (VALUES "),
            row,
            &format!(") WHERE column1 IS NOT NULL{on_conflict}"),
        )
    }

    /// Which of the texts has places for so many rows, if one has.
    pub(super) fn exponent_for(rows: usize) -> Option<usize> {
        (rows <= Self::MOST).then(|| rows.next_power_of_two().ilog2() as usize)
    }

    /// Writes all rows; returns how many were changed.
    pub(super) async fn write<T: Copy>(
        &self,
        connection: &mut SqliteConnection,
        rows: &[T],
        bind: fn(T, &mut Values),
    ) -> Result<u64, sqlx::Error> {
        let mut changed = 0;
        for piece in rows.chunks(Self::MOST) {
            let mut values = Values::default();
            let exponent = Self::exponent_for(piece.len()).unwrap_or_default();
            self.bind(piece, exponent, bind, &mut values);
            changed += run(connection, self.text(exponent), values.finish()?).await?;
        }
        Ok(changed)
    }

    /// Reads what belongs to any of the keys.
    pub(super) async fn find<K: Copy>(
        &self,
        connection: &mut SqliteConnection,
        keys: &[K],
        bind: fn(K, &mut Values),
    ) -> Result<Vec<SqliteRow>, StoreError> {
        let mut found = Vec::new();
        for piece in keys.chunks(Self::MOST) {
            let mut values = Values::default();
            let exponent = Self::exponent_for(piece.len()).unwrap_or_default();
            self.bind(piece, exponent, bind, &mut values);
            let values = values.finish().map_err(|error| store_error(&error))?;
            found.append(&mut query(connection, self.text(exponent), values).await?);
        }
        Ok(found)
    }

    /// The values of so many rows, and NULLs for the places that are left in the text for two to the power of `exponent`.
    pub(super) fn bind<T: Copy>(
        &self,
        rows: &[T],
        exponent: usize,
        bind: fn(T, &mut Values),
        values: &mut Values,
    ) {
        let places = 1 << exponent;
        values.reserve(places * self.values_per_row);
        rows.iter().for_each(|row| bind(*row, values));
        values.nulls(places.saturating_sub(rows.len()) * self.values_per_row);
    }

    /// The text for two to the power of `exponent` rows.
    pub(super) fn text(&self, exponent: usize) -> SqlStr {
        self.texts.get(exponent).cloned().unwrap_or(SqlStr::from_static(""))
    }
}

/// Runs a text, which may be of several statements; returns how many rows they changed. One that fails ends it.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    sql: SqlStr,
    values: SqliteArguments,
) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query_with(sql, values).execute(connection).await?.rows_affected())
}

async fn query(
    connection: &mut SqliteConnection,
    sql: SqlStr,
    values: SqliteArguments,
) -> Result<Vec<SqliteRow>, StoreError> {
    sqlx::query_with(sql, values).fetch_all(connection).await.map_err(|error| store_error(&error))
}
