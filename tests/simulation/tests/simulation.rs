//! A few thousand steps with fixed seeds; the same seed twice; and planted faults, each of which must be found.

use strongroom_simulation::{Plan, Planted, run};

#[test]
fn the_vault_keeps_every_rule() {
    for seed in 1..=4 {
        let outcome = run(Plan::of(seed, 1_000)).unwrap();
        if let Some(violation) = outcome.violation {
            panic!("seed {seed}:\n{violation}");
        }
        assert_eq!(outcome.steps, 1_000);
    }
}

#[test]
fn a_seed_gives_the_same_run_each_time() {
    let plan = |seed| Plan { keeps_history: true, ..Plan::of(seed, 600) };
    let [first, second, other] = [7, 7, 8].map(|seed| run(plan(seed)).unwrap());
    let parted = first.history.iter().zip(&second.history).find(|(one, two)| one != two);
    assert_eq!(parted, None, "the runs parted here");
    assert_eq!(first, second);
    assert_ne!(first.fingerprint, other.fingerprint);
}

#[test]
fn planted_faults_are_found() {
    for planted in [
        Planted::DropsEffects,
        Planted::WritesTwice,
        Planted::KeepsUsedTokens,
        Planted::KeepsDeletedTokens,
        Planted::LosesBundle,
        Planted::ForgetsAnswers,
        Planted::AllowsTwins,
    ] {
        let found = (1..=4).any(|seed| {
            let outcome = run(Plan { planted, ..Plan::of(seed, 1_000) });
            outcome.is_ok_and(|outcome| outcome.violation.is_some())
        });
        assert!(found, "{planted:?} was not found");
    }
}
