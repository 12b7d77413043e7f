//! The bodies of the design as they stand there: requests parse, answers are written as shown.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's helpers may fail it")]

use serde_json::{Value, json};
use strongroom_api::audit::{CheckpointView, CheckpointsView, EventQuery, EventView};
use strongroom_api::crypto::{
    DecryptItem, DecryptedField, EncryptItem, EncryptedField, EncryptedItem, ReencryptItem,
};
use strongroom_api::identities::{CreateGrant, CreateIdentity, IdentityView};
use strongroom_api::keys::{CreateKey, KeyView};
use strongroom_api::profiles::{CreateProfile, ProfileView};
use strongroom_api::status::{AuditStatus, StreamStatus};
use strongroom_api::tokens::{
    CardView, CreateToken, CreateTokens, CreatedToken, DetokenizeToken, DetokenizeTokens, DetokenizedItem,
    DetokenizedToken, Metadata, RevealedCard, SearchTokens, TokenView,
};
use strongroom_api::{
    Batch, Binary, ErrorCode, ListQuery, OneOrMany, Problem, SecretBytes, SecretText, Text, parse_query,
    parse_request,
};
use strongroom_domain::{
    Bin, Brand, DetokenizationPurpose, KeptDigits, LastFour, LuhnRule, LuhnStyle, ProfileName, Reuse, Reveal,
    Timestamp, Token, TokenFormat, TokenProfile, TokenProfileError, TokenState, ValueKind,
};

const TOKEN: &str = "tok_0123456789abcdefghjkmnpqrstvwxyz";

