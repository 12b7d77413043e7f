//! Cost of a call when there is much of everything, beside itself when there is little.

use serde_json::json;

use super::bodies;
use crate::cards::Cards;
use crate::load::{Measured, Requests, closed};
use crate::plan::{Plan, StoreKind};
use crate::table::{Row, Target};
use crate::vault::Vault;
use crate::{Outcome, say};

const FEW_TOKENS: usize = 10_000;
const MANY_TOKENS: u64 = 1_000_000;
const FEW_KEYS: u32 = 10;
/// Of the cost at the small end.
const MOST: f64 = 1.2;

pub(super) fn measure(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let mut rows = tokens(plan, kind)?;
    rows.extend(tenants(plan, kind)?);
    rows.extend(keys(plan, kind)?);
    Ok(rows)
}

/// Real tokens to reveal, and many more rows beside them, which nobody asks for.
fn tokens(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let many = plan.rows.unwrap_or(MANY_TOKENS);
    let mut vault = Vault::fresh(plan, kind)?;
    let tokens = bodies::create_tokens(&vault, FEW_TOKENS)?;
    let detokenize = bodies::detokenize(tokens);
    let tokenize = bodies::tokenize(Cards::starting_at(0));
    let few = [cost(plan, &vault, "detokenizer", &detokenize)?, cost(plan, &vault, "tokenizer", &tokenize)?];
    vault.stop()?;
    say(&format!("  adding {many} tokens"));
    vault.store.fill(many)?;
    vault.start()?;
    let much = [cost(plan, &vault, "detokenizer", &detokenize)?, cost(plan, &vault, "tokenizer", &tokenize)?];
    let resident = vault.resident()?;
    Ok(["detokenize", "tokenize"]
        .iter()
        .zip(few.iter().zip(&much))
        .map(|(work, (few, much))| {
            row(&format!("{work} among {many} tokens; floor: among {FEW_TOKENS}"), few, much, resident)
        })
        .collect())
}

fn tenants(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let mut vault = Vault::fresh(plan, kind)?;
    let tokens = bodies::create_tokens(&vault, FEW_TOKENS)?;
    let detokenize = bodies::detokenize(tokens);
    let few = cost(plan, &vault, "detokenizer", &detokenize)?;
    vault.stop()?;
    say(&format!("  adding {} tenants", plan.tenants));
    vault.initialise((0..plan.tenants).map(|number| format!("tenant-{number}")))?;
    vault.start()?;
    let much = cost(plan, &vault, "detokenizer", &detokenize)?;
    let work = format!("detokenize with {} tenants more; floor: with 3", plan.tenants);
    Ok(vec![row(&work, &few, &much, vault.resident()?)])
}

fn keys(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let vault = Vault::fresh(plan, kind)?;
    bodies::create_key(&vault)?;
    create_keys(&vault, 0..FEW_KEYS)?;
    let few = cost(plan, &vault, "encryptor", &bodies::encrypt())?;
    say(&format!("  adding {} keys", plan.keys));
    create_keys(&vault, FEW_KEYS..plan.keys)?;
    let much = cost(plan, &vault, "encryptor", &bodies::encrypt())?;
    let work = format!("encrypt among {} keys; floor: among {FEW_KEYS}", plan.keys);
    Ok(vec![row(&work, &few, &much, vault.resident()?)])
}

/// Through the API, one after the other: each is a change of the registry.
pub(super) fn create_keys(vault: &Vault, numbers: std::ops::Range<u32>) -> Outcome<()> {
    let requests = numbers.map(|number| {
        let body = json!({"name": format!("key-{number}"), "purpose": "field-encryption"}).to_string();
        ("/v1/keys".to_owned(), body)
    });
    vault.ask_each("key-admin", requests, |_| Ok(()))
}

fn cost(plan: &Plan, vault: &Vault, service: &str, requests: &Requests) -> Outcome<Measured> {
    let load = vault.load("acme", service, plan.connections(), Requests::clone(requests))?;
    closed(&load, plan.seconds, || vault.cpu())
}

fn row(work: &str, few: &Measured, much: &Measured, resident: u64) -> Row {
    let micros = |measured: &Measured| measured.cpu_per_request().as_secs_f64() * 1e6;
    let row = Row::new(work, "CPU µs a request", micros(much), Target::OfFloorAtMost(MOST));
    row.beside(micros(few)).of(much, resident)
}
