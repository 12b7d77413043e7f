//! A transaction as one text.
//!
//! Each text that is run is a hop to the connection's thread and back, which costs more than most statements. SQLite
//! stops a text at the first statement that fails and leaves the transaction open, so COMMIT is reached only after
//! everything else succeeded; a statement whose success is a matter of how many rows it changed is followed by one that
//! fails if there were others than expected.

use std::sync::{Arc, LazyLock, OnceLock};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr, SqliteConnection};
use strongroom_core::ports::store::BundleRow;

use super::kinds::Kinds;
use crate::sqlite::audit::bundles;
use crate::sqlite::rows::{ManyRows, run as run_text};
use crate::sqlite::values::Values;
use crate::sqlite::{answers, fingerprints, tokens};

/// Writes the bundle and the changes in one transaction. After an error that transaction may be open. `None`: these
/// changes are not for a single text, and nothing was done.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    bundle: &BundleRow,
    kinds: &Kinds<'_>,
) -> Option<Result<(), sqlx::Error>> {
    if kinds.are_uncommon() {
        return None;
    }
    let counts = kinds.counts();
    // One number of places for all kinds keeps the number of texts small.
    let exponent = ManyRows::exponent_for(counts.into_iter().max().unwrap_or_default())?;
    let text = text(counts.map(|count| count > 0), exponent)?;
    let written = match values(bundle, kinds, exponent).finish() {
        Ok(values) => run_text(connection, text, values).await.map(drop),
        Err(error) => Err(error),
    };
    Some(written)
}

/// The kinds of changes in the order they are written, as [`Kinds::counts`] counts them. What makes room comes first:
/// a fingerprint that moves to another token is removed, then added.
pub(super) const KINDS: usize = 6;

fn statements() -> [&'static ManyRows; KINDS] {
    [
        &fingerprints::DELETE,
        &tokens::REVISE,
        &tokens::INSERT,
        &fingerprints::INSERT_DETERMINISTIC,
        &fingerprints::INSERT_RANDOM,
        &answers::INSERT,
    ]
}

/// Fails, for want of a name, unless the statement before it changed so many rows.
const EXPECT: &str = "INSERT INTO leases (name) SELECT NULL WHERE changes() <> ?";

fn values(bundle: &BundleRow, kinds: &Kinds<'_>, exponent: usize) -> Values {
    let changes = &kinds.changes;
    let mut values = Values::default();
    bundles::bind(bundle, &mut values);
    if !changes.gone_fingerprints.is_empty() {
        fingerprints::DELETE.bind(&changes.gone_fingerprints, exponent, fingerprints::bind, &mut values);
    }
    if !changes.revisions.is_empty() {
        tokens::REVISE.bind(&changes.revisions, exponent, tokens::bind_revision, &mut values);
        values.number(changes.revisions.len() as u64);
    }
    if !changes.tokens.is_empty() {
        tokens::INSERT.bind(&changes.tokens, exponent, tokens::bind, &mut values);
    }
    if !kinds.deterministic.is_empty() {
        let rows = &kinds.deterministic;
        fingerprints::INSERT_DETERMINISTIC.bind(rows, exponent, fingerprints::bind_with_shard, &mut values);
    }
    if !kinds.random.is_empty() {
        let rows = &kinds.random;
        fingerprints::INSERT_RANDOM.bind(rows, exponent, fingerprints::bind_with_shard, &mut values);
    }
    if !changes.answers.is_empty() {
        answers::INSERT.bind(&changes.answers, exponent, answers::bind, &mut values);
    }
    values
}

/// The text for these kinds. Each is put together once.
fn text(kinds: [bool; KINDS], exponent: usize) -> Option<SqlStr> {
    static TEXTS: LazyLock<Vec<OnceLock<SqlStr>>> = LazyLock::new(|| {
        let exponents = ManyRows::MOST.ilog2() as usize + 1;
        (0..exponents << KINDS).map(|_| OnceLock::new()).collect()
    });
    let number = kinds.into_iter().fold(exponent, |number, kind| (number << 1) | usize::from(kind));
    Some(TEXTS.get(number)?.get_or_init(|| put_together(kinds, exponent)).clone())
}

fn put_together(kinds: [bool; KINDS], exponent: usize) -> SqlStr {
    let mut text = format!("BEGIN IMMEDIATE;{};", bundles::INSERT);
    for (statement, _) in statements().into_iter().zip(kinds).filter(|(_, present)| *present) {
        text.push_str(&failing_at_once(statement.text(exponent).as_str()));
        text.push(';');
        if std::ptr::eq(statement, &*tokens::REVISE) {
            text.push_str(EXPECT);
            text.push(';');
        }
    }
    text.push_str("COMMIT");
    AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
}

/// A statement of many rows that can be refused at any of them notes how each page was before, so that it alone can be
/// taken back. Here the whole transaction is taken back, so the notes are left out.
fn failing_at_once(statement: &str) -> String {
    match statement.strip_prefix("INSERT INTO ") {
        Some(rest) => format!("INSERT OR FAIL INTO {rest}"),
        None => statement.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_of_kinds_has_a_text_of_its_own() {
        let mut texts = std::collections::HashSet::new();
        for number in 0..9 << KINDS {
            let kinds = std::array::from_fn(|kind| (number >> kind) & 1 == 1);
            let text = text(kinds, number >> KINDS).unwrap();
            assert!(text.as_str().starts_with("BEGIN IMMEDIATE;") && text.as_str().ends_with(";COMMIT"));
            let statements = 3 + kinds.iter().filter(|kind| **kind).count() + usize::from(kinds[1]);
            assert_eq!(text.as_str().split(';').count(), statements);
            let insertions = kinds.iter().skip(2).filter(|kind| **kind).count();
            assert_eq!(text.as_str().matches("INSERT OR FAIL INTO").count(), insertions);
            // Without changes the number of rows makes no difference.
            assert!(texts.insert(text.as_str().to_owned()) || number & ((1 << KINDS) - 1) == 0);
        }
    }
}
