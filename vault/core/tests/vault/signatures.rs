//! Signatures over callers' data, which others verify with the public key.

use strongroom_core::{NewKey, PublicKeyView, SignItem, Signed, VaultError, VerifyItem};
use strongroom_domain::{KeyPurpose, KeyVersion, Protection, Secret};

use crate::asking::{create_key, key_name, make_key, new_key, rotate_key};
use crate::world::{World, call};

const BOTH: [Protection; 2] = [Protection::Envelope, Protection::Hsm];

#[tokio::test]
async fn what_was_signed_verifies_and_nothing_else() {
    for protection in BOTH {
        let world = world_with_key(protection).await;
        let signed = sign(&world, "letter").await;
        assert_eq!(signed.key_version, KeyVersion::FIRST);
        let altered = {
            let mut signature = signed.signature.to_vec();
            signature[40] ^= 1;
            signature
        };
        let never = KeyVersion::new(9).unwrap();
        let items = [
            item("letter", &signed.signature, signed.key_version),
            item("letter.", &signed.signature, signed.key_version),
            item("letter", &altered, signed.key_version),
            item("letter", &signed.signature[..63], signed.key_version),
            item("letter", &signed.signature, never),
        ];
        let verified = world.vault.verify(&call("acme", "decryptor"), &key_name("letters"), &items).await;
        let verified: Vec<_> = verified.unwrap().into_iter().map(|one| one.unwrap().valid).collect();
        assert_eq!(verified, [true, false, false, false, false]);
        let records = world.records().await;
        let last: Vec<_> = records
            .iter()
            .filter(|record| record.action == "crypto.verify")
            .map(|record| (record.outcome.as_str(), record.count))
            .collect();
        assert_eq!(last, [("success", 1), ("invalid", 4)]);
    }
}

#[tokio::test]
async fn a_new_version_signs_and_the_old_one_still_verifies() {
    for protection in BOTH {
        let world = world_with_key(protection).await;
        let old = sign(&world, "letter").await;
        rotate_key(&world.vault, "letters").await.unwrap();
        let new = sign(&world, "letter").await;
        let versions = [new.key_version.get(), old.key_version.get()];
        assert_eq!(versions, [2, 1]);
        let items = [
            item("letter", &old.signature, old.key_version),
            item("letter", &new.signature, new.key_version),
            item("letter", &old.signature, new.key_version),
        ];
        let verified = world.vault.verify(&call("acme", "encryptor"), &key_name("letters"), &items).await;
        let verified: Vec<_> = verified.unwrap().into_iter().map(|one| one.unwrap().valid).collect();
        assert_eq!(verified, [true, true, false]);
        let shown = public_keys(&world).await;
        assert_eq!(shown.iter().map(|key| key.version.get()).collect::<Vec<_>>(), versions);
        assert_ne!(shown[0].pem, shown[1].pem);
        assert!(shown.iter().all(|key| key.pem.starts_with("-----BEGIN PUBLIC KEY-----\n")));
    }
}

#[tokio::test]
async fn other_keys_do_not_sign() {
    let world = World::open().await;
    create_key(&world.vault, "notes").await.unwrap();
    let items = [SignItem { message: Secret::new(b"letter".to_vec()) }];
    let refused = world.vault.sign(&call("acme", "encryptor"), &key_name("notes"), &items).await;
    assert_eq!(refused.err(), Some(VaultError::KeyPurpose));
    let refused = world.vault.public_keys(&call("acme", "auditor"), &key_name("notes")).await;
    assert_eq!(refused.err(), Some(VaultError::KeyPurpose));
}

async fn sign(world: &World, message: &str) -> Signed {
    let items = [SignItem { message: Secret::new(message.as_bytes().to_vec()) }];
    let signed = world.vault.sign(&call("acme", "encryptor"), &key_name("letters"), &items).await;
    signed.unwrap().pop().unwrap().unwrap()
}

async fn public_keys(world: &World) -> Vec<PublicKeyView> {
    world.vault.public_keys(&call("acme", "auditor"), &key_name("letters")).await.unwrap()
}

fn item(message: &str, signature: &[u8], key_version: KeyVersion) -> VerifyItem {
    VerifyItem {
        message: Secret::new(message.as_bytes().to_vec()),
        signature: signature.to_vec(),
        key_version,
    }
}

async fn world_with_key(protection: Protection) -> World {
    let world = World::open().await;
    let key = NewKey { protection, ..new_key("letters", KeyPurpose::Sign) };
    make_key(&world.vault, key).await.unwrap();
    world
}
