//! Deterministic profiles: one value, one token, whoever asks and however many at once.

use std::collections::HashSet;
use std::time::Duration;

use strongroom_core::ports::store::{Effect, FingerprintRow};
use strongroom_core::{NewToken, Settings, Tokenized};
use strongroom_domain::{Reuse, ScopeName, Token, TokenProfile};
use tokio::task::JoinSet;

use crate::asking::{
    card_for, card_number, create_profile, metadata, profile, reveal, rotate_key, shows, token_for, tokenize,
    tokenize_one,
};
use crate::world::{World, call, settings};

#[tokio::test]
async fn the_same_card_has_the_same_token() {
    let world = world_with_profile().await;
    let caller = call("acme", "tokenizer");
    let first = tokenize_one(&world.vault, &caller, card_for("same", &card_number(1))).await.unwrap();
    let spaced = card_number(1).replace("4000", "4000 ");
    let again = tokenize_one(&world.vault, &caller, card_for("same", &spaced)).await.unwrap();
    assert!(first.created && !again.created);
    assert_eq!(first.token, again.token);
    let other = tokenize_one(&world.vault, &caller, card_for("same", &card_number(2))).await.unwrap();
    assert_ne!(first.token.token, other.token.token);
    assert_ne!(first.token.fingerprint, other.token.fingerprint);
}

