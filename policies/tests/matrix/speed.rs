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
    let asked = Asked {
        purpose: Some(DetokenizationPurpose::Settlement),
        reveal: Some(Reveal::Full),
        ..Asked::plain([Role::Detokenizer], Action::TokenDetokenize)
    };
    let request = asked.request();

    let policy = CedarPolicy::load().unwrap();
    policy.decide(&request);
    let remembered = fastest(|| {
        let start = Instant::now();
        for _ in 0..1000 {
            black_box(policy.decide(black_box(&request)));
        }
        start.elapsed() / 1000
    });
    assert!(remembered < REMEMBERED, "{remembered:?}");

    // Everything that can be asked, each for the first time.
    let administration: RoleSet = Role::ALL.iter().copied().filter(|role| !role.is_data_role()).collect();
    for (roles, budget) in [
        (RoleSet::EMPTY, EVALUATED),
        (RoleSet::from_iter([Role::Tokenizer]), EVALUATED),
        (administration, EVALUATED),
        (RoleSet::from_iter([Role::Detokenizer, Role::KeyAdmin]), SHUT_OUT),
    ] {
        let questions = everything(roles);
        let mut fastest = vec![Duration::MAX; questions.len()];
        for _ in 0..RUNS {
            let policy = CedarPolicy::load().unwrap();
            for (asked, fastest) in questions.iter().zip(&mut fastest) {
                let request = asked.request();
                let start = Instant::now();
                black_box(policy.decide(black_box(&request)));
                *fastest = start.elapsed().min(*fastest);
            }
        }
        for (asked, evaluated) in questions.iter().zip(fastest) {
            assert!(evaluated < budget, "{evaluated:?} for {asked:?}");
        }
    }

    // An identity that may, for another purpose: refused after some tries.
    let refused = Asked { purpose: Some(DetokenizationPurpose::Migration), ..asked };
    let evaluated = fastest(|| {
        let policy = CedarPolicy::load().unwrap();
        let request = refused.request();
        let start = Instant::now();
        black_box(policy.decide(black_box(&request)));
        start.elapsed()
    });
    assert!(evaluated < EVALUATED, "{evaluated:?}");
}

/// The fastest of some runs is what the work takes when nothing else gets in the way.
const RUNS: usize = 20;

fn fastest(run: impl Fn() -> Duration) -> Duration {
    (0..RUNS).map(|_| run()).min().unwrap()
}
