use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use strongroom_core::ports::store::{BundleRow, CommitError, FingerprintRow};

use super::{Unwritten, refused};
use crate::changes::Changes;
use crate::postgres::audit::bundles;
use crate::postgres::connections::Session;
use crate::postgres::failure::Refusal;
use crate::postgres::rows::{Uncommitted, execute, execute_and_commit};
use crate::postgres::values::Values;
use crate::postgres::{aliases, answers, fingerprints, tags, tokens};

/// Commits additions and the bundle with one statement. A conflict may also mean that the stream has moved on.
pub(super) async fn commit(
    session: &mut Session,
    bundle: &BundleRow,
    changes: &Changes<'_>,
) -> Result<(), Unwritten> {
    let statement = Statement::of(bundle, changes);
    match execute_and_commit(session, statement.text(), statement.values()).await {
        Ok(0) => Err(CommitError::Fenced.into()),
        Ok(_) => Ok(()),
        Err(Uncommitted::Refused(error)) => Err(refused(error.into())),
        Err(Uncommitted::InDoubt(error)) => Err(CommitError::InDoubt(error).into()),
    }
}

/// Adds the bundle alone, within a transaction. Nothing else of it is written yet, so a conflict is another writer.
pub(super) async fn append(session: &mut Session, bundle: &BundleRow) -> Result<(), Unwritten> {
    let nothing = Changes::default();
    let statement = Statement::of(bundle, &nothing);
    match execute(session, statement.text(), statement.values()).await.map_err(Refusal::from) {
        Ok(0) | Err(Refusal::Conflict) => Err(CommitError::Fenced.into()),
        Ok(_) => Ok(()),
        Err(refusal) => Err(refused(refusal)),
    }
}

/// Adds rows, within a transaction whose bundle has been added.
pub(super) async fn add(session: &mut Session, changes: &Changes<'_>) -> Result<(), Refusal> {
    let additions = Additions::of(changes);
    for (present, text, bind) in additions.parts() {
        if present {
            let mut values = Values::default();
            bind(&additions, &mut values);
            execute(session, text.clone(), values).await?;
        }
    }
    Ok(())
}

/// A commit's statement and what it writes.
struct Statement<'a> {
    bundle: &'a BundleRow,
    additions: Additions<'a>,
}

/// Rows to add, by the statement that adds them.
struct Additions<'a> {
    changes: &'a Changes<'a>,
    deterministic: Vec<&'a FingerprintRow>,
    random: Vec<&'a FingerprintRow>,
}

type Bind<'a> = fn(&Additions<'a>, &mut Values);

/// The inserts, in the order in which every statement has them.
const INSERTS: [&str; 6] = [
    tokens::INSERT,
    fingerprints::INSERT_DETERMINISTIC,
    fingerprints::INSERT_RANDOM,
    answers::INSERT,
    aliases::INSERT,
    tags::INSERT,
];

impl<'a> Additions<'a> {
    fn of(changes: &'a Changes<'a>) -> Self {
        let (deterministic, random) = changes.fingerprints.iter().partition(|row| row.deterministic);
        Self { changes, deterministic, random }
    }

    /// Whether there are any, the statement that adds them alone, and what binds its values.
    fn parts(&self) -> impl Iterator<Item = (bool, &'static SqlStr, Bind<'a>)> {
        let present = [
            !self.changes.tokens.is_empty(),
            !self.deterministic.is_empty(),
            !self.random.is_empty(),
            !self.changes.answers.is_empty(),
            !self.changes.aliases.is_empty(),
            !self.changes.tags.is_empty(),
        ];
        let bind: [Bind<'a>; 6] = [
            |rows, values| tokens::bind(&rows.changes.tokens, values),
            |rows, values| fingerprints::bind(&rows.deterministic, values),
            |rows, values| fingerprints::bind(&rows.random, values),
            |rows, values| answers::bind(&rows.changes.answers, values),
            |rows, values| aliases::bind(&rows.changes.aliases, values),
            |rows, values| tags::bind(&rows.changes.tags, values),
        ];
        present.into_iter().zip(ALONE.iter()).zip(bind).map(|((present, text), bind)| (present, text, bind))
    }
}

impl<'a> Statement<'a> {
    fn of(bundle: &'a BundleRow, changes: &'a Changes<'a>) -> Self {
        Self { bundle, additions: Additions::of(changes) }
    }

    fn text(&self) -> SqlStr {
        let begins = usize::from(self.bundle.first_sequence == 0);
        let parts = self.additions.parts().enumerate();
        let number =
            parts.fold(begins, |bits, (part, (present, ..))| bits | (usize::from(present) << (part + 1)));
        TEXTS.get(number).cloned().unwrap_or(SqlStr::from_static(""))
    }

    fn values(&self) -> Values {
        let mut values = Values::default();
        bundles::bind(self.bundle, &mut values);
        for (present, _, bind) in self.additions.parts() {
            if present {
                bind(&self.additions, &mut values);
            }
        }
        values
    }
}

/// Every statement there is. Bit 0 of its number: whether the stream begins; the others: which inserts it has.
pub(in crate::postgres) static TEXTS: LazyLock<Vec<SqlStr>> =
    LazyLock::new(|| (0..1 << (INSERTS.len() + 1)).map(text).collect());
/// The inserts alone, for transactions.
static ALONE: LazyLock<Vec<SqlStr>> = LazyLock::new(|| {
    let alone = |insert: &&str| {
        let mut text = "WITH head AS (SELECT true AS fits) ".to_owned();
        number_places(insert, &mut 0, &mut text);
        AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
    };
    INSERTS.iter().map(alone).collect()
});

fn text(number: usize) -> SqlStr {
    let mut text = bundles::FITS.to_owned();
    if number & 1 == 1 {
        text.extend([", stream AS (", bundles::BEGIN_STREAM, ")"]);
    }
    let mut places = bundles::VALUES;
    for (part, insert) in INSERTS.iter().enumerate().filter(|(part, _)| number >> (part + 1) & 1 == 1) {
        // Writing to a text does not fail.
        let _ = write!(text, ", added_{part} AS (");
        number_places(insert, &mut places, &mut text);
        text.push(')');
    }
    text.extend([" ", bundles::APPEND]);
    AssertSqlSafe(Arc::<str>::from(text)).into_sql_str()
}

/// Writes `?` as `$8`, `$9` and so on.
fn number_places(insert: &str, places: &mut usize, text: &mut String) {
    for (position, piece) in insert.split('?').enumerate() {
        if position > 0 {
            *places += 1;
            let _ = write!(text, "${places}");
        }
        text.push_str(piece);
    }
}
