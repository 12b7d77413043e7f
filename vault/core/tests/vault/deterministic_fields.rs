//! Fields under which equal values stay equal: found again by their ciphertext, whichever version of the key wrote it.

use strongroom_core::VaultError;
use strongroom_domain::KeyPurpose;

use crate::asking::{create_key, create_key_for, decrypt, encrypt, field, key_name, rotate_key, sealed};
use crate::world::{World, call};

#[tokio::test]
async fn equal_values_in_equal_places_are_equal_and_nothing_else_is() {
    let world = world_with_key().await;
    create_key_for(&world.vault, "phones", KeyPurpose::DeterministicEncryption).await.unwrap();
    let first = encrypt(&world.vault, "emails", field("a@example.com", "email")).await.unwrap();
    let again = encrypt(&world.vault, "emails", field("a@example.com", "email")).await.unwrap();
    assert_eq!(first, again);
    for other in [
        encrypt(&world.vault, "emails", field("b@example.com", "email")).await.unwrap(),
        encrypt(&world.vault, "emails", field("a@example.com", "alias")).await.unwrap(),
        encrypt(&world.vault, "phones", field("a@example.com", "email")).await.unwrap(),
    ] {
        assert_ne!(first.ciphertext[13..29], other.ciphertext[13..29]);
        assert_ne!(first.ciphertext[29..], other.ciphertext[29..]);
    }
    let opened = decrypt(&world.vault, "emails", sealed(&first.ciphertext, "email")).await.unwrap();
    assert!(opened.plaintext.ct_eq(b"a@example.com"));
    let elsewhere = decrypt(&world.vault, "emails", sealed(&first.ciphertext, "alias")).await;
    assert_eq!(elsewhere.err(), Some(VaultError::ContextMismatch));
}

#[tokio::test]
async fn a_value_is_found_whichever_version_wrote_it() {
    let world = world_with_key().await;
    let old = encrypt(&world.vault, "emails", field("a@example.com", "email")).await.unwrap();
    rotate_key(&world.vault, "emails").await.unwrap();
    let new = encrypt(&world.vault, "emails", field("a@example.com", "email")).await.unwrap();
    assert_ne!(old.ciphertext, new.ciphertext);
    for caller in ["encryptor", "decryptor"] {
        let items = [field("a@example.com", "email"), field("b@example.com", "email")];
        let found = world.vault.lookup(&call("acme", caller), &key_name("emails"), &items).await.unwrap();
        let [Ok(first), Ok(second)] = found.as_slice() else { panic!("two answers") };
        assert_eq!(first.iter().collect::<Vec<_>>(), [&new, &old], "newest first");
        assert!(second.iter().all(|other| *other != new && *other != old));
    }
    // Brought up to date, what was written before equals what is written now.
    let items = [sealed(&old.ciphertext, "email")];
    let renewed =
        world.vault.reencrypt(&call("acme", "decryptor"), &key_name("emails"), &items).await.unwrap();
    assert_eq!(renewed, [Ok(new)]);
    let looked_up: Vec<_> =
        world.records().await.into_iter().filter(|record| record.action == "crypto.lookup").collect();
    assert_eq!(looked_up.iter().map(|record| record.count).collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test]
async fn the_two_kinds_of_fields_do_not_mix() {
    let world = world_with_key().await;
    create_key(&world.vault, "notes").await.unwrap();
    let refused =
        world.vault.lookup(&call("acme", "encryptor"), &key_name("notes"), &[field("a", "b")]).await;
    assert_eq!(refused.err(), Some(VaultError::KeyPurpose), "equal values are not equal there");
    let randomized = encrypt(&world.vault, "notes", field("text", "note")).await.unwrap().ciphertext;
    let deterministic = encrypt(&world.vault, "emails", field("text", "note")).await.unwrap().ciphertext;
    for (key, ciphertext) in [("emails", &randomized), ("notes", &deterministic)] {
        let refusal = decrypt(&world.vault, key, sealed(ciphertext, "note")).await.err();
        assert_eq!(refusal, Some(VaultError::CiphertextMalformed), "{key}");
    }
}

#[tokio::test]
async fn no_value_is_on_record() {
    let world = world_with_key().await;
    encrypt(&world.vault, "emails", field("a.very.telling@example.com", "email")).await.unwrap();
    let items = [field("a.very.telling@example.com", "email")];
    world.vault.lookup(&call("acme", "encryptor"), &key_name("emails"), &items).await.unwrap();
    for record in world.records().await {
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        assert!(!String::from_utf8(bytes).unwrap().contains("telling"));
    }
}

async fn world_with_key() -> World {
    let world = World::open().await;
    create_key_for(&world.vault, "emails", KeyPurpose::DeterministicEncryption).await.unwrap();
    world
}
