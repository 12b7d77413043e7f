//! How long a decision takes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use strongroom_core::ports::Policy;
use strongroom_domain::{Action, DetokenizationPurpose, Reveal, Role, RoleSet};
use strongroom_policies::CedarPolicy;

use crate::asking::{Asked, everything};

/// The budgets of one decision within a request. Evaluated decisions are rare: one per set of roles and kind of question
/// in a process's life.
const REMEMBERED: Duration = Duration::from_micros(2);
const EVALUATED: Duration = Duration::from_micros(50);

/// An identity that holds the role but is shut out by a prohibition has every purpose tried before it is refused.
const SHUT_OUT: Duration = Duration::from_micros(300);

#[test]
#[ignore = "measures: cargo test --release -p strongroom-policies -- --ignored"]
fn decisions_stay_within_their_budget() {
    let full = Asked {
        purpose: Some(DetokenizationPurpose::Settlement),
        reveal: Some(Reveal::Full),
        ..Asked::plain([Role::Detokenizer], Action::TokenDetokenize)
    };
    let took = remembered(&full);
    assert!(took < REMEMBERED, "{took:?}");

    // May, but not for this purpose: refused after some tries.
    assert_evaluated_within(EVALUATED, &[Asked { purpose: Some(DetokenizationPurpose::Migration), ..full }]);
    let administration = Role::ALL.iter().copied().filter(|role| !role.is_data_role()).collect();
    for roles in [RoleSet::EMPTY, RoleSet::from_iter([Role::Tokenizer]), administration] {
        assert_evaluated_within(EVALUATED, &everything(roles));
    }
    assert_evaluated_within(SHUT_OUT, &everything(RoleSet::from_iter([Role::Detokenizer, Role::KeyAdmin])));
}

/// A decision that was made before.
fn remembered(asked: &Asked) -> Duration {
    const TIMES: u32 = 1000;
    let policy = CedarPolicy::load().unwrap();
    let request = asked.request();
    policy.decide(&request);
    let run = || {
        let start = Instant::now();
        for _ in 0..TIMES {
            black_box(policy.decide(black_box(&request)));
        }
        start.elapsed() / TIMES
    };
    (0..RUNS).map(|_| run()).min().unwrap()
}

/// Each decision made for the first time, by rules that have been at work on others.
fn assert_evaluated_within(budget: Duration, questions: &[Asked]) {
    let mut fastest = vec![Duration::MAX; questions.len()];
    for _ in 0..RUNS {
        let policy = CedarPolicy::load().unwrap();
        for (asked, fastest) in questions.iter().zip(&mut fastest) {
            let everyone = Role::ALL.iter().copied().collect();
            policy.decide(&Asked { roles: everyone, ..*asked }.request());
            let request = asked.request();
            let start = Instant::now();
            black_box(policy.decide(black_box(&request)));
            *fastest = start.elapsed().min(*fastest);
        }
    }
    for (asked, took) in questions.iter().zip(fastest) {
        assert!(took < budget, "{took:?} for {asked:?}");
    }
}

/// The fastest of some runs is what the work takes when nothing else gets in the way.
const RUNS: usize = 20;