#[tokio::test]
async fn the_same_card_twice_in_a_request_has_one_token() {
    let world = world_with_profile().await;
    let number = card_number(1);
    let items = vec![card_for("same", &number), card_for("same", &card_number(2)), card_for("same", &number)];
    let made = tokenize(&world.vault, &call("acme", "tokenizer"), items).await.unwrap();
    let made: Vec<Tokenized> = made.into_iter().map(Result::unwrap).collect();
    assert_eq!(made.iter().map(|one| one.created).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(made[0].token, made[2].token);
    assert_eq!(fingerprints_written(&world).len(), 2);
}

#[tokio::test]
async fn the_first_metadata_stays() {
    let world = world_with_profile().await;
    let caller = call("acme", "tokenizer");
    let with = |text| NewToken {
        metadata: metadata(&[("order", text)]).unwrap(),
        ..card_for("same", &card_number(1))
    };
    let first = tokenize_one(&world.vault, &caller, with("first")).await.unwrap();
    let second = tokenize_one(&world.vault, &caller, with("second")).await.unwrap();
    assert_eq!(second.token, first.token);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_requests_at_once_agree_on_one_token() {
    let world = world_with_profile().await;
    let other_node = world.start(settings("node-2")).await.unwrap();
    let mut running = JoinSet::new();
    for index in 0..64 {
        let vault = if index % 4 == 0 { other_node.clone() } else { world.vault.clone() };
        running.spawn(async move {
            tokenize_one(&vault, &call("acme", "tokenizer"), card_for("same", &card_number(1))).await.unwrap()
        });
    }
    let made = running.join_all().await;
    let tokens: HashSet<&Token> = made.iter().map(|one| &one.token.token).collect();
    assert_eq!(tokens.len(), 1);
    assert_eq!(made.iter().filter(|one| one.created).count(), 1);
    assert_eq!(fingerprints_written(&world).len(), 1);
}

#[tokio::test]
async fn a_token_outlives_the_rotation_of_the_key_behind_it() {
    let world = world_with_profile().await;
    let number = card_number(1);
    let before = token_for(&world.vault, card_for("same", &number)).await;
    for _ in 0..2 {
        rotate_key(&world.vault, "tokenization").await.unwrap();
        assert_eq!(token_for(&world.vault, card_for("same", &number)).await, before);
    }
    assert!(shows(&reveal(&world.vault, &before).await.unwrap(), &number));
    let newcomer = token_for(&world.vault, card_for("same", &card_number(2))).await;
    assert_eq!(fingerprints_written(&world).last().unwrap().key.key_version.get(), 3);
    assert_eq!(token_for(&world.vault, card_for("same", &card_number(2))).await, newcomer);
}

#[tokio::test]
async fn a_node_that_has_not_heard_of_a_rotation_gives_the_same_token() {
    let world = world_with_profile().await;
    let unaware = Settings { registry_poll_interval: Duration::from_secs(3600), ..settings("node-2") };
    let unaware = world.start(unaware).await.unwrap();
    rotate_key(&world.vault, "tokenization").await.unwrap();
    let token = token_for(&world.vault, card_for("same", &card_number(1))).await;
    assert_eq!(token_for(&unaware, card_for("same", &card_number(1))).await, token);
    let other = token_for(&unaware, card_for("same", &card_number(2))).await;
    assert_eq!(token_for(&world.vault, card_for("same", &card_number(2))).await, other);
}

#[tokio::test]
async fn a_card_whose_token_has_ended_gets_a_new_one() {
    let world = world_with_profile().await;
    let number = card_number(1);
    let caller = call("acme", "tokenizer");
    let deleted = token_for(&world.vault, card_for("same", &number)).await;
    world.vault.delete_token(&caller, &deleted).await.unwrap();
    let minute = Duration::from_secs(60);
    let short_lived = NewToken { ttl: Some(minute), ..card_for("same", &number) };
    let expired = tokenize_one(&world.vault, &caller, short_lived).await.unwrap();
    assert!(expired.created && expired.token.token != deleted);
    world.clock.advance(minute);
    rotate_key(&world.vault, "tokenization").await.unwrap();
    let last = tokenize_one(&world.vault, &caller, card_for("same", &number)).await.unwrap();
    assert!(last.created && last.token.token != expired.token.token);
    // The old one may still be deleted without taking the new one's place away.
    world.vault.delete_token(&caller, &expired.token.token).await.unwrap();
    assert_eq!(token_for(&world.vault, card_for("same", &number)).await, last.token.token);
}

#[tokio::test]
async fn a_new_token_takes_the_place_of_one_that_ended_in_the_fingerprints_too() {
    let world = world_with_profile().await;
    let scope = Some(ScopeName::parse("loyalty").unwrap());
    let one_way =
        TokenProfile { reuse: Reuse::Deterministic, reversible: false, scope, ..profile("one-way") };
    create_profile(&world.vault, one_way).await.unwrap();
    let caller = call("acme", "tokenizer");
    let number = card_number(1);
    let minute = Duration::from_secs(60);
    let short_lived = NewToken { ttl: Some(minute), ..card_for("same", &number) };
    let expired = tokenize_one(&world.vault, &caller, short_lived).await.unwrap();
    let deleted = token_for(&world.vault, card_for("one-way", &number)).await;
    world.clock.advance(minute);
    world.vault.delete_token(&caller, &deleted).await.unwrap();
    for (name, ended) in [("same", expired.token.token), ("one-way", deleted)] {
        let made = tokenize_one(&world.vault, &caller, card_for(name, &number)).await.unwrap();
        assert!(made.created && made.token.token != ended);
        assert_eq!(token_for(&world.vault, card_for(name, &number)).await, made.token.token);
    }
}

#[tokio::test]
async fn scopes_and_tenants_do_not_share_tokens() {
    let world = world_with_profile().await;
    let scope = Some(ScopeName::parse("loyalty").unwrap());
    let scoped = TokenProfile { reuse: Reuse::Deterministic, scope: scope.clone(), ..profile("scoped") };
    create_profile(&world.vault, scoped).await.unwrap();
    let number = card_number(1);
    let caller = call("acme", "tokenizer");
    let wide = tokenize_one(&world.vault, &caller, card_for("same", &number)).await.unwrap();
    let narrow = tokenize_one(&world.vault, &caller, card_for("scoped", &number)).await.unwrap();
    assert_ne!(wide.token.token, narrow.token.token);
    assert_ne!(wide.token.fingerprint, narrow.token.fingerprint);
    let stranger = call("globex", "tokenizer");
    let theirs = tokenize_one(&world.vault, &stranger, card_for("default", &number)).await.unwrap();
    assert_ne!(wide.token.fingerprint, theirs.token.fingerprint);
    let disagreeing =
        TokenProfile { reuse: Reuse::Deterministic, scope, reversible: false, ..profile("one-way") };
    assert!(create_profile(&world.vault, disagreeing).await.is_err());
}

async fn world_with_profile() -> World {
    let world = World::open().await;
    create_profile(&world.vault, TokenProfile { reuse: Reuse::Deterministic, ..profile("same") })
        .await
        .unwrap();
    world
}

/// The rows that were written, whether or not they still stand.
fn fingerprints_written(world: &World) -> Vec<FingerprintRow> {
    let row = |effect| match effect {
        Effect::InsertFingerprint(row) => Some(row),
        _ => None,
    };
    world.store.effects().into_iter().filter_map(row).collect()
}
