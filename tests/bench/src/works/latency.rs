//! Latency at 70 % of the peak: first the peak, with as many connections as there are, then arrivals at a constant rate,
//! timed from the moment at which they were due.

use std::time::Duration;

use super::bodies;
use crate::cards::Cards;
use crate::load::{Arrivals, Ended, Fate, Ready, Requests, closed};
use crate::plan::{Plan, StoreKind};
use crate::table::{Row, Target};
use crate::vault::Vault;
use crate::{Outcome, say};

const SHARE: f64 = 0.7;
const TOKENS: usize = 10_000;

pub(super) fn measure(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let vault = Vault::fresh(plan, kind)?;
    bodies::create_key(&vault)?;
    let tokens = bodies::create_tokens(&vault, TOKENS)?;
    let works: [(&str, &str, Requests, f64); 3] = [
        ("encrypt", "encryptor", bodies::encrypt(), 10.0),
        ("tokenize", "tokenizer", bodies::tokenize(Cards::starting_at(0)), 20.0),
        ("detokenize", "detokenizer", bodies::detokenize(tokens), 15.0),
    ];
    works
        .into_iter()
        .map(|(work, service, requests, most)| {
            let load = vault.load("acme", service, plan.connections(), requests)?;
            let peak = closed(&load, plan.seconds / 2, || vault.cpu())?.per_second();
            let rate = SHARE * peak;
            say(&format!("  {work}: peak {peak:.0} a second, arrivals at {rate:.0}"));
            let warm_up = plan.seconds / 4;
            let ready = Ready::connect(&load)?;
            let cpu = vault.cpu()?;
            let ended = ready.run(&Arrivals::constant(rate, warm_up + plan.seconds))?;
            let used = vault.cpu()?.saturating_sub(cpu);
            if ended.iter().any(|one| one.fate != Fate::Succeeded) {
                return Err(format!("{work} at {rate:.0} a second: not every request was answered").into());
            }
            let mut latencies = Ended::latencies(ended.iter().filter(|one| one.due >= warm_up));
            let (p50, p99) = (latencies.quantile(0.5), latencies.quantile(0.99));
            let name = format!("p99 of {work} at {rate:.0} a second (70 % of the peak)");
            let mut row = Row::new(name, "ms", millis(p99), Target::AtMost(most)).latency(p50, p99);
            row.cpu_per_request = Some(used / u32::try_from(ended.len().max(1))?);
            row.resident = Some(vault.resident()?);
            Ok(row)
        })
        .collect()
}

pub(super) fn millis(latency: Duration) -> f64 {
    latency.as_secs_f64() * 1e3
}
