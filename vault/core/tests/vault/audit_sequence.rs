//! Each thing done, refused or failed is on record once, and the numbers have no gap.

use std::num::NonZeroU32;
use strongroom_core::VaultError;
use strongroom_core::ports::Store;
use strongroom_domain::Reveal;

use crate::asking::{
    card, card_for, card_number, create_key, detokenization, encrypt, field, key_name, sealed, token_for,
    tokenize, tokenize_one,
};
use crate::world::{STREAM, World, call, records_in};

#[tokio::test]
async fn hundreds_of_requests_leave_no_gap() {
    const ROUNDS: u64 = 60;
    let world = World::open().await;
    let vault = &world.vault;
    create_key(vault, "notes").await.unwrap();
    let before = world.records().await.len() as u64;
    let mut expected = 0;
    for round in 0..ROUNDS {
        let token = token_for(vault, card(&card_number(round))).await;
        let batch = vec![card(&card_number(round)), card("not digits"), card_for("none", &card_number(1))];
        tokenize(vault, &call("acme", "tokenizer"), batch).await.unwrap();
        let request = detokenization(&[&token, &token], Reveal::Full);
        vault.detokenize(&call("acme", "detokenizer"), &request).await.unwrap();
        vault.detokenize(&call("acme", "tokenizer"), &request).await.err().unwrap();
        encrypt(vault, "notes", field("text", "note")).await.unwrap();
        vault.get_key(&call("acme", "auditor"), &key_name("none")).await.unwrap_err();
        vault.list_profiles(&call("globex", "auditor")).await.unwrap();
        expected += 1 + 3 + 2 + 1 + 1 + 1 + 1;
        if round % 7 == 0 {
            world.fail_commits(true);
            encrypt(vault, "notes", field("text", "note")).await.unwrap_err();
            world.fail_commits(false);
        }
        if round % 11 == 0 {
            world.store.memory.lose_next_commit_answer();
            encrypt(vault, "notes", field("text", "note")).await.unwrap();
            expected += 1;
        }
    }
    let bundles = world.store.read_bundles(STREAM, 0, u32::MAX).await.unwrap();
    let mut next = 0;
    for bundle in &bundles {
        assert_eq!(bundle.first_sequence, next);
        for record in records_in(bundle) {
            assert_eq!((record.sequence, record.stream.as_str()), (next, STREAM));
            next += 1;
        }
    }
    assert_eq!(next, before + expected);
    assert_eq!(world.store.stream_head(STREAM).await.unwrap().unwrap().size, next);
}

#[tokio::test]
async fn a_batch_of_fields_has_one_record_per_way_it_ended() {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    let good = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().ciphertext;
    let items = [
        sealed(&good, "note"),
        sealed(&good, "elsewhere"),
        sealed(b"nonsense", "note"),
        sealed(&good, "note"),
        sealed(&good, "somewhere"),
    ];
    let caller = call("acme", "decryptor");
    world.vault.decrypt(&caller, &key_name("notes"), &items).await.unwrap();
    let records = world.records_of(&caller).await;
    let mut outcomes: Vec<_> = records.iter().map(|record| (record.outcome.as_str(), record.count)).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, [("ciphertext_malformed", 1), ("context_mismatch", 2), ("success", 2)]);
    assert!(records.iter().all(|record| record.object.as_deref() == Some("notes")));
}

#[tokio::test]
async fn each_token_of_a_batch_has_a_record_of_its_own() {
    let world = World::open().await;
    let caller = call("acme", "tokenizer");
    let items = vec![card(&card_number(1)), card("4111111111111112"), card_for("none", &card_number(3))];
    let tokens = tokenize(&world.vault, &caller, items).await.unwrap();
    let token = &tokens[0].as_ref().unwrap().token.token;
    let records = world.records_of(&caller).await;
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome.as_str()).collect();
    assert_eq!(outcomes, ["success", "card_number_invalid", "profile_not_found"]);
    assert_eq!(records[0].object.as_deref(), Some(token.as_str()));
    assert_eq!(records[0].row_version, Some(1));

    let unknown = strongroom_domain::Token::parse("411111111111").unwrap();
    let reader = call("acme", "detokenizer");
    let request = detokenization(&[token, &unknown], Reveal::Masked);
    world.vault.detokenize(&reader, &request).await.unwrap();
    let records = world.records_of(&reader).await;
    let told: Vec<_> =
        records.iter().map(|record| (record.object.as_deref(), record.outcome.as_str())).collect();
    // What is no token of the tenant's may be a card number, put in the wrong place.
    assert_eq!(told, [(Some(token.as_str()), "success"), (Some("411111**1111"), "not_found")]);
    assert!(records.iter().all(|record| record.purpose.as_deref() == Some("authorisation")));
    assert!(records.iter().all(|record| record.reveal.as_deref() == Some("masked")));
}

#[tokio::test]
async fn the_record_of_a_used_up_token_names_the_row_version_it_left_behind() {
    let world = World::open().await;
    let item = strongroom_core::NewToken { max_uses: Some(NonZeroU32::MIN), ..card(&card_number(1)) };
    let token = token_for(&world.vault, item).await;
    let reader = call("acme", "detokenizer");
    world.vault.detokenize(&reader, &detokenization(&[&token], Reveal::Full)).await.unwrap();
    let row = world.store.find_token(&crate::world::tenant("acme"), &token).await.unwrap().unwrap();
    assert_eq!(world.records_of(&reader).await[0].row_version, Some(row.row_version));
}

#[tokio::test]
async fn a_card_number_is_in_no_record() {
    let world = World::open().await;
    let number = card_number(4_711);
    token_for(&world.vault, card(&number)).await;
    let caller = call("acme", "tokenizer");
    let refusal = tokenize_one(&world.vault, &caller, card_for("none", &number)).await.err();
    assert_eq!(refusal, Some(VaultError::ProfileNotFound));
    let misplaced = strongroom_domain::Token::parse(&number).unwrap();
    for name in ["tokenizer", "detokenizer", "auditor"] {
        let caller = call("acme", name);
        world.vault.get_token(&caller, &misplaced).await.unwrap_err();
        world.vault.delete_token(&caller, &misplaced).await.unwrap_err();
        let request = detokenization(&[&misplaced], Reveal::Full);
        let _ = world.vault.detokenize(&caller, &request).await;
        assert_eq!(world.records_of(&caller).await.len(), 3);
    }
    for record in world.records().await {
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        assert!(!bytes.windows(number.len()).any(|window| window == number.as_bytes()));
    }
}
