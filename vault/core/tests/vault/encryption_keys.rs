//! Values that leave encrypted to a key of the caller's: which keys there can be, who may be sent what, and what is on
//! record of it.

use std::time::Duration;

use strongroom_core::ports::store::GrantId;
use strongroom_core::{Call, DetokenizeRequest, NewGrant, RevealedValue, Vault, VaultError};
use strongroom_crypto::jwe::{Jwe, PublicJwkError, RecipientKey};
use strongroom_domain::{EncryptTo, KeyThumbprint, Reveal, Role, Token};

use crate::asking::{
    answer, appoint, card, card_number, detokenization, make_known, pair, register, register_text, token_for,
};
use crate::world::{World, call, service};

const UNUSABLE: Option<VaultError> = Some(VaultError::EncryptionKeyUnusable);

fn to(pair: &RecipientKey) -> EncryptTo {
    EncryptTo::Key(KeyThumbprint::parse(pair.public().kid()).unwrap())
}

/// The JWE in which the value of one token leaves.
async fn encrypted(
    vault: &Vault,
    caller: &Call,
    token: &Token,
    encrypt_to: EncryptTo,
) -> Result<String, VaultError> {
    let request =
        DetokenizeRequest { encrypt_to: Some(encrypt_to), ..detokenization(&[token], Reveal::Full) };
    match vault.detokenize(caller, &request).await?.pop().unwrap()?.value {
        RevealedValue::Encrypted { jwe, .. } => Ok(jwe),
        _ => panic!("the value left in clear"),
    }
}

fn opens(pair: &RecipientKey, jwe: &str, expected: &str) -> bool {
    pair.open(&Jwe::parse(jwe).unwrap()).is_ok_and(|opened| opened.ct_eq(expected.as_bytes()))
}

#[tokio::test]
async fn a_value_leaves_for_the_holder_of_the_private_key_and_no_two_answers_are_alike() {
    let world = World::open().await;
    let number = card_number(1);
    let token = token_for(&world.vault, card(&number)).await;
    let key = register(&world.vault, "detokenizer", &pair(1), None).await.unwrap();
    assert_eq!(key.kid.as_str(), pair(1).public().thumbprint());
    let caller = call("acme", "detokenizer");
    let first = encrypted(&world.vault, &caller, &token, to(&pair(1))).await.unwrap();
    let second = encrypted(&world.vault, &call("acme", "detokenizer"), &token, EncryptTo::Newest).await;
    assert_ne!(Ok(&first), second.as_ref());
    // The plaintext is the answer as it would have been, with the token that it is about.
    let expected = format!(r#"{{"token":"{token}","type":"card","card":{{"number":"{number}"}}}}"#);
    assert!(opens(&pair(1), &first, &expected) && opens(&pair(1), &second.unwrap(), &expected));
    assert!(pair(2).open(&Jwe::parse(&first).unwrap()).is_err());
    let records = world.records_of(&caller).await;
    assert_eq!((records.len(), records[0].outcome.as_str()), (1, "success"));
}

#[tokio::test]
async fn keys_overlap_for_a_rotation_and_end_by_time_or_by_decision() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let minute = Duration::from_secs(60);
    let end = world.vault.now().plus(minute);
    register(&world.vault, "detokenizer", &pair(1), None).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    register(&world.vault, "detokenizer", &pair(2), Some(end)).await.unwrap();
    let newest = async || {
        let jwe = encrypted(&world.vault, &call("acme", "detokenizer"), &token, EncryptTo::Newest).await?;
        Ok::<_, VaultError>(Jwe::parse(&jwe).unwrap().kid().to_owned())
    };
    let by_name = async |number| {
        encrypted(&world.vault, &call("acme", "detokenizer"), &token, to(&pair(number))).await.err()
    };
    assert_eq!(newest().await.unwrap(), pair(2).public().kid());
    assert_eq!((by_name(1).await, by_name(2).await), (None, None));
    world.clock.advance(minute);
    assert_eq!(newest().await.unwrap(), pair(1).public().kid());
    assert_eq!((by_name(1).await, by_name(2).await), (None, UNUSABLE));

    let admin = call("acme", "identity-admin");
    let kid = KeyThumbprint::parse(pair(1).public().kid()).unwrap();
    let revoked = world.vault.revoke_encryption_key(&admin, &service("detokenizer"), &kid).await.unwrap();
    assert_eq!(revoked.revoked_by, Some(admin.principal.id.to_string()));
    assert_eq!(newest().await.err(), UNUSABLE);
    assert_eq!(by_name(1).await, UNUSABLE);
    let again = register(&world.vault, "detokenizer", &pair(1), None).await;
    assert_eq!(again.err(), Some(VaultError::AlreadyExists));
    let listed = world.vault.list_encryption_keys(&call("acme", "auditor"), &service("detokenizer")).await;
    let listed: Vec<_> = listed.unwrap().iter().map(|key| key.revoked_at.is_some()).collect();
    assert_eq!(listed, [false, true], "newest first, ended ones too");
}

