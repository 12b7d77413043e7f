//! How often the HSM is asked once the keys are at hand: the metric `strongroom_hsm_calls_total`, signatures of
//! checkpoints included.

use super::bodies;
use crate::Outcome;
use crate::cards::Cards;
use crate::load::{Requests, closed};
use crate::plan::{Plan, StoreKind};
use crate::table::{Row, Target};
use crate::vault::Vault;

const TOKENS: usize = 1000;

pub(super) fn measure(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let vault = Vault::fresh(plan, kind)?;
    bodies::create_key(&vault)?;
    let tokens = bodies::create_tokens(&vault, TOKENS)?;
    let works: [(&str, &str, Requests); 3] = [
        ("encrypt", "encryptor", bodies::encrypt()),
        ("tokenize", "tokenizer", bodies::tokenize(Cards::starting_at(0))),
        ("detokenize", "detokenizer", bodies::detokenize(tokens)),
    ];
    // The first use of the key is the start, not the steady state.
    vault.ask("encryptor", "/v1/keys/bench/encrypt", &bodies::encrypt_body())?;
    works
        .into_iter()
        .map(|(work, service, requests)| {
            let load = vault.load("acme", service, plan.connections(), requests)?;
            let before = vault.hsm_calls()?;
            let measured = closed(&load, plan.seconds, || vault.cpu())?;
            // Of the whole time, the warm-up's included, over the requests of the measurement alone: never too few.
            let calls = vault.hsm_calls()? - before;
            let ours = 100.0 * calls / measured.requests.max(1) as f64;
            let row = Row::new(format!("HSM calls, {work}"), "in 100 requests", ours, Target::AtMost(1.0));
            Ok(row.of(&measured, vault.resident()?))
        })
        .collect()
}
