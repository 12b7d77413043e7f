//! Card security codes: kept until the payment is authorised, and then nowhere, also not in what was copied before.

use std::time::Duration;

use strongroom_contract::MemoryStore;
use strongroom_core::ports::store::{Effect, SecurityCodeKeyRow, SecurityCodeRow};
use strongroom_core::ports::{Hsm, HsmError, HsmKeyKind, Store};
use strongroom_core::{
    Answer, AuthorisationResult, Call, ForwardBody, ForwardRequest, Forwarded, Idempotency, NewToken,
    SecurityCodeInput, Tokenized, ValueInput, Vault, VaultError,
};
use strongroom_crypto::envelope_v1::{Envelope, EnvelopeKey};
use strongroom_crypto::wrapped_key_v1::WrappedKey;
use strongroom_crypto::{Injective, KeyMaterial, fields_v1};
use strongroom_domain::{
    DetokenizationPurpose, IdempotencyKey, Reuse, Reveal, Secret, SecurityCodeError, Timestamp, Token,
    TokenProfile, TokenReference,
};

use crate::asking::{
    card, card_for, card_number, create_profile, detokenize, profile, token_for, tokenize, tokenize_one,
};
use crate::world::{World, call, let_others_run, settings};

const MINUTE: Duration = Duration::from_secs(60);

fn code(digits: &str) -> SecurityCodeInput {
    SecurityCodeInput { code: Secret::new(digits.to_owned()), ttl: None }
}

async fn put(vault: &Vault, token: &Token, digits: &str) -> Result<Timestamp, VaultError> {
    vault.put_security_code(&call("acme", "tokenizer"), token, &code(digits)).await
}

async fn report(vault: &Vault, token: &Token) -> Result<(), VaultError> {
    vault.report_authorisation(&call("acme", "gateway"), token, AuthorisationResult::Approved).await
}

/// A card that comes with its code.
fn coded(number: &str, digits: &str) -> NewToken {
    NewToken { security_code: Some(Secret::new(digits.to_owned())), ..card(number) }
}

/// A copy of the database's rows: a dump, a log, a backup.
struct Copy {
    cluster: [u8; 16],
    keys: Vec<SecurityCodeKeyRow>,
    code: SecurityCodeRow,
}

async fn stored(store: &MemoryStore, token: &Token) -> Option<SecurityCodeRow> {
    store.find_security_code(call("acme", "x").principal.tenant(), token).await.unwrap()
}

async fn copy_of(world: &World, token: &Token) -> Copy {
    let store = &world.store.memory;
    Copy {
        cluster: store.load_registry().await.unwrap().unwrap().cluster.cluster_id,
        keys: store.security_code_keys().await.unwrap(),
        code: stored(store, token).await.unwrap(),
    }
}

/// What whoever holds such a copy and the HSM itself makes of it, with nothing of the vault's but its formats.
async fn read(world: &World, copy: &Copy) -> Result<Secret<Vec<u8>>, HsmError> {
    let key = copy.keys.iter().find(|key| key.period == copy.code.period).unwrap();
    let aad = Injective::new("strongroom/security-code-key/v1")
        .part(&copy.cluster)
        .part(&key.period.to_be_bytes())
        .part(key.key_id.as_bytes())
        .part(&key.hsm_key.id)
        .finish();
    let material =
        world.hsm.memory.open(&key.hsm_key, &aad, &WrappedKey::decode(&key.wrapped).unwrap()).await?;
    let row = &copy.code;
    let aad = Injective::new("strongroom/security-code/v1")
        .part(row.tenant.as_str().as_bytes())
        .part(row.token.as_str().as_bytes())
        .part(&row.period.to_be_bytes())
        .part(&row.created_at.unix_millis().to_be_bytes())
        .part(&row.expires_at.unix_millis().to_be_bytes())
        .finish();
    let key = EnvelopeKey::derive(&KeyMaterial::from_secret(material).unwrap());
    Ok(key.open(&Envelope::parse(&row.envelope).unwrap(), &aad).ok().unwrap())
}

/// Whether it says this code.
fn says(plain: &Secret<Vec<u8>>, digits: &str) -> bool {
    let expected = fields_v1::encode(&[("security_code", digits.as_bytes())]).ok().unwrap();
    #[expect(clippy::disallowed_methods, reason = "made-up digits")]
    plain.ct_eq(expected.expose())
}

/// Time passes for clocks, and the node looks after its house.
async fn pass(world: &World, time: Duration) {
    world.clock.advance(time);
    housekeeping().await;
}

