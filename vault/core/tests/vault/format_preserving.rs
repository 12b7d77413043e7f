//! Values that are encrypted into values of the same format.

use strongroom_core::{DecryptItem, Encrypted, NewKey, VaultError};
use strongroom_domain::{Alphabet, KeyPurpose, KeyVersion, ValueError, ValueFormat};

use crate::asking::{
    create_key_for, decrypt, encrypt, field, key_name, make_key, new_key, rotate_key, sealed,
};
use crate::world::{World, call};

#[tokio::test]
async fn a_value_becomes_one_of_its_format_and_comes_back() {
    let world = world_with_key().await;
    let first = encrypt(&world.vault, "accounts", field("4111111234561111", "account")).await.unwrap();
    let again = encrypt(&world.vault, "accounts", field("4111111234561111", "account")).await.unwrap();
    let elsewhere = encrypt(&world.vault, "accounts", field("4111111234561111", "other")).await.unwrap();
    assert_eq!(first, again);
    assert_ne!(first, elsewhere, "the context is the tweak");
    let text = str::from_utf8(&first.ciphertext).unwrap();
    assert!(text.len() == 16 && text.starts_with("411111") && text.ends_with("1111"), "{text}");
    assert!(text.bytes().all(|byte| byte.is_ascii_digit()) && text != "4111111234561111");
    let opened = decrypt(&world.vault, "accounts", of_version(&first, "account")).await.unwrap();
    assert!(opened.plaintext.ct_eq(b"4111111234561111"));
    let wrong = decrypt(&world.vault, "accounts", of_version(&first, "other")).await.unwrap();
    assert!(!wrong.plaintext.ct_eq(b"4111111234561111"), "nothing tells that it is wrong; see the SPEC");
}

#[tokio::test]
async fn the_version_is_the_callers_to_say() {
    let world = world_with_key().await;
    let old = encrypt(&world.vault, "accounts", field("4111111234561111", "account")).await.unwrap();
    rotate_key(&world.vault, "accounts").await.unwrap();
    let new = encrypt(&world.vault, "accounts", field("4111111234561111", "account")).await.unwrap();
    assert_ne!(old.ciphertext, new.ciphertext);
    for one in [&old, &new] {
        let opened = decrypt(&world.vault, "accounts", of_version(one, "account")).await.unwrap();
        assert!(opened.plaintext.ct_eq(b"4111111234561111"));
    }
    let unsaid = decrypt(&world.vault, "accounts", sealed(&old.ciphertext, "account")).await.err();
    assert!(matches!(unsaid, Some(VaultError::Invalid(_))), "{unsaid:?}");
    let items = [of_version(&old, "account")];
    let key = key_name("accounts");
    let renewed = world.vault.reencrypt(&call("acme", "encryptor"), &key, &items).await.unwrap();
    assert_eq!(renewed, [Ok(new.clone())]);
    let items = [field("4111111234561111", "account")];
    let found = world.vault.lookup(&call("acme", "encryptor"), &key, &items).await.unwrap();
    assert_eq!(found, [Ok(vec![new, old])]);
}

#[tokio::test]
async fn a_version_that_a_ciphertext_says_itself_must_be_the_one_the_caller_says() {
    let world = World::open().await;
    create_key_for(&world.vault, "notes", KeyPurpose::FieldEncryption).await.unwrap();
    let made = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap();
    assert!(decrypt(&world.vault, "notes", of_version(&made, "note")).await.is_ok());
    let other = DecryptItem { key_version: KeyVersion::new(2), ..of_version(&made, "note") };
    assert_eq!(decrypt(&world.vault, "notes", other).await.err(), Some(VaultError::CiphertextMalformed));
}

#[tokio::test]
async fn what_is_not_of_the_format_is_refused_by_itself() {
    let world = world_with_key().await;
    let items = [
        field("4111111234561111", "account"),
        field("411111123456111", "account"),
        field("4111 1112 3456 11", "account"),
    ];
    let made = world.vault.encrypt(&call("acme", "encryptor"), &key_name("accounts"), &items).await.unwrap();
    let failures: Vec<_> = made.iter().map(|one| one.as_ref().err().cloned()).collect();
    let of = |error| Some(VaultError::Value(error));
    assert_eq!(failures, [None, of(ValueError::Length), of(ValueError::Length)]);
}

#[tokio::test]
async fn only_such_keys_have_a_format_and_they_need_one_with_a_million_values() {
    let world = World::open().await;
    let with = |purpose, value_format| NewKey { value_format, ..new_key("accounts", purpose) };
    for key in [with(KeyPurpose::FormatPreserving, None), with(KeyPurpose::FieldEncryption, cards())] {
        let refused = make_key(&world.vault, key).await.err();
        assert!(matches!(refused, Some(VaultError::Invalid(_))), "{refused:?}");
    }
    assert_eq!(cards().map(|format| format.to_string()).as_deref(), Some("16 16 6 4 0123456789"));
}

fn cards() -> Option<Box<ValueFormat>> {
    let digits = Alphabet::parse("0123456789").unwrap();
    Some(Box::new(ValueFormat::new(digits, (16, 16), (6, 4)).unwrap()))
}

fn of_version(encrypted: &Encrypted, place: &str) -> DecryptItem {
    DecryptItem { key_version: Some(encrypted.key_version), ..sealed(&encrypted.ciphertext, place) }
}

async fn world_with_key() -> World {
    let world = World::open().await;
    let key = NewKey { value_format: cards(), ..new_key("accounts", KeyPurpose::FormatPreserving) };
    make_key(&world.vault, key).await.unwrap();
    world
}
