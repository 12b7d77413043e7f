//! Look-ups by key, of many callers with one statement each kind.

use async_trait::async_trait;
use sqlx::{SqliteConnection, SqlitePool};
use strongroom_core::ports::store::{
    AliasRow, AnswerRow, FingerprintKey, FingerprintRow, StoreError, TokenRow,
};
use strongroom_domain::{Alias, IdempotencyKey, ServiceName, TenantId, Token};

use super::columns::Columns;
use super::failure::store_error;
use super::rows::ManyRows;
use super::values::Values;
use super::{aliases, answers, fingerprints, tokens};
use crate::gathering::Answering;

/// Answers on a connection that reads.
pub(super) struct Lookups {
    pub(super) readers: SqlitePool,
}

/// What is looked for. No key occurs twice in a question.
pub(super) enum Wanted {
    /// Tokens' rows.
    Tokens(TenantId, Vec<Token>),
    /// Which tokens exist.
    Taken(TenantId, Vec<Token>),
    /// The rows of aliases.
    Aliases(TenantId, Vec<Alias>),
    /// Rows with these fingerprints.
    Fingerprints(TenantId, Vec<FingerprintKey>),
    /// The answer under a key.
    Answer(TenantId, ServiceName, IdempotencyKey),
}

/// What was found, of the kind that was asked for.
#[derive(Default)]
pub(super) struct Found {
    pub(super) tokens: Vec<TokenRow>,
    pub(super) taken: Vec<Token>,
    pub(super) aliases: Vec<AliasRow>,
    pub(super) fingerprints: Vec<FingerprintRow>,
    pub(super) answer: Option<AnswerRow>,
}

type Findings = Vec<Result<Found, StoreError>>;

/// A key, and the position of the question it belongs to.
#[derive(Clone, Copy)]
pub(super) struct Key<K> {
    question: usize,
    key: K,
}

#[async_trait]
impl Answering for Lookups {
    type Question = Wanted;
    type Answer = Found;

    async fn answer(&self, questions: &[Wanted]) -> Result<Findings, StoreError> {
        let mut reader = self.readers.acquire().await.map_err(|error| store_error(&error))?;
        let mut findings: Findings = questions.iter().map(|_| Ok(Found::default())).collect();
        find_tokens(&mut reader, questions, &mut findings).await?;
        find_taken(&mut reader, questions, &mut findings).await?;
        find_aliases(&mut reader, questions, &mut findings).await?;
        find_fingerprints(&mut reader, questions, &mut findings).await?;
        find_answers(&mut reader, questions, &mut findings).await?;
        Ok(findings)
    }
}

async fn find_tokens(
    reader: &mut SqliteConnection,
    questions: &[Wanted],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let keys = keys(questions, |wanted| match wanted {
        Wanted::Tokens(tenant, tokens) => tokens.iter().map(|token| (tenant, token)).collect(),
        _ => Vec::new(),
    });
    let take = |found: &mut Found, columns: &mut Columns<'_>| {
        found.tokens.push(tokens::read(columns)?);
        Ok(())
    };
    hand_out(reader, &tokens::FIND, "token", &keys, bind_token, take, findings).await
}

async fn find_taken(
    reader: &mut SqliteConnection,
    questions: &[Wanted],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let keys = keys(questions, |wanted| match wanted {
        Wanted::Taken(tenant, tokens) => tokens.iter().map(|token| (tenant, token)).collect(),
        _ => Vec::new(),
    });
    let take = |found: &mut Found, columns: &mut Columns<'_>| {
        found.taken.push(columns.parsed(Token::parse)?);
        Ok(())
    };
    hand_out(reader, &tokens::TAKEN, "token", &keys, bind_token, take, findings).await
}

async fn find_aliases(
    reader: &mut SqliteConnection,
    questions: &[Wanted],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let keys = keys(questions, |wanted| match wanted {
        Wanted::Aliases(tenant, aliases) => aliases.iter().map(|alias| (tenant, alias)).collect(),
        _ => Vec::new(),
    });
    let take = |found: &mut Found, columns: &mut Columns<'_>| {
        found.aliases.push(aliases::read(columns)?);
        Ok(())
    };
    hand_out(reader, &aliases::FIND, "alias", &keys, bind_alias, take, findings).await
}

async fn find_fingerprints(
    reader: &mut SqliteConnection,
    questions: &[Wanted],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let keys = keys(questions, |wanted| match wanted {
        Wanted::Fingerprints(tenant, keys) => keys.iter().map(|key| (tenant, key)).collect(),
        _ => Vec::new(),
    });
    let take = |found: &mut Found, columns: &mut Columns<'_>| {
        found.fingerprints.push(fingerprints::read(columns)?);
        Ok(())
    };
    hand_out(reader, &fingerprints::FIND, "fingerprint", &keys, bind_fingerprint, take, findings).await
}

async fn find_answers(
    reader: &mut SqliteConnection,
    questions: &[Wanted],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let keys = keys(questions, |wanted| match wanted {
        Wanted::Answer(tenant, service, key) => vec![(tenant, service, key)],
        _ => Vec::new(),
    });
    let take = |found: &mut Found, columns: &mut Columns<'_>| {
        found.answer = Some(answers::read(columns)?);
        Ok(())
    };
    hand_out(reader, &answers::FIND, "stored answer", &keys, bind_answer, take, findings).await
}

fn keys<'q, K>(questions: &'q [Wanted], keys_of: impl Fn(&'q Wanted) -> Vec<K>) -> Vec<Key<K>> {
    let each = |(question, wanted): (usize, &'q Wanted)| {
        keys_of(wanted).into_iter().map(move |key| Key { question, key })
    };
    questions.iter().enumerate().flat_map(each).collect()
}

fn bind_token(wanted: Key<(&TenantId, &Token)>, values: &mut Values) {
    let (tenant, token) = wanted.key;
    values.number(wanted.question as u64);
    values.text(tenant.as_str());
    values.text(token.as_str());
}

fn bind_alias(wanted: Key<(&TenantId, &Alias)>, values: &mut Values) {
    let (tenant, alias) = wanted.key;
    values.number(wanted.question as u64);
    values.text(tenant.as_str());
    values.text(alias.as_str());
}

fn bind_fingerprint(wanted: Key<(&TenantId, &FingerprintKey)>, values: &mut Values) {
    let (tenant, key) = wanted.key;
    values.number(wanted.question as u64);
    values.text(tenant.as_str());
    fingerprints::bind_key(key, values);
}

fn bind_answer(wanted: Key<(&TenantId, &ServiceName, &IdempotencyKey)>, values: &mut Values) {
    let (tenant, service, key) = wanted.key;
    values.number(wanted.question as u64);
    values.text(tenant.as_str());
    values.text(service.as_str());
    values.text(key.as_str());
}

/// Runs the statement for all keys and gives each row to the question it answers, whose number it says first. A row
/// that cannot be read is the failure of that question alone.
async fn hand_out<K: Copy>(
    reader: &mut SqliteConnection,
    statement: &ManyRows,
    table: &'static str,
    keys: &[Key<K>],
    bind: fn(Key<K>, &mut Values),
    take: impl Fn(&mut Found, &mut Columns<'_>) -> Result<(), StoreError>,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    for row in statement.find(reader, keys, bind).await? {
        let mut columns = Columns::of(&row, table);
        let question: usize = columns.number()?;
        let Some(finding) = findings.get_mut(question) else { return Err(columns.unreadable()) };
        if let Ok(found) = finding
            && let Err(error) = take(found, &mut columns)
        {
            *finding = Err(error);
        }
    }
    Ok(())
}
