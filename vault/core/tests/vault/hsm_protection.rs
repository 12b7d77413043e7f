//! Keys that never leave the HSM.

use strongroom_core::ports::HsmError;
use strongroom_core::{DataKeyRequest, MacItem, NewKey, VaultError, VerifyMacItem};
use strongroom_domain::{KeyPurpose, Protection, Secret};

use crate::asking::{
    context, create_key, decrypt, encrypt, field, key_name, make_key, new_key, rotate_key, sealed,
};
use crate::world::{World, call, settings};

#[tokio::test]
async fn a_field_goes_through_the_hsm_and_back() {
    let world = world_with_key(KeyPurpose::FieldEncryption).await;
    let first = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    let again = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    assert_ne!(first, again);
    assert_eq!(first.ciphertext[0], 4, "hsm_v1");
    let opened = decrypt(&world.vault, "notes", sealed(&first.ciphertext, "note")).await.unwrap();
    assert!(opened.plaintext.ct_eq(b"text"));
    let empty = encrypt(&world.vault, "notes", field("", "note")).await.unwrap().ciphertext;
    assert!(decrypt(&world.vault, "notes", sealed(&empty, "note")).await.unwrap().plaintext.ct_eq(b""));

    let elsewhere = decrypt(&world.vault, "notes", sealed(&first.ciphertext, "subject")).await;
    assert_eq!(elsewhere.err(), Some(VaultError::ContextMismatch));
    let mut altered = first.ciphertext.clone();
    *altered.last_mut().unwrap() ^= 1;
    let altered = decrypt(&world.vault, "notes", sealed(&altered, "note")).await;
    assert_eq!(altered.err(), Some(VaultError::ContextMismatch));
}

#[tokio::test]
async fn rotation_makes_another_key_in_the_hsm_and_the_old_one_still_opens() {
    let world = world_with_key(KeyPurpose::FieldEncryption).await;
    let old = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    rotate_key(&world.vault, "notes").await.unwrap();
    let new = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    assert_eq!([old.key_version.get(), new.key_version.get()], [1, 2]);
    for one in [&old, &new] {
        let opened = decrypt(&world.vault, "notes", sealed(&one.ciphertext, "note")).await.unwrap();
        assert!(opened.plaintext.ct_eq(b"text"));
    }
    let items = [sealed(&old.ciphertext, "note")];
    let renewed = world.vault.reencrypt(&call("acme", "encryptor"), &key_name("notes"), &items).await;
    assert_eq!(renewed.unwrap().pop().unwrap().unwrap().key_version.get(), 2);
}

#[tokio::test]
async fn the_same_key_is_found_after_a_restart() {
    let world = world_with_key(KeyPurpose::FieldEncryption).await;
    let made = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().ciphertext;
    let vault = world.start(settings("another")).await.unwrap();
    let opened = decrypt(&vault, "notes", sealed(&made, "note")).await.unwrap();
    assert!(opened.plaintext.ct_eq(b"text"));
}

#[tokio::test]
async fn the_two_protections_do_not_mix() {
    let world = world_with_key(KeyPurpose::FieldEncryption).await;
    create_key(&world.vault, "letters").await.unwrap();
    let in_hsm = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().ciphertext;
    let in_memory = encrypt(&world.vault, "letters", field("text", "note")).await.unwrap().ciphertext;
    for (key, ciphertext) in [("letters", &in_hsm), ("notes", &in_memory)] {
        let refusal = decrypt(&world.vault, key, sealed(ciphertext, "note")).await.err();
        assert_eq!(refusal, Some(VaultError::CiphertextMalformed), "{key}");
    }
}

#[tokio::test]
async fn codes_are_made_in_the_hsm() {
    let world = world_with_key(KeyPurpose::Mac).await;
    let (key, data) = (key_name("notes"), || Secret::new(b"order 42".to_vec()));
    let items = [MacItem { data: data(), context: context("order") }];
    let made = world.vault.mac(&call("acme", "encryptor"), &key, &items).await.unwrap();
    let mac = made.into_iter().next().unwrap().unwrap().mac;
    assert_eq!((mac.len(), mac[0]), (45, 3));
    let mut other = mac.clone();
    other[44] ^= 1;
    let items = [(&mac, "order"), (&other, "order"), (&mac, "letter")].map(|(mac, place)| VerifyMacItem {
        data: data(),
        mac: mac.clone(),
        context: context(place),
    });
    let checked = world.vault.verify_mac(&call("acme", "decryptor"), &key, &items).await.unwrap();
    let valid: Vec<_> = checked.into_iter().map(|one| one.unwrap().key_version.is_some()).collect();
    assert_eq!(valid, [true, false, false]);
}

#[tokio::test]
async fn a_data_key_is_sealed_by_the_hsm() {
    let world = world_with_key(KeyPurpose::FieldEncryption).await;
    let wanted = DataKeyRequest { length: 32, context: context("file") };
    let made = world.vault.data_key(&call("acme", "encryptor"), &key_name("notes"), &wanted).await.unwrap();
    let opened = decrypt(&world.vault, "notes", sealed(&made.ciphertext, "file")).await.unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test compares two secrets")]
    let same = opened.plaintext.ct_eq(made.plaintext.expose());
    assert!(same);
}

#[tokio::test]
async fn while_the_hsm_is_away_nothing_works_and_afterwards_everything() {
    let world = world_with_key(KeyPurpose::FieldEncryption).await;
    let made = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().ciphertext;
    world.hsm.memory.fail_with(Some(HsmError::Unavailable("away")));
    let refused = Some(VaultError::HsmUnavailable);
    assert_eq!(encrypt(&world.vault, "notes", field("text", "note")).await.err(), refused);
    assert_eq!(decrypt(&world.vault, "notes", sealed(&made, "note")).await.err(), refused);
    world.hsm.memory.fail_with(None);
    assert!(decrypt(&world.vault, "notes", sealed(&made, "note")).await.is_ok());
}

/// An attempt that was lost leaves an object behind, which must not stand in the way of the next.
#[tokio::test]
async fn what_a_failed_attempt_left_in_the_hsm_is_no_hindrance() {
    let world = world_with_key(KeyPurpose::FieldEncryption).await;
    world.fail_commits(true);
    assert!(rotate_key(&world.vault, "notes").await.is_err());
    world.fail_commits(false);
    assert_eq!(rotate_key(&world.vault, "notes").await.unwrap().current_version.get(), 2);
    assert!(encrypt(&world.vault, "notes", field("text", "note")).await.is_ok());
}

#[tokio::test]
async fn only_what_an_hsm_does_by_itself_is_offered() {
    let world = World::open().await;
    for purpose in [KeyPurpose::DeterministicEncryption, KeyPurpose::FormatPreserving] {
        let key = NewKey { protection: Protection::Hsm, ..new_key("notes", purpose) };
        let refused = make_key(&world.vault, key).await.err();
        assert!(matches!(refused, Some(VaultError::Invalid(_))), "{refused:?}");
    }
}

async fn world_with_key(purpose: KeyPurpose) -> World {
    let world = World::open().await;
    let key = NewKey { protection: Protection::Hsm, ..new_key("notes", purpose) };
    make_key(&world.vault, key).await.unwrap();
    world
}
