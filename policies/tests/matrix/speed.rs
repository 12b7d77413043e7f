//! How long a decision takes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use strongroom_core::ports::Policy;
use strongroom_domain::{Action, DetokenizationPurpose, Reveal, Role, RoleSet};
use strongroom_policies::CedarPolicy;

use crate::asking::{Asked, everything};

/// The budget of one decision within a request, remembered and evaluated. Evaluated decisions are rare: one per set of
/// roles and kind of question in a process's life.
const REMEMBERED: Duration = Duration::from_micros(2);
const EVALUATED: Duration = Duration::from_micros(50);

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

    // Everything that can be asked, each for the first time. Among them are the refusals that had every purpose tried.
    for roles in
        [RoleSet::EMPTY, RoleSet::from_iter([Role::Detokenizer]), RoleSet::from_iter([Role::Tokenizer])]
    {
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
            assert!(evaluated < EVALUATED, "{evaluated:?} for {asked:?}");
        }
    }
}

/// The fastest of some runs is what the work takes when nothing else gets in the way.
const RUNS: usize = 20;

fn fastest(run: impl Fn() -> Duration) -> Duration {
    (0..RUNS).map(|_| run()).min().unwrap()
}
