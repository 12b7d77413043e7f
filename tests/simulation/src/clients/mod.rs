//! What clients do. Each file is one kind of client; each function one thing it asks for, with what must hold of the
//! answer.

pub(crate) mod auditors;
pub(crate) mod fields;
pub(crate) mod identities;
pub(crate) mod intruders;
pub(crate) mod keys;
pub(crate) mod making;
pub(crate) mod tokens;

use std::error::Error;

use strongroom_core::{Answer, CardInput, ValueInput, VaultError};
use strongroom_domain::{IdempotencyKey, LuhnRule, Pan, Secret};

use crate::asking::{Reply, Visit};
use crate::world::World;

type Oops = Box<dyn Error + Send + Sync>;

fn text(body: impl Into<String>) -> Answer {
    Answer { status: 200, body: body.into().into_bytes() }
}

fn body_of(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

fn key(text: &str) -> Result<IdempotencyKey, VaultError> {
    Ok(IdempotencyKey::parse(text)?)
}

/// A made-up card number with a right check digit, another one for each index.
pub(crate) fn card_number(index: usize) -> String {
    let digits = format!("400000{:09}", index * 7_919 + 1);
    let right = |check: &u32| Pan::parse(&format!("{digits}{check}"), LuhnRule::Required).is_ok();
    format!("{digits}{}", (0..10).find(right).unwrap_or(0))
}

fn card(index: usize) -> ValueInput {
    let number = Secret::new(card_number(index));
    ValueInput::Card(CardInput { number, expiry: None, holder: None })
}

/// How a reply stands in the history.
fn shown<T>(reply: &Reply<T>) -> &'static str {
    match reply {
        Reply::Done(_) => "done",
        Reply::Refused(error) => error.code(),
        Reply::Undone => "undone",
        Reply::Unknown => "unknown",
    }
}

/// A refusal that nothing in the model allows.
fn unexpected(world: &World, visit: &Visit, rule: &'static str, error: &VaultError) {
    world.trace.rule(false, rule, format_args!("{} answered {}", visit.action, error.code()));
}
