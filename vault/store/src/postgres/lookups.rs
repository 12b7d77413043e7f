//! Look-ups by key, of many callers with one statement each kind.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use strongroom_core::ports::store::{
    AliasRow, AnswerRow, FingerprintKey, FingerprintRow, StoreError, TokenRow,
};
use strongroom_domain::{Alias, IdempotencyKey, ServiceName, TenantId, Token};

use super::columns::Columns;
use super::connections::{Connections, Session};
use super::failure::{is_end_of_connection, store_error};
use super::rows::fetch_rows;
use super::values::Values;
use super::{aliases, answers, fingerprints, tokens};
use crate::gathering::Answering;
use crate::shard;

/// Answers on a connection that reads.
pub(super) struct Lookups {
    pub(super) readers: Arc<Connections>,
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

#[async_trait]
impl Answering for Lookups {
    type Question = Wanted;
    type Answer = Found;

    async fn answer(&self, questions: &[Wanted]) -> Result<Findings, StoreError> {
        // A connection that died while nobody used it is no reason to fail: reading twice does no harm.
        match self.try_answer(questions).await {
            Err(error) if is_end_of_connection(&error) => self.try_answer(questions).await,
            findings => findings,
        }
    }
}

impl Lookups {
    async fn try_answer(&self, questions: &[Wanted]) -> Result<Findings, StoreError> {
        let mut turn = self.readers.take().await?;
        let mut findings: Findings = questions.iter().map(|_| Ok(Found::default())).collect();
        let session = turn.session()?;
        find_tokens(session, questions, &mut findings).await?;
        find_taken(session, questions, &mut findings).await?;
        find_aliases(session, questions, &mut findings).await?;
        find_fingerprints(session, questions, &mut findings).await?;
        find_answers(session, questions, &mut findings).await?;
        turn.give_back();
        Ok(findings)
    }
}

async fn find_tokens(
    session: &mut Session,
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
    hand_out(session, tokens::FIND, "token", &keys, bind_tokens, take, findings).await
}

async fn find_taken(
    session: &mut Session,
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
    hand_out(session, tokens::TAKEN, "token", &keys, bind_tokens, take, findings).await
}

async fn find_aliases(
    session: &mut Session,
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
    let bind = |keys: &[Key<(&TenantId, &Alias)>], values: &mut Values| {
        values.shards(keys.iter().map(|key| shard::of_alias(key.key.1)));
        values.texts(keys.iter().map(|key| key.key.0.as_str()));
        values.texts(keys.iter().map(|key| key.key.1.as_str()));
    };
    hand_out(session, aliases::FIND, "alias", &keys, bind, take, findings).await
}

async fn find_fingerprints(
    session: &mut Session,
    questions: &[Wanted],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let keys = keys(questions, |wanted| match wanted {
        Wanted::Fingerprints(tenant, keys) => keys.iter().map(|key| (tenant, key)).collect(),
        _ => Vec::new(),
    });
    let bind = |keys: &[Key<(&TenantId, &FingerprintKey)>], values: &mut Values| {
        values.shards(keys.iter().map(|key| shard::of_fingerprint(&key.key.1.fingerprint)));
        values.texts(keys.iter().map(|key| key.key.0.as_str()));
        values.texts(keys.iter().map(|key| fingerprints::scope(key.key.1)));
        values.integers(keys.iter().map(|key| key.key.1.key_version.get()));
        values.blobs(keys.iter().map(|key| &key.key.1.fingerprint[..]));
    };
    let take = |found: &mut Found, columns: &mut Columns<'_>| {
        found.fingerprints.push(fingerprints::read(columns)?);
        Ok(())
    };
    hand_out(session, fingerprints::FIND, "fingerprint", &keys, bind, take, findings).await
}

async fn find_answers(
    session: &mut Session,
    questions: &[Wanted],
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let keys = keys(questions, |wanted| match wanted {
        Wanted::Answer(tenant, service, key) => vec![(tenant, service, key)],
        _ => Vec::new(),
    });
    let bind = |keys: &[Key<(&TenantId, &ServiceName, &IdempotencyKey)>], values: &mut Values| {
        values.texts(keys.iter().map(|key| key.key.0.as_str()));
        values.texts(keys.iter().map(|key| key.key.1.as_str()));
        values.texts(keys.iter().map(|key| key.key.2.as_str()));
    };
    let take = |found: &mut Found, columns: &mut Columns<'_>| {
        found.answer = Some(answers::read(columns)?);
        Ok(())
    };
    hand_out(session, answers::FIND, "stored answer", &keys, bind, take, findings).await
}

/// A key, and the position of the question it belongs to.
struct Key<K> {
    question: usize,
    key: K,
}

fn keys<'q, K>(questions: &'q [Wanted], keys_of: impl Fn(&'q Wanted) -> Vec<K>) -> Vec<Key<K>> {
    let each = |(question, wanted): (usize, &'q Wanted)| {
        keys_of(wanted).into_iter().map(move |key| Key { question, key })
    };
    questions.iter().enumerate().flat_map(each).collect()
}

fn bind_tokens(keys: &[Key<(&TenantId, &Token)>], values: &mut Values) {
    values.shards(keys.iter().map(|key| shard::of_token(key.key.1)));
    values.texts(keys.iter().map(|key| key.key.0.as_str()));
    values.texts(keys.iter().map(|key| key.key.1.as_str()));
}

/// Runs the statement for all keys and gives each row to the question it answers. A row that cannot be read is the
/// failure of that question alone.
async fn hand_out<K>(
    session: &mut Session,
    sql: &'static str,
    table: &'static str,
    keys: &[Key<K>],
    bind: impl Fn(&[Key<K>], &mut Values),
    take: impl Fn(&mut Found, &mut Columns<'_>) -> Result<(), StoreError>,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    let mut values = Values::default();
    bind(keys, &mut values);
    let rows: Vec<PgRow> = fetch_rows(session, sql, values).await.map_err(|error| store_error(&error))?;
    for row in &rows {
        let mut columns = Columns::of(row, table);
        let place: usize = columns.number()?;
        let finding = keys.get(place.wrapping_sub(1)).and_then(|key| findings.get_mut(key.question));
        let Some(finding) = finding else { return Err(columns.unreadable()) };
        if let Ok(found) = finding
            && let Err(error) = take(found, &mut columns)
        {
            *finding = Err(error);
        }
    }
    Ok(())
}
