//! Resident memory of the vault's process: at rest, of connections, of keys; and how long it takes to start with many.

use std::time::Duration;

use super::growth::create_keys;
use crate::load::{Requests, idle};
use crate::plan::{Plan, StoreKind};
use crate::table::{Row, Target};
use crate::vault::Vault;
use crate::{Outcome, say};

const CONNECTIONS: usize = 1000;
/// What the targets speak of.
const KEYS: f64 = 100_000.0;
const MIB: f64 = 1_048_576.0;
/// After this the start's own allocations have been given back.
const REST: Duration = Duration::from_secs(3);

pub(super) fn measure(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let mut vault = Vault::fresh(plan, kind)?;
    vault.stop()?;
    let start_with_none = vault.start()?;
    std::thread::sleep(REST);
    let at_rest = vault.resident()?;
    let nothing: Requests = std::sync::Arc::new(|_| {});
    let load = vault.load("acme", "encryptor", CONNECTIONS, nothing)?;
    let connected = idle(&load, || {
        std::thread::sleep(REST);
        vault.resident()
    })??;
    say(&format!("  making {} keys", plan.keys));
    create_keys(&vault, 0..plan.keys)?;
    vault.stop()?;
    let start = vault.start()?;
    std::thread::sleep(REST);
    let with_keys = vault.resident()?;
    let more = |large: u64, small: u64| large.saturating_sub(small) as f64 / MIB;
    let scale = KEYS / f64::from(plan.keys);
    let keys = plan.keys;
    let mut rows = vec![
        Row::new("memory at rest, two tenants", "MiB", at_rest as f64 / MIB, Target::AtMost(60.0)),
        Row::new(
            format!("memory of {CONNECTIONS} idle mTLS connections"),
            "MiB",
            more(connected, at_rest),
            Target::AtMost(40.0),
        ),
        Row::new(
            format!("memory of 100000 keys, from {keys}"),
            "MiB",
            scale * more(with_keys, at_rest),
            Target::AtMost(100.0),
        ),
        Row::new(
            format!("start to ready with 100000 keys, from {keys}"),
            "s",
            start_with_none.as_secs_f64() + scale * start.saturating_sub(start_with_none).as_secs_f64(),
            Target::AtMost(2.0),
        ),
        Row::new("start to ready without keys", "s", start_with_none.as_secs_f64(), Target::Nothing),
    ];
    let database = vault.store.memory()?;
    if database > 0 {
        let resident = database as f64 / MIB;
        rows.push(Row::new(
            "memory of the database's processes (shared memory once)",
            "MiB",
            resident,
            Target::Nothing,
        ));
    }
    for (row, resident) in rows.iter_mut().zip([at_rest, connected, with_keys, with_keys]) {
        row.resident = Some(resident);
    }
    Ok(rows)
}
