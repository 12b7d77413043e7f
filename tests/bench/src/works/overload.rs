//! More than can be done, with cores of its own for the load generator.

use std::thread;
use std::time::Duration;

use super::bodies;
use super::latency::millis;
use crate::cores::Halves;
use crate::load::{Arrivals, Ended, Fate, Load, Phase, Ready, closed};
use crate::plan::{Plan, StoreKind};
use crate::table::{Row, Target};
use crate::vault::Vault;
use crate::{Outcome, say};

/// Enough that arrivals, and not connections, are what is too many.
const CROWD: usize = 1500;
/// Of the peak, what the modest tenant asks for.
const MODEST: f64 = 0.1;
/// What the greedy one asks for, of its half of the peak.
const GREEDY: f64 = 10.0;
const TIMES_TOO_MANY: f64 = 5.0;
/// A caller waits so long for a connection of its pool.
const POOL_WAIT: Duration = Duration::from_millis(250);
/// And so long for an answer, from the beginning; later ones are not goodput.
const PATIENCE: Duration = Duration::from_secs(1);
const RECOVERY: Duration = Duration::from_secs(5);

pub(super) fn measure(plan: &Plan, kind: StoreKind) -> Outcome<Vec<Row>> {
    let cores = Halves::begin()?;
    let vault = Vault::fresh(plan, kind)?;
    cores.generate()?;
    for tenant in crate::vault::TENANTS {
        bodies::create_key_of(&vault, tenant)?;
    }
    let load =
        |tenant: &str, connections: usize| vault.load(tenant, "encryptor", connections, bodies::encrypt());
    let peak = || -> Outcome<f64> {
        let peak = closed(&load("acme", plan.connections())?, plan.seconds, || vault.cpu())?.per_second();
        say(&format!("  peak {peak:.0} a second"));
        Ok(peak)
    };
    let mut rows = fair_share(plan, peak()?, &load)?;
    rows.extend(too_many(plan, &peak, &load)?);
    Ok(rows)
}

/// A modest tenant alone, then beside one that asks for ten times its fair half, then alone again.
fn fair_share(plan: &Plan, peak: f64, load: &dyn Fn(&str, usize) -> Outcome<Load>) -> Outcome<Vec<Row>> {
    let modest = Arrivals::constant(MODEST * peak, plan.seconds);
    let modest_load = load("acme", plan.connections())?;
    let mut alone = Ready::connect(&modest_load)?.run(&modest)?;
    // The greedy one begins first and ends last.
    let ahead = plan.seconds / 4;
    let greedy = Arrivals {
        phases: vec![Phase { rate: GREEDY * peak / 2.0, lasts: plan.seconds + 2 * ahead }],
        patience: POOL_WAIT,
    };
    let greedy_load = load("globex", CROWD)?;
    let (beside, greedy) = thread::scope(|scope| {
        let (crowd, ready) = (Ready::connect(&greedy_load)?, Ready::connect(&modest_load)?);
        let other = scope.spawn(|| crowd.run(&greedy));
        thread::sleep(ahead);
        let beside = ready.run(&modest)?;
        let greedy = other.join().map_err(|_| "the greedy tenant's load panicked")??;
        Outcome::Ok((beside, greedy))
    })?;
    // Once more, because the machine may have changed its pace meanwhile.
    alone.extend(Ready::connect(&modest_load)?.run(&modest)?);
    let (mut quiet, mut loud) = (Ended::latencies(alone.iter()), Ended::latencies(beside.iter()));
    let (p50, p99) = (loud.quantile(0.5), loud.quantile(0.99));
    let work = format!(
        "p99 of a modest tenant beside a greedy one; floor: alone. Modest: {}; greedy: {}",
        Fates::of(&beside),
        Fates::of(&greedy)
    );
    let row = Row::new(work, "ms", millis(p99), Target::OfFloorAtMost(2.0));
    let answered = loud.count() as f64 / beside.len().max(1) as f64;
    Ok(vec![
        row.beside(millis(quiet.quantile(0.99))).latency(p50, p99),
        Row::new(
            "modest tenant's share of successes meanwhile; floor: all",
            "",
            answered,
            Target::OfFloor(0.99),
        )
        .beside(1.0),
    ])
}

