//! Authentication codes and data keys.

use strongroom_core::{DataKeyRequest, MacItem, VaultError, VerifiedMac, VerifyMacItem};
use strongroom_domain::{KeyPurpose, KeyVersion, Secret};

use crate::asking::{
    context, create_key, create_key_for, decrypt, encrypt, field, key_name, rotate_key, sealed,
};
use crate::world::{World, call};

fn data(text: &str, place: &str) -> MacItem {
    MacItem { data: Secret::new(text.as_bytes().to_vec()), context: context(place) }
}

fn claim(text: &str, place: &str, mac: &[u8]) -> VerifyMacItem {
    VerifyMacItem { data: Secret::new(text.as_bytes().to_vec()), context: context(place), mac: mac.to_vec() }
}

async fn make(world: &World, text: &str) -> Vec<u8> {
    let caller = call("acme", "encryptor");
    let made = world.vault.mac(&caller, &key_name("orders"), &[data(text, "order")]).await.unwrap();
    made.into_iter().next().unwrap().unwrap().mac
}

async fn check(world: &World, claims: &[VerifyMacItem]) -> Vec<Result<VerifiedMac, VaultError>> {
    world.vault.verify_mac(&call("acme", "decryptor"), &key_name("orders"), claims).await.unwrap()
}

#[tokio::test]
async fn a_code_vouches_for_its_data_in_their_place_and_nothing_else() {
    let world = world_with_key().await;
    create_key_for(&world.vault, "invoices", KeyPurpose::Mac).await.unwrap();
    let mac = make(&world, "order 42: 19.99").await;
    let invoices = [data("order 42: 19.99", "order")];
    let other = world.vault.mac(&call("acme", "encryptor"), &key_name("invoices"), &invoices).await.unwrap();
    let other = &other[0].as_ref().unwrap().mac;
    let mut altered = mac.clone();
    altered[20] ^= 1;
    let claims = [
        claim("order 42: 19.99", "order", &mac),
        claim("order 42: 10.99", "order", &mac),
        claim("order 42: 19.99", "invoice", &mac),
        claim("order 42: 19.99", "order", other),
        claim("order 42: 19.99", "order", &altered),
        claim("order 42: 19.99", "order", &mac[..44]),
        claim("order 42: 19.99", "order", b""),
    ];
    let versions: Vec<_> =
        check(&world, &claims).await.into_iter().map(|verified| verified.unwrap().key_version).collect();
    assert_eq!(versions, [Some(KeyVersion::FIRST), None, None, None, None, None, None]);
    let records = world.records().await;
    let outcomes: Vec<_> = records
        .iter()
        .filter(|record| record.action == "crypto.verify-mac")
        .map(|record| (record.outcome.as_str(), record.count))
        .collect();
    assert_eq!(outcomes, [("success", 1), ("invalid", 6)], "what did not hold is on record as such");
}

#[tokio::test]
async fn codes_outlive_a_rotation() {
    let world = world_with_key().await;
    let old = make(&world, "order").await;
    rotate_key(&world.vault, "orders").await.unwrap();
    let new = make(&world, "order").await;
    assert_ne!(old, new);
    // A code that says it is of a version that does not exist is no error, only wrong.
    let mut unknown = new.clone();
    unknown[12] = 9;
    let claims =
        [claim("order", "order", &old), claim("order", "order", &new), claim("order", "order", &unknown)];
    let versions: Vec<_> = check(&world, &claims)
        .await
        .into_iter()
        .map(|verified| verified.unwrap().key_version.map(KeyVersion::get))
        .collect();
    assert_eq!(versions, [Some(1), Some(2), None]);
}

#[tokio::test]
async fn keys_are_for_one_thing() {
    let world = world_with_key().await;
    create_key(&world.vault, "notes").await.unwrap();
    create_key_for(&world.vault, "emails", KeyPurpose::DeterministicEncryption).await.unwrap();
    let refused = Some(VaultError::KeyPurpose);
    assert_eq!(encrypt(&world.vault, "orders", field("a", "b")).await.err(), refused);
    let caller = call("acme", "encryptor");
    assert_eq!(world.vault.mac(&caller, &key_name("notes"), &[data("a", "b")]).await.err(), refused);
    let claims = [claim("a", "b", b"")];
    assert_eq!(world.vault.verify_mac(&caller, &key_name("notes"), &claims).await.err(), refused);
    for key in ["orders", "emails", "tokenization"] {
        let wanted = DataKeyRequest { length: 32, context: context("backup") };
        assert_eq!(world.vault.data_key(&caller, &key_name(key), &wanted).await.err(), refused, "{key}");
    }
    let reader = call("acme", "decryptor");
    let denied = world.vault.mac(&reader, &key_name("orders"), &[data("a", "b")]).await.err();
    assert_eq!(denied, Some(VaultError::PermissionDenied), "who checks cannot vouch");
}

#[tokio::test]
async fn a_data_key_comes_back_from_its_ciphertext() {
    let world = world_with_key().await;
    create_key(&world.vault, "notes").await.unwrap();
    let caller = call("acme", "encryptor");
    let mut seen = Vec::new();
    for length in [16, 32, 64] {
        let wanted = DataKeyRequest { length, context: context("backup") };
        let made = world.vault.data_key(&caller, &key_name("notes"), &wanted).await.unwrap();
        let opened = decrypt(&world.vault, "notes", sealed(&made.ciphertext, "backup")).await.unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test compares two keys that nobody uses")]
        let (given, opened) = (made.plaintext.expose(), opened.plaintext.expose());
        assert_eq!((given.len(), given), (length, opened));
        assert!(!seen.contains(given));
        seen.push(given.clone());
        let elsewhere = decrypt(&world.vault, "notes", sealed(&made.ciphertext, "other")).await.err();
        assert_eq!(elsewhere, Some(VaultError::ContextMismatch));
    }
    for length in [0, 15, 33, 1 << 20] {
        let wanted = DataKeyRequest { length, context: context("backup") };
        let refusal = world.vault.data_key(&caller, &key_name("notes"), &wanted).await.err();
        assert!(matches!(refusal, Some(VaultError::Invalid(_))), "{length}");
    }
    let reader = call("acme", "decryptor");
    let wanted = DataKeyRequest { length: 32, context: context("backup") };
    let denied = world.vault.data_key(&reader, &key_name("notes"), &wanted).await.err();
    assert_eq!(denied, Some(VaultError::PermissionDenied));
}

async fn world_with_key() -> World {
    let world = World::open().await;
    create_key_for(&world.vault, "orders", KeyPurpose::Mac).await.unwrap();
    world
}