/// Two rounds of every job of some seconds.
async fn housekeeping() {
    tokio::time::sleep(Duration::from_secs(11)).await;
    let_others_run().await;
}

async fn hsm_keys(world: &World) -> Vec<String> {
    world.hsm.memory.short_lived_keys("").await.unwrap()
}

async fn actions(world: &World, begin: &str) -> Vec<String> {
    let records = world.records().await.into_iter().map(|record| record.action);
    records.filter(|action| action.starts_with(begin)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_code_serves_until_the_result_is_reported_and_then_no_copy_can_be_read() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let end = put(&world.vault, &token, "123").await.unwrap();
    assert_eq!(end, world.vault.now().plus(15 * MINUTE));
    let copy = copy_of(&world, &token).await;
    assert!(
        says(&read(&world, &copy).await.unwrap(), "123"),
        "until then it can be read, or it were of no use"
    );

    let reporting = call("acme", "gateway");
    world.vault.report_authorisation(&reporting, &token, AuthorisationResult::Declined).await.unwrap();
    assert_eq!(stored(&world.store.memory, &token).await, None);
    let record = world.records_of(&reporting).await.pop().unwrap();
    assert_eq!((record.action.as_str(), record.count), ("token.report-authorisation", 1));
    report(&world.vault, &token).await.unwrap();

    pass(&world, 4 * MINUTE).await;
    assert!(read(&world, &copy).await.is_ok(), "its period is not over: more may come under this key");
    pass(&world, 3 * MINUTE).await;
    assert_eq!(read(&world, &copy).await.err(), Some(HsmError::Missing(HsmKeyKind::SecurityCode)));
    assert_eq!(hsm_keys(&world).await, [""; 0]);
    assert_eq!(world.store.memory.security_code_keys().await.unwrap(), []);
    let life = ["security-code-key.create", "security-code-key.shred", "security-code-key.shredded"];
    assert_eq!(actions(&world, "security-code").await, life);
}

/// What the vault puts into a payment that it makes itself; the one way out for a code.
#[tokio::test]
async fn a_code_is_filled_into_payments_until_the_result_is_reported() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    put(&world.vault, &token, "123").await.unwrap();
    // Through another node, which has the key from the database and the HSM.
    let other = world.start(settings("node-2")).await.unwrap();
    for (vault, key) in [(&world.vault, "first-acquirer"), (&other, "second-acquirer")] {
        assert_eq!(pay(vault, &token, key).await, Ok(()), "another acquirer can be asked after the first");
    }
    assert_eq!(world.egress.sent(), [r#"{"cvc":"123"}"#; 2]);
    report(&world.vault, &token).await.unwrap();
    for vault in [&world.vault, &other] {
        assert_eq!(pay(vault, &token, "another-time").await, Err(VaultError::SecurityCodeGone));
    }
    // Nor is an altered row believed: the code of one card beside another, or for longer than it was given.
    put(&world.vault, &token, "123").await.unwrap();
    let other_card = token_for(&world.vault, card(&card_number(2))).await;
    let row = stored(&world.store.memory, &token).await.unwrap();
    let moved = SecurityCodeRow { token: other_card.clone(), ..row.clone() };
    let prolonged = SecurityCodeRow { expires_at: row.expires_at.plus(MINUTE), ..row };
    for (altered, token) in [(moved, &other_card), (prolonged, &token)] {
        world.store.intrude(Effect::PutSecurityCode(Box::new(altered))).await;
        assert_eq!(pay(&world.vault, token, "tampered").await, Err(VaultError::IntegrityFailure));
    }
    world.clock.advance(17 * MINUTE);
    assert_eq!(pay(&world.vault, &token, "too-late").await, Err(VaultError::SecurityCodeGone));
    assert_eq!(world.egress.sent().len(), 2);
}

async fn pay(vault: &Vault, token: &Token, key: &str) -> Result<(), VaultError> {
    let request = ForwardRequest {
        destination: "acquirer".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/payments".to_owned(),
        headers: Vec::new(),
        body: Some(ForwardBody {
            content_type: "application/json".to_owned(),
            text: Secret::new(r#"{"cvc":"{{card.security_code}}"}"#.to_owned()),
        }),
        tokens: vec![("card".to_owned(), Ok(TokenReference::Token(token.clone())))],
        purpose: DetokenizationPurpose::Authorisation,
        timeout: None,
    };
    let key = IdempotencyKey::parse(key).unwrap();
    let once = Idempotency { key, target: "POST /v1/proxy", body: b"{}" };
    let render = |_: Result<&Forwarded, &VaultError>| Answer { status: 201, body: Vec::new() };
    vault.forward(&call("acme", "gateway"), request, Some(once), render).await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_code_that_nobody_reports_on_is_gone_with_its_time() {
    let world = World::open().await;
    let tokens = [
        token_for(&world.vault, card(&card_number(1))).await,
        token_for(&world.vault, card(&card_number(2))).await,
    ];
    put(&world.vault, &tokens[0], "123").await.unwrap();
    let hour = SecurityCodeInput { ttl: Some(60 * MINUTE), ..code("456") };
    world.vault.put_security_code(&call("acme", "gateway"), &tokens[1], &hour).await.unwrap();
    let (short, long) = (copy_of(&world, &tokens[0]).await, copy_of(&world, &tokens[1]).await);
    pass(&world, 15 * MINUTE).await;
    assert_eq!(stored(&world.store.memory, &tokens[0]).await, None);
    let expired = world.records().await.into_iter().find(|record| record.action == "security-code.expire");
    assert_eq!(expired.unwrap().count, 1);
    // The key is shared with one that is still of use: the copy of the other stays readable for as long.
    assert!(says(&read(&world, &long).await.unwrap(), "456") && read(&world, &short).await.is_ok());
    pass(&world, 46 * MINUTE).await;
    assert!(read(&world, &long).await.is_err() && read(&world, &short).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_prolongs_nothing() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    put(&world.vault, &token, "123").await.unwrap();
    let copy = copy_of(&world, &token).await;
    for _ in 0..12 {
        world.clock.set_back(5 * MINUTE);
        tokio::time::sleep(5 * MINUTE).await;
    }
    assert!(read(&world, &copy).await.is_ok());
    tokio::time::sleep(5 * MINUTE).await;
    assert_eq!(read(&world, &copy).await.err(), Some(HsmError::Missing(HsmKeyKind::SecurityCode)));
    assert_eq!(stored(&world.store.memory, &token).await, None);
    // The earlier time has a key of its own, for as long.
    put(&world.vault, &token, "456").await.unwrap();
    assert!(says(&read(&world, &copy_of(&world, &token).await).await.unwrap(), "456"));
}

#[tokio::test(start_paused = true)]
async fn nodes_that_come_at_the_same_time_use_one_key() {
    let world = World::open().await;
    let other = world.start(settings("node-2")).await.unwrap();
    let tokens = [
        token_for(&world.vault, card(&card_number(1))).await,
        token_for(&world.vault, card(&card_number(2))).await,
    ];
    let held = world.hsm.hold_up().await;
    let both = async { tokio::join!(put(&world.vault, &tokens[0], "123"), put(&other, &tokens[1], "456")) };
    let release = async {
        let_others_run().await;
        drop(held);
    };
    let ((one, another), ()) = tokio::join!(both, release);
    assert!(one.is_ok() && another.is_ok());
    assert_eq!(world.store.memory.security_code_keys().await.unwrap().len(), 1);
    assert_eq!(hsm_keys(&world).await.len(), 1, "who was not the first takes its key away again");
    for (token, digits) in tokens.iter().zip(["123", "456"]) {
        assert!(says(&read(&world, &copy_of(&world, token).await).await.unwrap(), digits));
    }
    // And the next one comes of a key that is at hand.
    let opened = world.hsm.opened();
    put(&other, &tokens[0], "789").await.unwrap();
    assert_eq!(world.hsm.opened(), opened);
}

#[tokio::test(start_paused = true)]
async fn what_a_dying_node_leaves_in_the_hsm_is_found_and_destroyed() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    world.fail_commits(true);
    assert_eq!(put(&world.vault, &token, "123").await, Err(VaultError::AuditUnavailable));
    world.fail_commits(false);
    let orphan = hsm_keys(&world).await;
    assert_eq!(orphan.len(), 1);
    put(&world.vault, &token, "123").await.unwrap();
    assert_eq!(hsm_keys(&world).await.len(), 2, "it is not taken for a key of anybody's");
    pass(&world, MINUTE).await;
    assert_eq!(hsm_keys(&world).await.len(), 2, "somebody might just be saying that it is theirs");
    tokio::time::sleep(12 * MINUTE).await;
    let left = hsm_keys(&world).await;
    assert_eq!(left.len(), 1);
    assert!(!left.contains(&orphan[0]));
    assert!(says(&read(&world, &copy_of(&world, &token).await).await.unwrap(), "123"));
    let objects: Vec<_> =
        world.records().await.into_iter().filter(|record| record.action.contains("shred")).collect();
    assert_eq!(objects.len(), 2, "before and after");
    assert!(objects.iter().all(|record| record.object.as_deref() == Some(orphan[0].as_str())));
}

#[tokio::test(start_paused = true)]
async fn a_destruction_that_was_begun_is_finished_by_whoever_is_there() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    put(&world.vault, &token, "123").await.unwrap();
    let copy = copy_of(&world, &token).await;
    report(&world.vault, &token).await.unwrap();
    world.hsm.memory.fail_with(Some(HsmError::Unavailable("gone fishing")));
    pass(&world, 7 * MINUTE).await;
    let closed = world.store.memory.security_code_keys().await.unwrap();
    assert!(closed[0].shredding_at.is_some(), "the intent is on record, the deed could not be done");
    assert_eq!(actions(&world, "security-code-key.shred").await, ["security-code-key.shred"]);
    world.hsm.memory.fail_with(None);
    assert!(read(&world, &copy).await.is_ok());
    // The node dies here; another one comes.
    let other = world.start(settings("node-2")).await.unwrap();
    world.vault.clone().close().await.unwrap();
    pass(&world, MINUTE).await;
    assert_eq!(read(&world, &copy).await.err(), Some(HsmError::Missing(HsmKeyKind::SecurityCode)));
    assert_eq!(world.store.memory.security_code_keys().await.unwrap(), []);
    assert!(put(&other, &token, "123").await.is_ok());
}

/// A row of the table that names a key which is not the period's, or none of these at all.
#[tokio::test(start_paused = true)]
async fn no_altered_table_has_another_key_destroyed() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    put(&world.vault, &token, "123").await.unwrap();
    let mut row = world.store.memory.security_code_keys().await.unwrap().pop().unwrap();
    let kek = world.hsm.memory.label_of(HsmKeyKind::KekData).unwrap();
    row.hsm_key.label.clone_from(&kek);
    row.period -= 100;
    world.store.intrude(Effect::InsertSecurityCodeKey(Box::new(row))).await;
    pass(&world, 20 * MINUTE).await;
    assert_eq!(world.store.memory.security_code_keys().await.unwrap(), []);
    assert_eq!(world.hsm.memory.label_of(HsmKeyKind::KekData), Some(kek));
    assert!(tokenize_one(&world.vault, &call("acme", "tokenizer"), card(&card_number(2))).await.is_ok());
}

#[tokio::test]
async fn a_code_comes_with_its_card_for_a_new_token_or_the_one_that_the_card_has() {
    let world = World::open().await;
    let reused = TokenProfile { reuse: Reuse::Deterministic, ..profile("reused") };
    create_profile(&world.vault, reused).await.unwrap();
    let coded_for =
        |digits| NewToken { profile: card_for("reused", "").profile, ..coded(&card_number(1), digits) };
    let coming = call("acme", "tokenizer");
    let Tokenized { token, created, security_code_expires_at } =
        tokenize_one(&world.vault, &coming, coded_for("123")).await.unwrap();
    assert!(created && security_code_expires_at == Some(world.vault.now().plus(15 * MINUTE)));
    let recorded: Vec<String> =
        world.records_of(&coming).await.into_iter().map(|record| record.action).collect();
    assert_eq!(recorded, ["token.create", "token.put-security-code"]);
    let again = tokenize_one(&world.vault, &call("acme", "tokenizer"), coded_for("456")).await.unwrap();
    assert_eq!((again.token.token.clone(), again.created), (token.token.clone(), false));
    assert!(says(&read(&world, &copy_of(&world, &token.token).await).await.unwrap(), "456"));
    // Twice in one request: the later one counts.
    let twice = vec![coded_for("111"), coded_for("222")];
    assert!(
        tokenize(&world.vault, &call("acme", "tokenizer"), twice).await.unwrap().iter().all(Result::is_ok)
    );
    assert!(says(&read(&world, &copy_of(&world, &token.token).await).await.unwrap(), "222"));
    // Without a code nothing is said of one, and the one that is there stays.
    let plain =
        tokenize_one(&world.vault, &call("acme", "tokenizer"), card_for("reused", &card_number(1))).await;
    assert_eq!(plain.unwrap().security_code_expires_at, None);
    assert!(stored(&world.store.memory, &token.token).await.is_some());
}

#[tokio::test]
async fn a_code_ends_with_its_token() {
    let world = World::open().await;
    let deleted = tokenize_one(&world.vault, &call("acme", "tokenizer"), coded(&card_number(1), "123")).await;
    let deleted = deleted.unwrap().token.token;
    world.vault.delete_token(&call("acme", "tokenizer"), &deleted).await.unwrap();
    let once = NewToken { max_uses: std::num::NonZeroU32::new(1), ..coded(&card_number(2), "123") };
    let used = token_for(&world.vault, once).await;
    detokenize(&world.vault, &call("acme", "detokenizer"), &used, Reveal::Full).await.ok().unwrap();
    for token in [&deleted, &used] {
        assert_eq!(stored(&world.store.memory, token).await, None);
        assert!(put(&world.vault, token, "123").await.is_err());
    }
    assert_eq!(report(&world.vault, &deleted).await, Err(VaultError::NotFound));
    assert_eq!(report(&world.vault, &used).await, Ok(()), "the use may have been the payment");
    let short = NewToken { ttl: Some(MINUTE), ..coded(&card_number(3), "123") };
    let ends = tokenize_one(&world.vault, &call("acme", "tokenizer"), short).await.unwrap();
    assert_eq!(
        ends.security_code_expires_at,
        Some(world.vault.now().plus(MINUTE)),
        "no later than the token"
    );
    world.clock.advance(MINUTE);
    assert_eq!(put(&world.vault, &ends.token.token, "123").await, Err(VaultError::TokenExpired));
}

#[tokio::test]
async fn what_is_no_code_or_none_of_this_card_is_refused_without_a_key() {
    let world = World::open().await;
    create_profile(&world.vault, TokenProfile { reversible: false, ..profile("one-way") }).await.unwrap();
    let tokenizer = call("acme", "tokenizer");
    let visa = token_for(&world.vault, card(&card_number(1))).await;
    let amex = token_for(&world.vault, card("378282246310005")).await;
    let one_way = token_for(&world.vault, card_for("one-way", &card_number(1))).await;
    let text = NewToken { value: ValueInput::Text(Secret::new("a note".to_owned())), ..card("") };
    let text = token_for(&world.vault, text).await;
    for (token, digits, refusal) in [
        (&visa, "12", SecurityCodeError::Form.into()),
        (&visa, "12a", SecurityCodeError::Form.into()),
        (&visa, "1234", SecurityCodeError::Brand.into()),
        (&amex, "123", SecurityCodeError::Brand.into()),
        (&one_way, "123", VaultError::TokenNotReversible),
        (&text, "123", VaultError::Invalid("only a card has a security code")),
    ] {
        assert_eq!(put(&world.vault, token, digits).await, Err(refusal));
    }
    let number = card_number(2);
    for item in [
        coded(&number, "1234"),
        NewToken { profile: card_for("one-way", "").profile, ..coded(&number, "123") },
        NewToken { security_code_ttl: Some(MINUTE), ..card(&number) },
        NewToken { security_code_ttl: Some(Duration::from_secs(3601)), ..coded(&number, "123") },
    ] {
        assert!(tokenize_one(&world.vault, &tokenizer, item).await.is_err());
    }
    for seconds in [0, 3601] {
        let input = SecurityCodeInput { ttl: Some(Duration::from_secs(seconds)), ..code("123") };
        let refused = world.vault.put_security_code(&tokenizer, &visa, &input).await;
        assert!(matches!(refused, Err(VaultError::Invalid(_))), "{seconds}");
    }
    assert_eq!(hsm_keys(&world).await, [""; 0], "not even a key was made");
    for (tenant, service) in [("acme", "detokenizer"), ("acme", "key-admin"), ("acme", "operator")] {
        let refused = refused_to(&world, &call(tenant, service), &visa).await;
        assert_eq!(refused, [Err(VaultError::PermissionDenied), Err(VaultError::PermissionDenied)]);
    }
    let stranger = refused_to(&world, &call("globex", "tokenizer"), &visa).await;
    assert_eq!(stranger, [Err(VaultError::NotFound), Err(VaultError::NotFound)]);
}

async fn refused_to(world: &World, call: &Call, token: &Token) -> [Result<(), VaultError>; 2] {
    [
        world.vault.put_security_code(call, token, &code("123")).await.map(drop),
        world.vault.report_authorisation(call, token, AuthorisationResult::Approved).await,
    ]
}
