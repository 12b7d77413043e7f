//! A hundred encrypts in one request.

use super::bodies;
use crate::Outcome;
use crate::floors::cipher;
use crate::load::closed;
use crate::plan::{Plan, StoreKind};
use crate::table::{Row, Target};
use crate::vault::Vault;

const ITEMS: usize = 100;

pub(super) fn measure(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let vault = Vault::fresh(plan, kind)?;
    bodies::create_key(&vault)?;
    let floor = cipher::seals_per_second(plan.seconds / 4)?;
    let load = vault.load("acme", "encryptor", plan.connections(), bodies::encrypt_many(ITEMS))?;
    let measured = closed(&load, plan.seconds, || vault.cpu())?;
    let work = format!("batch of {ITEMS} encrypts; floor: AES-256-GCM alone, one core");
    let ours = ITEMS as f64 * measured.per_cpu_second();
    let row = Row::new(work, "items per CPU second", ours, Target::OfFloor(0.25));
    Ok(vec![row.beside(floor).of(&measured, vault.resident()?)])
}
