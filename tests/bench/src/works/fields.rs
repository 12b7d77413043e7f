//! Encrypt and decrypt 64 bytes: authorization on, audit on disk before the answer.

use super::bodies;
use crate::Outcome;
use crate::floors::echo;
use crate::load::{Measured, closed};
use crate::plan::{Plan, StoreKind};
use crate::table::{Row, Target};
use crate::vault::Vault;

/// Of the echo's requests in a second of CPU time.
const LEAST: f64 = 0.70;

pub(super) fn measure(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let vault = Vault::fresh(plan, kind)?;
    bodies::create_key(&vault)?;
    let echo = echo::measured(&vault, &bodies::encrypt_body().to_string(), plan.connections(), plan.seconds)?;
    let measured = |service, requests| -> Outcome<Measured> {
        closed(&vault.load("acme", service, plan.connections(), requests)?, plan.seconds, || vault.cpu())
    };
    let row = |work: &str, measured: &Measured| -> Outcome<Row> {
        let row =
            Row::new(work, "requests per CPU second", measured.per_cpu_second(), Target::OfFloor(LEAST));
        Ok(row.beside(echo.per_cpu_second()).of(measured, vault.resident()?))
    };
    let encrypt = row("encrypt 64 B; floor: echo", &measured("encryptor", bodies::encrypt())?)?;
    let decrypt = row("decrypt 64 B; floor: echo", &measured("decryptor", bodies::decrypt(&vault)?)?)?;
    Ok(vec![encrypt, decrypt])
}