/// Five times the peak, then half of it: what succeeds meanwhile, and when all is well again. The peak that this is held
/// against is the mean of one before and one after, because a machine that is shared changes its pace.
fn too_many(
    plan: &Plan,
    measured_peak: &dyn Fn() -> Outcome<f64>,
    load: &dyn Fn(&str, usize) -> Outcome<Load>,
) -> Outcome<Vec<Row>> {
    let peak = measured_peak()?;
    let calm = 0.5 * peak;
    let before = plan.seconds;
    let after = RECOVERY + plan.seconds;
    let over = before + plan.seconds;
    let arrivals = Arrivals {
        phases: vec![
            Phase { rate: calm, lasts: before },
            Phase { rate: TIMES_TOO_MANY * peak, lasts: plan.seconds },
            Phase { rate: calm, lasts: after },
        ],
        patience: POOL_WAIT,
    };
    let ended = Ready::connect(&load("acme", CROWD)?)?.run(&arrivals)?;
    let peak = f64::midpoint(peak, measured_peak()?);
    let between = |from: Duration, to: Duration| -> Vec<Ended> {
        ended.iter().filter(|one| (from..to).contains(&one.due)).copied().collect()
    };
    let (quiet, crowded) = (between(Duration::ZERO, before), between(before, over));
    let recovered = between(over + RECOVERY, over + after);
    let good = |one: &&Ended| one.fate == Fate::Succeeded && one.latency <= PATIENCE;
    let goodput = crowded.iter().filter(good).count() as f64 / plan.seconds.as_secs_f64();
    let mut during = Ended::latencies(crowded.iter());
    let (mut normal, mut later) = (Ended::latencies(quiet.iter()), Ended::latencies(recovered.iter()));
    let well = recovered.iter().filter(good).count() as f64 / recovered.len().max(1) as f64;
    let goodput = Row::new(
        format!("goodput at five times the peak; floor: the peak. {}", Fates::of(&crowded)),
        "answers a second, within 1 s",
        goodput,
        Target::OfFloor(0.8),
    );
    let recovery = Row::new(
        "p99 from 5 s after the overload on; floor: before it",
        "ms",
        millis(later.quantile(0.99)),
        Target::OfFloorAtMost(2.0),
    );
    Ok(vec![
        goodput.beside(peak).latency(during.quantile(0.5), during.quantile(0.99)),
        recovery.beside(millis(normal.quantile(0.99))).latency(later.quantile(0.5), later.quantile(0.99)),
        Row::new(
            "share of successes from 5 s after the overload on; floor: all",
            "",
            well,
            Target::OfFloor(0.999),
        )
        .beside(1.0),
    ])
}

/// What became of many requests, counted.
struct Fates {
    succeeded: usize,
    refused: usize,
    told_when: usize,
    failed: usize,
    unconnected: usize,
    given_up: usize,
}

impl Fates {
    fn of(ended: &[Ended]) -> Self {
        let count = |fate: Fate| ended.iter().filter(|one| one.fate == fate).count();
        let told_when = count(Fate::Refused { says_when: true });
        Self {
            succeeded: count(Fate::Succeeded),
            refused: told_when + count(Fate::Refused { says_when: false }),
            told_when,
            failed: count(Fate::Failed),
            unconnected: count(Fate::Unconnected),
            given_up: count(Fate::GivenUp),
        }
    }
}

impl std::fmt::Display for Fates {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} succeeded, {} refused with 429 or 503 ({} with Retry-After), {} failed, {} lost their connection, {} \
             never sent",
            self.succeeded, self.refused, self.told_when, self.failed, self.unconnected, self.given_up
        )
    }
}