fn parse<T: serde::de::DeserializeOwned>(body: Value) -> T {
    parse_request(body.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn create_token() -> Value {
    json!({
        "type": "card",
        "card": {"number": "4111 1111 1111 1111", "exp_month": 12, "exp_year": 2030, "holder": "A N Other"},
        "profile": "default", "ttl_seconds": 86400, "single_use": false, "metadata": {"order": "42"}
    })
}

fn token_view() -> TokenView {
    TokenView {
        token: Text(Token::parse(TOKEN).unwrap()),
        value_type: Text(ValueKind::Card),
        profile: Text(ProfileName::parse("default").unwrap()),
        card: Some(CardView {
            brand: Some(Text(Brand::Visa)),
            bin: Bin::parse("411111").map(Text),
            last4: LastFour::parse("1111").map(Text),
            exp_month: Some(12),
            exp_year: Some(2030),
        }),
        bank_account: None,
        identity_number: None,
        fingerprint: Some("fp_0".to_owned()),
        state: Text(TokenState::Active),
        created_at: Text(Timestamp::from_unix_millis(0)),
        expires_at: Some(Text(Timestamp::from_unix_millis(86_400_000))),
        single_use: false,
        max_uses: None,
        uses: None,
        security_code_expires_at: None,
        metadata: Metadata::new([("order".to_owned(), "42".to_owned())].into()).unwrap(),
        aliases: Vec::new(),
        tags: Vec::new(),
    }
}

#[test]
fn creating_a_token() {
    let request: CreateToken = parse(create_token());
    let card = request.card.as_ref().unwrap();
    assert!(card.number.secret().ct_eq(b"4111 1111 1111 1111"));
    assert!(card.holder.as_ref().is_some_and(|holder| holder.secret().ct_eq(b"A N Other")));
    assert_eq!(card.expiry().unwrap().map(|expiry| (expiry.month(), expiry.year())), Some((12, 2030)));
    assert_eq!((request.ttl_seconds, request.single_use), (Some(86400), Some(false)));
    assert_eq!(request.metadata.pairs().collect::<Vec<_>>(), [("order", "42")]);
    assert_eq!(serde_json::to_value(&request).unwrap(), create_token());

    let least: CreateToken = parse(json!({"type": "card", "card": {"number": "4111111111111111"}}));
    assert!(least.profile.is_none() && least.metadata.is_empty());

    let expected = json!({
        "token": TOKEN, "type": "card", "profile": "default",
        "card": {"brand": "visa", "bin": "411111", "last4": "1111", "exp_month": 12, "exp_year": 2030},
        "fingerprint": "fp_0", "state": "active",
        "created_at": "1970-01-01T00:00:00Z", "expires_at": "1970-01-02T00:00:00Z",
        "single_use": false, "metadata": {"order": "42"}
    });
    assert_eq!(serde_json::to_value(token_view()).unwrap(), expected);
}

#[test]
fn creating_many_tokens() {
    let request: CreateTokens = parse(json!({"items": [create_token(), create_token()]}));
    assert_eq!(request.items.len(), 2);

    let problem = Problem::new(ErrorCode::CardNumberInvalid, "a card number has 12 to 19 digits", "req_0001");
    let answer = Batch { items: vec![CreatedToken::done(201, token_view()), CreatedToken::refused(problem)] };
    let written = serde_json::to_value(&answer).unwrap();
    assert_eq!(written["items"][0]["status"], 201);
    assert_eq!(written["items"][0]["token"]["token"], TOKEN);
    assert_eq!(written["items"][1]["status"], 422);
    assert_eq!(written["items"][1]["error"]["code"], "card_number_invalid");
    assert!(written["items"][1].get("token").is_none());
}

#[test]
fn detokenizing() {
    let request: DetokenizeToken = parse(json!({"purpose": "authorisation", "reveal": "masked"}));
    assert_eq!((request.purpose.0, request.reveal.0), (DetokenizationPurpose::Authorisation, Reveal::Masked));

    let many: DetokenizeTokens = parse(
        json!({"purpose": "refund", "reveal": "full", "items": [TOKEN, "no token", "9411111111111112"]}),
    );
    let shapes: Vec<_> = many.items.iter().map(|item| item.parse().is_ok()).collect();
    assert_eq!(shapes, [true, false, true]);

    let revealed = DetokenizedToken {
        token: Text(Token::parse(TOKEN).unwrap()),
        value_type: Text(ValueKind::Card),
        card: Some(RevealedCard {
            number: SecretText::new("411111******1111".to_owned()),
            exp_month: Some(12),
            exp_year: Some(2030),
            holder: None,
        }),
        bank_account: None,
        identity_number: None,
        text: None,
        encrypted_value: None,
    };
    let card = json!({"number": "411111******1111", "exp_month": 12, "exp_year": 2030});
    let expected = json!({"token": TOKEN, "type": "card", "card": card});
    assert_eq!(serde_json::to_value(&revealed).unwrap(), expected);
    let expected = json!({"status": 200, "token": TOKEN, "type": "card", "card": card});
    assert_eq!(serde_json::to_value(DetokenizedItem::done(revealed)).unwrap(), expected);
}

#[test]
fn searching() {
    let request: SearchTokens =
        parse(json!({"type": "card", "card": {"number": "4111111111111111"}, "profile": "default"}));
    assert!(request.card.unwrap().number.secret().ct_eq(b"4111111111111111"));
}

#[test]
fn keys() {
    let request: CreateKey = parse(json!({
        "name": "customer-notes", "purpose": "field-encryption", "protection": "envelope", "rotation_days": 365
    }));
    assert_eq!(request.name.as_str(), "customer-notes");
    let view: KeyView = serde_json::from_value(json!({
        "id": "key_0123456789abcdef", "name": "customer-notes", "purpose": "field-encryption",
        "protection": "envelope", "rotation_days": 365, "created_at": "2026-11-22T15:00:00Z", "current_version": 1,
        "versions": [{
            "version": 1, "state": "active",
            "created_at": "2026-11-22T15:00:00Z", "state_changed_at": "2026-11-22T15:00:00Z"
        }],
        "colour": "a field of a newer vault"
    }))
    .unwrap();
    assert_eq!(view.versions.len(), 1);
}

#[test]
fn fields() {
    let one: OneOrMany<EncryptItem> =
        parse(json!({"plaintext": "YWJj", "context": {"record": "42", "field": "note"}}));
    let OneOrMany::One(item) = one else { panic!("one item") };
    assert!(item.plaintext.secret().ct_eq(b"abc"));
    assert_eq!(item.context.0.pairs().collect::<Vec<_>>(), [("field", "note"), ("record", "42")]);

    // The context first: the form is not decided by the order of the names.
    let one: OneOrMany<EncryptItem> = parse(json!({"context": {}, "plaintext": ""}));
    assert!(matches!(one, OneOrMany::One(_)));
    let many: OneOrMany<DecryptItem> =
        parse(json!({"items": [{"ciphertext": "AQ=="}, {"ciphertext": "Ag=="}]}));
    let OneOrMany::Many(items) = many else { panic!("two items") };
    assert_eq!(items.iter().map(|item| item.ciphertext.0.clone()).collect::<Vec<_>>(), [[1], [2]]);
    let again = serde_json::to_value(OneOrMany::Many(items)).unwrap();
    assert_eq!(again["items"][1]["ciphertext"], "Ag==");
    let _: OneOrMany<ReencryptItem> = parse(json!({"ciphertext": "AQ==", "context": {"record": "42"}}));

    let encrypted = EncryptedField { ciphertext: Binary(vec![255]), key_version: 1 };
    assert_eq!(serde_json::to_value(&encrypted).unwrap(), json!({"ciphertext": "/w==", "key_version": 1}));
    let item = serde_json::to_value(EncryptedItem::done(encrypted)).unwrap();
    assert_eq!(item, json!({"status": 200, "ciphertext": "/w==", "key_version": 1}));
    let decrypted = DecryptedField { plaintext: SecretBytes::new(b"abc".to_vec()), key_version: 1 };
    assert_eq!(serde_json::to_value(&decrypted).unwrap(), json!({"plaintext": "YWJj", "key_version": 1}));
}

#[test]
fn profiles() {
    let request: CreateProfile = parse(json!({
        "name": "default", "format": "card", "keep": "0/4", "luhn": "private-prefix", "reuse": "deterministic",
        "scope": "tenant", "ttl_seconds": null, "single_use": false, "reversible": true
    }));
    let profile = request.into_profile().unwrap();
    assert_eq!(profile.format, TokenFormat::Card);
    assert_eq!((profile.keep, profile.luhn), (KeptDigits::ZeroFour, LuhnStyle::PrivatePrefix));
    assert_eq!((profile.reuse, profile.scope.clone(), profile.ttl), (Reuse::Deterministic, None, None));

    let view = serde_json::to_value(ProfileView::new(&profile, Timestamp::from_unix_millis(0))).unwrap();
    assert_eq!(
        view,
        json!({
            "name": "default", "format": "card", "keep": "0/4", "luhn": "private-prefix", "reuse": "deterministic",
            "show": "6/4", "min_card_digits": 15,
            "correlation": {
                "equal_values_show": true, "first_digits": 6, "last_digits": 4, "brand": true, "shortest_card": 15,
                "card_numbers_left": 10_000
            },
            "scope": "tenant", "ttl_seconds": null, "single_use": false, "reversible": true,
            "card_check_digit": "required", "created_at": "1970-01-01T00:00:00Z"
        })
    );

    let least: CreateProfile = parse(json!({"name": "default"}));
    assert_eq!(least.into_profile(), Ok(TokenProfile::standard(ProfileName::parse("default").unwrap())));
    let scoped: CreateProfile =
        parse(json!({"name": "x", "scope": "shop-eu", "card_check_digit": "relaxed"}));
    let scoped = scoped.into_profile().unwrap();
    assert_eq!((scoped.scope_name(), scoped.card_check_digit), ("shop-eu", LuhnRule::Relaxed));
    let pointless: CreateProfile = parse(json!({"name": "x", "keep": "6/4"}));
    assert_eq!(pointless.into_profile(), Err(TokenProfileError::NotCardFormat));
}

#[test]
fn identities() {
    let request: CreateIdentity = parse(json!({
        "service": "shop", "reason": "takes cards at the counter", "expires_at": "2027-01-01T00:00:00Z"
    }));
    assert_eq!(request.reason.as_str(), "takes cards at the counter");
    let _: CreateGrant = parse(json!({"role": "tokenizer", "reason": "stores cards of customers"}));
    let view: IdentityView = serde_json::from_value(json!({
        "service": "shop", "spiffe_id": "spiffe://example.org/tenant/acme/service/shop", "reason": "r",
        "created_at": "2026-11-22T15:00:00Z", "created_by": "node:a",
        "grants": [{
            "id": "grt_0123456789abcdef", "role": "tokenizer", "reason": "r",
            "granted_at": "2026-11-22T15:00:00Z", "granted_by": "node:a"
        }]
    }))
    .unwrap();
    assert_eq!(view.grants.first().map(|grant| grant.id.as_str()), Some("grt_0123456789abcdef"));
}

#[test]
fn audit() {
    let query: EventQuery =
        parse_query("from=2026-11-22T15%3A00%3A00Z&action=token.detokenize&outcome=success&limit=7").unwrap();
    assert_eq!(query.from.map(|from| from.to_string()).as_deref(), Some("2026-11-22T15:00:00Z"));
    assert_eq!((query.action.as_deref(), query.limit.get()), (Some("token.detokenize"), 7));
    assert_eq!(parse_query::<EventQuery>(""), Ok(EventQuery::default()));
    assert_eq!(parse_query::<ListQuery>("cursor=a%2Bb").unwrap().cursor.as_deref(), Some("a+b"));

    let event: EventView = serde_json::from_value(json!({
        "v": 1, "stream": "node-a", "sequence": 0, "time": "2026-11-22T15:00:00.000Z", "tenant": "acme",
        "actor": "node:a", "action": "token.create", "outcome": "success", "request_id": "req_1", "count": 1
    }))
    .unwrap();
    assert_eq!((event.sequence, event.object), (0, None));
}

#[test]
fn checkpoints_and_streams() {
    let note = "strongroom.c0ffee/vault-1.1.2\n6\nroot=\n\n\u{2014} strongroom.c0ffee sig=\n";
    let checkpoint = CheckpointView {
        stream: "vault-1.1.2".to_owned(),
        size: 6,
        note: note.to_owned(),
        created_at: Text(Timestamp::from_unix_millis(0)),
    };
    let answer = serde_json::to_value(CheckpointsView { checkpoints: vec![checkpoint] }).unwrap();
    let expected = json!({
        "stream": "vault-1.1.2", "size": 6, "note": note, "created_at": "1970-01-01T00:00:00Z"
    });
    assert_eq!(answer, json!({ "checkpoints": [expected] }));

    let stream = |stream: &str| StreamStatus { stream: stream.to_owned(), size: 7, checkpoint_size: 6 };
    let status = AuditStatus {
        ready: true,
        streams: ["vault-1.1", "vault-1.1.2"].map(stream).into(),
        verifier_key: "strongroom.c0ffee+00000000+AA==".to_owned(),
    };
    assert_eq!(
        serde_json::to_value(status).unwrap(),
        json!({
            "ready": true,
            "streams": [
                {"stream": "vault-1.1", "size": 7, "checkpoint_size": 6},
                {"stream": "vault-1.1.2", "size": 7, "checkpoint_size": 6}
            ],
            "verifier_key": "strongroom.c0ffee+00000000+AA=="
        })
    );
}
