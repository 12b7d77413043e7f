//! One decision of the access rules, in process.

use std::hint::black_box;
use std::time::{Duration, Instant};

use strongroom_core::ports::{AccessRequest, Decision, Policy as _};
use strongroom_domain::{
    Action, CertificateSerial, DetokenizationPurpose, Principal, Reveal, Role, RoleSet, SpiffeId,
};
use strongroom_policies::CedarPolicy;

use crate::Outcome;
use crate::load::Latencies;
use crate::plan::Plan;
use crate::table::{Row, Target};

/// Remembered decisions are timed in groups: the clock takes as long as one of them.
const GROUP: u32 = 100;

pub(super) fn measure(plan: &Plan) -> Outcome<Vec<Row>> {
    let id = SpiffeId::parse("spiffe://bench.example/tenant/acme/service/shop").ok_or("not a SPIFFE id")?;
    let principal = Principal { id, certificate: CertificateSerial::from_bytes(&[1]) };
    let policy = CedarPolicy::load()?;
    let mut uncached = Vec::new();
    // Each of these questions is new, and each reaches the rules: the role that may is among the roles.
    for roles in role_sets() {
        for purpose in DetokenizationPurpose::ALL {
            let request = request(&principal, roles, *purpose);
            let began = Instant::now();
            black_box(policy.decide(black_box(&request)));
            uncached.push(began.elapsed());
        }
    }
    let request =
        request(&principal, RoleSet::EMPTY.with(Role::Detokenizer), DetokenizationPurpose::Authorisation);
    if policy.decide(&request) != Decision::Allow {
        return Err("the rules do not allow what every detokenizer does".into());
    }
    let mut cached = Vec::new();
    let began = Instant::now();
    while began.elapsed() < plan.seconds / 8 {
        let began = Instant::now();
        for _ in 0..GROUP {
            black_box(policy.decide(black_box(&request)));
        }
        cached.push(began.elapsed() / GROUP);
    }
    Ok(vec![
        row("authorization decision, remembered (median, in process)", cached, 2.0),
        row("authorization decision, new (median, in process)", uncached, 50.0),
    ])
}

fn row(work: &str, mut taken: Vec<Duration>, most: f64) -> Row {
    taken.sort_unstable();
    let median = taken.get(taken.len() / 2).copied().unwrap_or_default();
    let mut latencies = Latencies::default();
    taken.iter().for_each(|one| latencies.push(*one));
    Row::new(work, "µs", median.as_secs_f64() * 1e6, Target::AtMost(most))
        .latency(latencies.quantile(0.5), latencies.quantile(0.99))
}

/// Sets that hold the detokenizer's role and that one identity may hold, which leaves out those with a role of
/// administration: fewer, with their purposes, than the engine remembers.
fn role_sets() -> impl Iterator<Item = RoleSet> {
    const OTHERS: [Role; 6] =
        [Role::Tokenizer, Role::Encryptor, Role::Decryptor, Role::Auditor, Role::Operator, Role::Gateway];
    (1..1_u32 << OTHERS.len()).map(|bits| {
        let more =
            OTHERS.iter().enumerate().filter(move |(at, _)| bits & (1 << at) != 0).map(|(_, role)| *role);
        more.fold(RoleSet::EMPTY.with(Role::Detokenizer), RoleSet::with)
    })
}

const fn request(principal: &Principal, roles: RoleSet, purpose: DetokenizationPurpose) -> AccessRequest<'_> {
    AccessRequest {
        principal,
        roles,
        action: Action::TokenDetokenize,
        purpose: Some(purpose),
        reveal: Some(Reveal::Full),
        granted: None,
        concerns_itself: false,
    }
}