#[tokio::test]
async fn a_key_that_is_not_the_callers_is_as_unknown_as_none_and_on_record() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    register(&world.vault, "gateway", &pair(1), None).await.unwrap();
    for wanted in [to(&pair(1)), to(&pair(7)), EncryptTo::Newest] {
        let caller = call("acme", "detokenizer");
        assert_eq!(encrypted(&world.vault, &caller, &token, wanted).await.err(), UNUSABLE);
        let records = world.records_of(&caller).await;
        assert_eq!((records.len(), records[0].outcome.as_str()), (1, "encryption_key_unusable"));
    }
    let masked = DetokenizeRequest {
        encrypt_to: Some(EncryptTo::Newest),
        ..detokenization(&[&token], Reveal::Masked)
    };
    let refused = world.vault.detokenize(&call("acme", "detokenizer"), &masked).await.err();
    assert_eq!(refused, Some(VaultError::Invalid("encrypt_to goes with reveal full")));
}

#[tokio::test]
async fn what_is_no_public_key_is_not_registered() {
    let world = World::open().await;
    let good = pair(1).public().to_string();
    let (x, y) = (member(&good, "x"), member(&good, "y"));
    let jwk = |more: &str| format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"{more}}}"#);
    let malformed = VaultError::PublicKey(PublicJwkError::Malformed);
    for (what, text, refusal) in [
        ("off the curve", good.replace(&y, &x), VaultError::PublicKey(PublicJwkError::Point)),
        ("with its private part", jwk(r#","d":"AAAA""#), VaultError::PublicKey(PublicJwkError::Private)),
        ("another curve", good.replace("P-256", "P-384"), malformed.clone()),
        ("RSA", r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#.to_owned(), malformed.clone()),
        ("symmetric", r#"{"kty":"oct","k":"AQAB"}"#.to_owned(), malformed.clone()),
        ("for signatures", jwk(r#","use":"sig""#), malformed.clone()),
        ("for another algorithm", jwk(r#","alg":"ECDH-ES+A256KW""#), malformed.clone()),
        ("a member twice", jwk(&format!(r#","x":"{x}""#)), malformed.clone()),
        ("no JSON", "-----BEGIN PUBLIC KEY-----".to_owned(), malformed.clone()),
        (
            "under a name of its own",
            jwk(r#","kid":"till-1""#),
            VaultError::Invalid("the key's kid must be its thumbprint (RFC 7638), or left out"),
        ),
    ] {
        assert_eq!(
            register_text(&world.vault, "detokenizer", &text, None).await.err(),
            Some(refusal),
            "{what}"
        );
    }
    assert!(register_text(&world.vault, "detokenizer", &jwk(""), None).await.is_ok(), "without a kid");
    let nobody = register(&world.vault, "nobody", &pair(2), None).await;
    assert_eq!(nobody.err(), Some(VaultError::NotFound));
    for number in 2..=8 {
        register(&world.vault, "detokenizer", &pair(number), None).await.unwrap();
    }
    assert!(matches!(
        register(&world.vault, "detokenizer", &pair(9), None).await,
        Err(VaultError::Invalid(_))
    ));
}

#[tokio::test]
async fn a_grant_for_encrypted_values_lets_nothing_whole_leave_in_clear() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    make_known(&world.vault, "front", None).await.unwrap();
    restrained(&world.vault, "front", Role::Detokenizer).await.unwrap();
    register(&world.vault, "front", &pair(1), None).await.unwrap();
    let clear = async |reveal| {
        let caller = call("acme", "front");
        let refusal = world.vault.detokenize(&caller, &detokenization(&[&token], reveal)).await.err();
        (refusal, world.records_of(&caller).await[0].outcome.clone())
    };
    let required = (Some(VaultError::EncryptionRequired), "encryption_required".to_owned());
    assert_eq!(clear(Reveal::Full).await, required);
    assert_eq!(clear(Reveal::Masked).await.0, None);
    assert!(encrypted(&world.vault, &call("acme", "front"), &token, EncryptTo::Newest).await.is_ok());
    // Another role beside it does not loosen it; the same role without the restraint does.
    appoint(&world.vault, "front", Role::Tokenizer, None).await.unwrap();
    assert_eq!(clear(Reveal::Full).await, required);
    let view = world.vault.get_identity(&call("acme", "auditor"), &service("front")).await.unwrap();
    let grant = view.grants.iter().find(|grant| grant.encrypted_only).unwrap().id;
    let admin = call("acme", "identity-admin");
    world.vault.revoke_grant(&admin, &service("front"), grant).await.unwrap();
    appoint(&world.vault, "front", Role::Detokenizer, None).await.unwrap();
    assert_eq!(clear(Reveal::Full).await.0, None);
    let elsewhere = restrained(&world.vault, "front", Role::Encryptor).await.err();
    assert_eq!(elsewhere, Some(VaultError::Invalid("encrypted_only goes with the role detokenizer")));
}

async fn restrained(vault: &Vault, name: &str, role: Role) -> Result<Option<GrantId>, VaultError> {
    let grant = NewGrant { role, encrypted_only: true, reason: "a test".to_owned(), expires_at: None };
    let caller = call("acme", "identity-admin");
    vault.create_grant(&caller, &service(name), grant, None, |_| answer("")).await.map(|_| None)
}

fn member(jwk: &str, name: &str) -> String {
    let (_, rest) = jwk.split_once(&format!(r#""{name}":""#)).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}
