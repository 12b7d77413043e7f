//! Card numbers in an answer become tokens before anybody sees it.

use std::collections::BTreeSet;

use strongroom_domain::{Pan, Principal, ProfileName, Secret, Token, Value};
use subtle::ConstantTimeEq as _;

use super::forward::Used;
use crate::VaultError;
use crate::audit::EventDraft;
use crate::operations::tokens::{CardInput, CreateTokens, Metadata, NewToken, ValueInput};
use crate::pipeline::{Operation as _, Permit};
use crate::ports::egress::{AnswerFault, AnswerWithCards, OutsideAnswer};
use crate::ports::store::Effect;
use crate::vault::Core;

/// By the profile that every tenant has.
const PROFILE: &str = "default";

/// An answer that may be handed on, and what has to be written before.
pub(super) struct Replaced {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Secret<Vec<u8>>,
    pub(super) tokens: Vec<Token>,
    pub(super) effects: Vec<Effect>,
    pub(super) events: Vec<EventDraft>,
}

impl Replaced {
    /// There is nothing to replace.
    pub(super) fn nothing(answer: &OutsideAnswer) -> Self {
        Self::of(answer.status, answer.headers.clone(), copy(&answer.body))
    }

    fn of(status: u16, headers: Vec<(String, String)>, body: Secret<Vec<u8>>) -> Self {
        let (tokens, effects, events) = (Vec::new(), Vec::new(), Vec::new());
        Self { status, headers, body, tokens, effects, events }
    }
}

/// Puts a token in the place of each number: the caller's own where it is a number of the request, a new one, or the one
/// that the number has already, for any other. If one cannot be made, the answer is not handed on.
pub(super) async fn retokenize(
    (permit, core, principal): (&Permit, &Core, &Principal),
    destination: Option<&str>,
    answer: &dyn AnswerWithCards,
    used: &[Used],
) -> Result<Replaced, VaultError> {
    let numbers = answer.numbers();
    let mut distinct: Vec<(&Pan, Option<Token>)> = Vec::new();
    for number in &numbers {
        if !distinct.iter().any(|(known, _)| is_same(known, number)) {
            distinct.push((number, token_of(number, used)));
        }
    }
    let items = distinct.iter().filter(|(_, token)| token.is_none()).map(|(number, _)| new_token(number));
    let creation = CreateTokens { principal, items: items.collect() };
    let refused = |error: VaultError| {
        tracing::warn!(%error, "an answer with card numbers could not be handed on with tokens in their places");
        VaultError::DestinationAnswer(AnswerFault::CardNumber)
    };
    let (mut made, mut effects, mut events) = (Vec::new(), Vec::new(), Vec::new());
    if !creation.items.is_empty() {
        let prepared = creation.prepare(permit, core).await.map_err(refused)?;
        for result in prepared.output {
            made.push(result.map_err(refused)?.token.token);
        }
        effects = prepared.effects;
        events = prepared
            .events
            .into_iter()
            .map(|made| made.came_to("retokenized").destination(destination))
            .collect();
    }
    let mut made = made.into_iter();
    for (_, token) in &mut distinct {
        if token.is_none() {
            *token = made.next();
        }
    }
    let in_place = |number: &Pan| {
        let known = distinct.iter().find(|(known, _)| is_same(known, number));
        known.and_then(|(_, token)| token.clone()).ok_or(VaultError::Internal("a number got no token"))
    };
    let tokens: Vec<Token> = numbers.iter().map(|number| in_place(number)).collect::<Result<_, _>>()?;
    let OutsideAnswer { status, headers, body } = answer.replace(&tokens).await?;
    let tokens = distinct.into_iter().filter_map(|(_, token)| token).collect();
    Ok(Replaced { tokens, effects, events, ..Replaced::of(status, headers, body) })
}

fn token_of(number: &Pan, used: &[Used]) -> Option<Token> {
    let of = |used: &&Used| matches!(&used.value, Value::Card(card) if is_same(&card.number, number));
    used.iter().find(of).map(|used| used.token.clone())
}

fn new_token(number: &Pan) -> Result<NewToken, VaultError> {
    Ok(NewToken {
        value: ValueInput::Card(CardInput { number: text(number), expiry: None, holder: None }),
        profile: ProfileName::parse(PROFILE)?,
        ttl: None,
        max_uses: None,
        metadata: Metadata::default(),
        aliases: BTreeSet::new(),
        tags: BTreeSet::new(),
        security_code: None,
        security_code_ttl: None,
    })
}

#[expect(clippy::disallowed_methods, reason = "a number of an answer is compared with those of the request")]
fn is_same(one: &Pan, other: &Pan) -> bool {
    bool::from(one.expose_digits().ct_eq(other.expose_digits()))
}

#[expect(clippy::disallowed_methods, reason = "a number of an answer is sealed, and a token takes its place")]
fn text(number: &Pan) -> Secret<String> {
    Secret::new(String::from_utf8_lossy(number.expose_digits()).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "the answer was searched, and goes to the caller")]
fn copy(body: &Secret<Vec<u8>>) -> Secret<Vec<u8>> {
    Secret::new(body.expose().clone())
}
