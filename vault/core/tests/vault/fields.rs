//! Fields: sealed for one place under one key of one tenant, and opened nowhere else.

use strongroom_core::VaultError;
use strongroom_core::ports::HsmError;
use strongroom_domain::KeyVersion;

use crate::asking::{create_key, decrypt, encrypt, field, key_name, rotate_key, sealed};
use crate::world::{World, call};

#[tokio::test]
async fn what_was_sealed_opens_in_its_place_only() {
    let world = world_with_key().await;
    let made = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    assert!(!made.ciphertext.windows(4).any(|window| window == b"text"));
    let opened = decrypt(&world.vault, "notes", sealed(&made.ciphertext, "note")).await.unwrap();
    assert!(opened.plaintext.ct_eq(b"text"));
    assert_eq!(opened.key_version, KeyVersion::FIRST);
    let elsewhere = decrypt(&world.vault, "notes", sealed(&made.ciphertext, "subject")).await;
    assert_eq!(elsewhere.err(), Some(VaultError::ContextMismatch));
    let again = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    assert_ne!(again.ciphertext, made.ciphertext);
}

#[tokio::test]
async fn every_altered_byte_is_noticed() {
    let world = world_with_key().await;
    let made = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().ciphertext;
    for position in 0..made.len() {
        let mut altered = made.clone();
        altered[position] ^= 1;
        let refusal = decrypt(&world.vault, "notes", sealed(&altered, "note")).await.err();
        let expected =
            if position < 13 { VaultError::CiphertextMalformed } else { VaultError::ContextMismatch };
        assert_eq!(refusal, Some(expected), "byte {position}");
    }
    for length in [0, 1, 12, made.len() - 1] {
        let refusal = decrypt(&world.vault, "notes", sealed(&made[..length], "note")).await.err();
        assert!(matches!(refusal, Some(VaultError::CiphertextMalformed | VaultError::ContextMismatch)));
    }
}

#[tokio::test]
async fn another_keys_and_another_tenants_ciphertexts_are_refused() {
    let world = world_with_key().await;
    create_key(&world.vault, "letters").await.unwrap();
    let made = encrypt(&world.vault, "letters", field("text", "note")).await.unwrap().ciphertext;
    let refusal = decrypt(&world.vault, "notes", sealed(&made, "note")).await.err();
    assert_eq!(refusal, Some(VaultError::CiphertextMalformed));

    let stranger = call("globex", "decryptor");
    let items = [sealed(&made, "note")];
    let refusal = world.vault.decrypt(&stranger, &key_name("letters"), &items).await.err();
    assert_eq!(refusal, Some(VaultError::NotFound), "the other tenant has no key of that name");
    let key = strongroom_core::NewKey {
        name: key_name("letters"),
        purpose: strongroom_domain::KeyPurpose::FieldEncryption,
        protection: strongroom_domain::Protection::Envelope,
        value_format: None,
        rotation_days: 1,
    };
    let admin = call("globex", "key-admin");
    world.vault.create_key(&admin, key, None, |_| crate::asking::answer("")).await.unwrap();
    let mut opened = world.vault.decrypt(&stranger, &key_name("letters"), &items).await.unwrap();
    assert_eq!(opened.pop().unwrap().err(), Some(VaultError::CiphertextMalformed), "and now another one");
}

#[tokio::test]
async fn a_bad_item_spoils_no_other() {
    let world = world_with_key().await;
    let made = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().ciphertext;
    let items = [sealed(&made, "note"), sealed(&made, "subject"), sealed(b"", "note"), sealed(&made, "note")];
    let opened = world.vault.decrypt(&call("acme", "decryptor"), &key_name("notes"), &items).await.unwrap();
    let outcomes: Vec<_> = opened.iter().map(|item| item.as_ref().err()).collect();
    let (mismatch, malformed) = (VaultError::ContextMismatch, VaultError::CiphertextMalformed);
    assert_eq!(outcomes, [None, Some(&mismatch), Some(&malformed), None]);
}

#[tokio::test]
async fn a_new_version_seals_and_the_old_one_still_opens() {
    let world = world_with_key().await;
    let old = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    rotate_key(&world.vault, "notes").await.unwrap();
    let new = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    assert_eq!((old.key_version.get(), new.key_version.get()), (1, 2));
    assert!(decrypt(&world.vault, "notes", sealed(&old.ciphertext, "note")).await.is_ok());

    for reader in ["encryptor", "decryptor"] {
        let items = [sealed(&old.ciphertext, "note"), sealed(&old.ciphertext, "subject")];
        let renewed = world.vault.reencrypt(&call("acme", reader), &key_name("notes"), &items).await.unwrap();
        assert_eq!(renewed[1], Err(VaultError::ContextMismatch));
        let renewed = renewed[0].as_ref().unwrap();
        assert_eq!(renewed.key_version.get(), 2);
        let opened = decrypt(&world.vault, "notes", sealed(&renewed.ciphertext, "note")).await.unwrap();
        assert!(opened.plaintext.ct_eq(b"text"));
        assert_eq!(opened.key_version.get(), 2);
    }
}

#[tokio::test]
async fn a_tenants_tokenization_key_is_for_nothing_else() {
    let world = World::open().await;
    let refused = Some(VaultError::KeyPurpose);
    assert_eq!(encrypt(&world.vault, "tokenization", field("text", "note")).await.err(), refused);
    assert_eq!(decrypt(&world.vault, "tokenization", sealed(b"x", "note")).await.err(), refused);
    let items = [sealed(b"x", "note")];
    let renewed = world.vault.reencrypt(&call("acme", "encryptor"), &key_name("tokenization"), &items).await;
    assert_eq!(renewed.err(), refused);
    let second = strongroom_core::NewKey {
        name: key_name("tokenization-2"),
        purpose: strongroom_domain::KeyPurpose::Tokenization,
        protection: strongroom_domain::Protection::Envelope,
        value_format: None,
        rotation_days: 365,
    };
    let admin = call("acme", "key-admin");
    let made = world.vault.create_key(&admin, second, None, |_| crate::asking::answer("")).await;
    assert!(matches!(made.err(), Some(VaultError::Invalid(_))));
}

#[tokio::test]
async fn an_hsm_that_is_away_at_first_use_is_asked_again() {
    let world = world_with_key().await;
    for away in [HsmError::Unavailable("told to fail"), HsmError::Failed("CKR_DEVICE_ERROR".to_owned())] {
        world.hsm.memory.fail_with(Some(away));
        let refusal = encrypt(&world.vault, "notes", field("text", "note")).await.err();
        assert_eq!(refusal, Some(VaultError::HsmUnavailable));
        assert_eq!(create_key(&world.vault, "letters").await.err(), Some(VaultError::HsmUnavailable));
        assert!(!world.vault.readiness().await.is_ready());
    }
    world.hsm.memory.fail_with(None);
    assert!(encrypt(&world.vault, "notes", field("text", "note")).await.is_ok());
    assert!(create_key(&world.vault, "letters").await.is_ok());
    let failures = world.records().await.iter().filter(|record| record.outcome == "hsm_unavailable").count();
    assert_eq!(failures, 4);
}

async fn world_with_key() -> World {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    world
}
