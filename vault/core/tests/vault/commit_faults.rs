//! Nothing leaves the vault and nothing comes about without its record; and a commit of which nothing is known is found
//! out about.

use std::time::Duration;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::StoreError;
use strongroom_core::{Vault, VaultError};
use strongroom_domain::Reveal;

use crate::asking::{
    card, card_number, create_key, decrypt, detokenization, encrypt, field, first, key_name, rotate_key,
    sealed, token_for, tokenize, tokenize_one,
};
use crate::world::{STREAM, World, call, let_others_run};

#[tokio::test]
async fn without_a_record_there_is_no_plaintext_and_no_effect() {
    let world = World::open().await;
    let vault = &world.vault;
    create_key(vault, "notes").await.unwrap();
    let ciphertext = encrypt(vault, "notes", field("kept", "note")).await.unwrap().ciphertext;
    let token = token_for(vault, card(&card_number(1))).await;
    let (records, effects) = (world.records().await, world.store.effects().len());
    let epoch = world.store.registry_epoch().await.unwrap();

    world.fail_commits(true);
    let refused = Some(VaultError::AuditUnavailable);
    assert_eq!(encrypt(vault, "notes", field("new", "note")).await.err(), refused);
    assert_eq!(decrypt(vault, "notes", sealed(&ciphertext, "note")).await.err(), refused);
    let detokenizer = call("acme", "detokenizer");
    let request = detokenization(&[&token], Reveal::Full);
    assert_eq!(vault.detokenize(&detokenizer, &request).await.err(), refused);
    let tokenizer = call("acme", "tokenizer");
    assert_eq!(tokenize(vault, &tokenizer, vec![card(&card_number(2))]).await.err(), refused);
    assert_eq!(create_key(vault, "letters").await.err(), refused);
    assert_eq!(rotate_key(vault, "notes").await.err(), refused);
    assert_eq!(vault.delete_token(&tokenizer, &token).await.err(), refused);
    // A refusal that cannot be put on record is no answer either.
    assert_eq!(vault.get_token(&call("acme", "operator"), &token).await.err(), refused);
    assert!(!vault.readiness().await.is_ready());

    world.fail_commits(false);
    assert!(vault.readiness().await.is_ready());
    assert_eq!(world.records().await, records);
    assert_eq!(world.store.effects().len(), effects);
    assert_eq!(world.store.registry_epoch().await, Ok(epoch));
    assert_eq!(vault.list_tokens(&tokenizer, &first(10)).await.unwrap().tokens.len(), 1);
    let admin = call("acme", "key-admin");
    assert_eq!(vault.get_key(&admin, &key_name("letters")).await, Err(VaultError::NotFound));
    assert_eq!(vault.get_key(&admin, &key_name("notes")).await.unwrap().versions.len(), 1);
    assert!(decrypt(vault, "notes", sealed(&ciphertext, "note")).await.is_ok());
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_counts_once() {
    let world = World::open().await;
    let caller = call("acme", "tokenizer");
    world.store.memory.lose_next_commit_answer();
    let token = tokenize_one(&world.vault, &caller, card(&card_number(1))).await.unwrap().token.token;
    assert_eq!(world.records_of(&caller).await.len(), 1);
    assert!(world.vault.get_token(&caller, &token).await.is_ok());
    gap_free(&world).await;
}

#[tokio::test]
async fn until_the_fate_of_a_commit_is_known_nobody_is_answered() {
    let world = World::open().await;
    world.store.memory.lose_next_commit_answer();
    world.store.memory.fail_reads(Some(StoreError::Unavailable("told to fail")));
    let caller = call("acme", "tokenizer");
    let waiting = {
        let (vault, caller) = (world.vault.clone(), caller.clone());
        tokio::spawn(async move { tokenize_one(&vault, &caller, card(&card_number(1))).await })
    };
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert!(!waiting.is_finished());
    world.store.memory.fail_reads(None);
    assert!(waiting.await.unwrap().is_ok());
    assert_eq!(world.records_of(&caller).await.len(), 1);
    gap_free(&world).await;
}

#[tokio::test]
async fn a_lost_race_is_run_again_and_counted_once() {
    let world = World::open().await;
    let caller = call("acme", "tokenizer");
    world.store.conflict_next(5);
    assert!(tokenize_one(&world.vault, &caller, card(&card_number(1))).await.is_ok());
    assert_eq!(world.records_of(&caller).await.len(), 1);
    assert_eq!(world.store.tokens_written(), 1);
    gap_free(&world).await;
}

#[tokio::test]
async fn who_loses_every_race_is_told_so_and_recorded() {
    let world = World::open().await;
    let caller = call("acme", "tokenizer");
    world.store.conflict_next(1000);
    let refusal = tokenize_one(&world.vault, &caller, card(&card_number(1))).await.err();
    assert_eq!(refusal, Some(VaultError::Overloaded));
    let records = world.records_of(&caller).await;
    assert_eq!(records.iter().map(|record| record.outcome.as_str()).collect::<Vec<_>>(), ["overloaded"]);
    assert_eq!(world.store.tokens_written(), 0);
}

#[tokio::test]
async fn a_caller_that_goes_away_undoes_nothing() {
    let world = World::open().await;
    let held = world.store.hold_commits().await;
    let leaving = tokio::spawn(creating(world.vault.clone()));
    let_others_run().await;
    leaving.abort();
    assert!(leaving.await.unwrap_err().is_cancelled());
    drop(held);
    let_others_run().await;
    let admin = call("acme", "key-admin");
    assert!(world.vault.get_key(&admin, &key_name("letters")).await.is_ok());
    assert!(create_key(&world.vault, "notes").await.is_ok(), "the turn to change the registry came back");
}

async fn creating(vault: Vault) -> Result<(), VaultError> {
    create_key(&vault, "letters").await.map(drop)
}

async fn gap_free(world: &World) {
    let sequences: Vec<u64> = world.records().await.iter().map(|record| record.sequence).collect();
    let head = world.store.stream_head(STREAM).await.unwrap().unwrap();
    assert_eq!(sequences, (0..head.size).collect::<Vec<_>>());
}
