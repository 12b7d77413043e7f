//! Many askers at once, whose questions a store may answer together.

use std::sync::Arc;
use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::{Effect, FingerprintKey, FingerprintRow};
use strongroom_domain::Token;
use tokio::task::JoinSet;

use super::answers::answer;
use super::samples::{Node, fingerprint, insert_token, tenant, token, token_row};

const TENANTS: [&str; 3] = ["acme", "rival", "stranger"];

/// Tokens 0, 3, 6, … of the first two tenants, each with a fingerprint and an answer; the third has nothing.
async fn fill(store: &Arc<dyn Store>) {
    let mut units = Vec::new();
    for name in TENANTS.into_iter().take(2) {
        for number in (0..240_u64).step_by(3) {
            units.push(vec![
                insert_token(name, number),
                Effect::InsertFingerprint(fingerprint(
                    name,
                    u8::try_from(number).unwrap(),
                    number,
                    number % 2 == 0,
                )),
                Effect::InsertAnswer(answer(name, "shop", number)),
            ]);
        }
    }
    Node::new(store, "node-1").commit(units).await;
}

fn exists(name: &str, number: u64) -> bool {
    name != "stranger" && number.is_multiple_of(3) && number < 240
}

/// Asks in every way for a few rows beginning with `number`, and compares with what was written.
async fn ask(store: &Arc<dyn Store>, name: &str, number: u64) {
    let tenant = tenant(name);
    // Numbers overlap between askers and tenants: the same question at the same time, and nearly the same.
    let numbers: Vec<u64> = (0..1 + number % 7).map(|step| (number + step) % 250).collect();
    let expected: Vec<u64> = numbers.iter().copied().filter(|number| exists(name, *number)).collect();
    let row = store.find_token(&tenant, &token(number)).await.unwrap();
    assert_eq!(row, exists(name, number).then(|| token_row(name, number)));
    let tokens: Vec<Token> = numbers.iter().map(|number| token(*number)).collect();
    let mut rows = store.find_tokens(&tenant, &tokens).await.unwrap();
    rows.sort_by_key(|row| numbers.iter().position(|number| token(*number) == row.token));
    assert_eq!(rows, expected.iter().map(|number| token_row(name, *number)).collect::<Vec<_>>());
    let mut taken = store.taken_tokens(&tenant, &tokens).await.unwrap();
    taken.sort_by_key(|found| numbers.iter().position(|number| token(*number) == *found));
    assert_eq!(taken, expected.iter().map(|number| token(*number)).collect::<Vec<_>>());
    let row =
        |number: u64| fingerprint(name, u8::try_from(number).unwrap(), number, number.is_multiple_of(2));
    let keys: Vec<FingerprintKey> = numbers.iter().map(|number| row(*number).key).collect();
    let mut found = store.find_fingerprints(&tenant, &keys).await.unwrap();
    found.sort_by_key(|row| keys.iter().position(|key| *key == row.key));
    assert_eq!(found, expected.iter().map(|number| row(*number)).collect::<Vec<FingerprintRow>>());
    let kept = answer(name, "shop", number);
    let found = store.find_answer(&kept.tenant, &kept.service, &kept.key).await.unwrap();
    assert_eq!(found, exists(name, number).then_some(kept));
}

pub(super) async fn everyone_gets_their_own_rows(store: Arc<dyn Store>) {
    fill(&store).await;
    let mut tasks = JoinSet::new();
    for asker in 0..150_u64 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for round in 0..8 {
                for name in TENANTS {
                    ask(&store, name, (asker / 3 + round * 11) % 250).await;
                }
            }
        });
    }
    tasks.join_all().await;
}

pub(super) async fn an_asker_that_goes_away_takes_no_answer_along(store: Arc<dyn Store>) {
    fill(&store).await;
    let mut tasks = JoinSet::new();
    for asker in 0..90_u64 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            for round in 0..6 {
                let question = ask(&store, "acme", asker);
                if asker.is_multiple_of(3) {
                    question.await;
                } else {
                    let _ = tokio::time::timeout(Duration::from_micros(asker * round), question).await;
                }
            }
        });
    }
    tasks.join_all().await;
    ask(&store, "rival", 3).await;
}
