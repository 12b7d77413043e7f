//! Metadata and end of a token change; its value does not.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::{NewToken, TokenUpdate, VaultError};
use strongroom_domain::{Token, TokenProfile};

use crate::asking::{
    card, card_for, card_number, create_profile, metadata, profile, reveal, rotate_key, shows, token_for,
};
use crate::world::{World, call, tenant};

const DAY: Duration = Duration::from_secs(86_400);

async fn update(world: &World, token: &Token, update: TokenUpdate) -> Result<(), VaultError> {
    world.vault.update_token(&call("acme", "tokenizer"), token, &update).await.map(drop)
}

#[tokio::test]
async fn metadata_and_end_change_and_the_value_stays() {
    let world = World::open().await;
    let before = metadata(&[("order", "42")]).unwrap();
    let token = token_for(&world.vault, NewToken { metadata: before, ..card(&card_number(1)) }).await;
    let caller = call("acme", "tokenizer");
    let end = Some(world.vault.now().plus(DAY));
    let wanted = TokenUpdate { expires_at: Some(end), ..TokenUpdate::default() };
    let view = world.vault.update_token(&caller, &token, &wanted).await.unwrap();
    assert_eq!((view.expires_at, view.metadata.pairs()["order"].as_str()), (end, "42"));
    // Under the version that is current by now.
    rotate_key(&world.vault, "tokenization").await.unwrap();
    let after = metadata(&[("order", "43"), ("note", "paid")]).unwrap();
    let wanted = TokenUpdate { metadata: Some(after.clone()), ..TokenUpdate::default() };
    let view = world.vault.update_token(&caller, &token, &wanted).await.unwrap();
    assert_eq!((view.expires_at, view.metadata), (end, after));
    assert!(shows(&reveal(&world.vault, &token).await.unwrap(), &card_number(1)));
    let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
    assert_eq!((row.row_version, row.envelope.unwrap()[12]), (3, 2));
    world.clock.advance(DAY);
    assert_eq!(reveal(&world.vault, &token).await.err(), Some(VaultError::TokenExpired));
    let never = TokenUpdate { expires_at: Some(None), ..TokenUpdate::default() };
    assert_eq!(update(&world, &token, never).await.err(), Some(VaultError::TokenExpired), "it stays ended");
    let records: Vec<_> =
        world.records().await.into_iter().filter(|one| one.action == "token.update").collect();
    assert_eq!(records.len(), 3);
    assert_eq!(records[1].object.as_deref(), Some(token.as_str()));
}

#[tokio::test]
async fn no_token_outlives_its_profile() {
    let world = World::open().await;
    create_profile(&world.vault, TokenProfile { ttl: Some(DAY), ..profile("a-day") }).await.unwrap();
    let token = token_for(&world.vault, card_for("a-day", &card_number(1))).await;
    let now = world.vault.now();
    for refused in [None, Some(now), Some(now.plus(DAY * 2))] {
        let refused =
            update(&world, &token, TokenUpdate { expires_at: Some(refused), ..TokenUpdate::default() }).await;
        assert!(matches!(refused.err(), Some(VaultError::Invalid(_))));
    }
    let sooner = TokenUpdate { expires_at: Some(Some(now.plus(DAY / 2))), ..TokenUpdate::default() };
    assert_eq!(update(&world, &token, sooner).await, Ok(()));
    let again = TokenUpdate { expires_at: Some(Some(now.plus(DAY))), ..TokenUpdate::default() };
    assert_eq!(update(&world, &token, again).await, Ok(()), "as long as the profile says");
}

#[tokio::test]
async fn a_one_way_token_has_no_value_to_seal_anew() {
    let world = World::open().await;
    create_profile(&world.vault, TokenProfile { reversible: false, ..profile("one-way") }).await.unwrap();
    let token = token_for(&world.vault, card_for("one-way", &card_number(1))).await;
    let wanted =
        TokenUpdate { metadata: Some(metadata(&[("order", "42")]).unwrap()), ..TokenUpdate::default() };
    assert_eq!(update(&world, &token, wanted).await, Ok(()));
    let row = world.store.find_token(&tenant("acme"), &token).await.unwrap().unwrap();
    assert_eq!((row.envelope, row.metadata_envelope.is_some()), (None, true));
}

#[tokio::test]
async fn what_is_not_there_does_not_change() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let stranger = call("globex", "tokenizer");
    let refused = world.vault.update_token(&stranger, &token, &TokenUpdate::default()).await.err();
    assert_eq!(refused, Some(VaultError::NotFound));
    world.vault.delete_token(&call("acme", "tokenizer"), &token).await.unwrap();
    assert_eq!(update(&world, &token, TokenUpdate::default()).await.err(), Some(VaultError::NotFound));
}
