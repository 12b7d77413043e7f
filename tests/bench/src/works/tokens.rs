//! Cards to tokens and back, one at a time.

use super::bodies;
use crate::Outcome;
use crate::cards::Cards;
use crate::load::closed;
use crate::plan::{Plan, StoreKind};
use crate::table::{Row, Target};
use crate::vault::Vault;

/// How many tokens there are to reveal.
const TOKENS: usize = 10_000;
const UNIT: &str = "a second";

/// A random token with its fingerprint, durable and audited. The floor inserts the token's row alone.
pub(super) fn tokenize(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let mut vault = Vault::fresh(plan, kind)?;
    let requests = bodies::tokenize(Cards::starting_at(0));
    let load = vault.load("acme", "tokenizer", plan.connections(), requests)?;
    let measured = closed(&load, plan.seconds, || vault.cpu())?;
    let resident = vault.resident()?;
    vault.stop()?;
    let floors = vault.store.floors();
    let floor = vault.store.inserts_per_second(plan.connections(), plan.seconds)?;
    let work = format!("tokenize a card; floor: {}", floors.insert);
    let row = Row::new(work, UNIT, measured.per_second(), Target::OfFloor(floors.insert_target));
    Ok(vec![row.beside(floor).of(&measured, resident)])
}

/// In full, audited.
pub(super) fn detokenize(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let mut vault = Vault::fresh(plan, kind)?;
    let tokens = bodies::create_tokens(&vault, TOKENS)?;
    let load = vault.load("acme", "detokenizer", plan.connections(), bodies::detokenize(tokens))?;
    let measured = closed(&load, plan.seconds, || vault.cpu())?;
    let resident = vault.resident()?;
    vault.stop()?;
    let floor = vault.store.selects_per_second(plan.connections(), plan.seconds)?;
    let work = format!("detokenize; floor: {}", vault.store.floors().select);
    let row = Row::new(work, UNIT, measured.per_second(), Target::OfFloor(0.8));
    Ok(vec![row.beside(floor).of(&measured, resident)])
}
