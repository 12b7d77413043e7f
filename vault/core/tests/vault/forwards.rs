//! Requests to destinations outside: on record before and after, made once at most, and nothing given out that is not
//! on record.

use std::sync::Arc;
use std::time::Duration;

use strongroom_core::ports::egress::{AnswerFault, EgressFailure};
use strongroom_core::ports::store::{CommitError, StoreError};
use strongroom_core::{
    Answer, Call, ForwardBody, ForwardRequest, Forwarded, Idempotency, RevealedValue, Vault, VaultError,
};
use strongroom_domain::{
    DetokenizationPurpose as Purpose, IdempotencyKey, Secret, Token, TokenReference, Value,
};
use tokio::sync::Notify;

use crate::asking::{card, card_number, reveal, token_for, tokenize_one};
use crate::told_egress::Reply;
use crate::world::{NODE, World, call, let_others_run, settings};

const PAYMENT: &str = r#"{"pan":"{{card.number}}"}"#;

fn payment(token: &Token) -> ForwardRequest {
    ForwardRequest {
        destination: "acquirer".to_owned(),
        method: "POST".to_owned(),
        path: "/v1/payments".to_owned(),
        headers: Vec::new(),
        body: Some(ForwardBody {
            content_type: "application/json".to_owned(),
            text: Secret::new(PAYMENT.to_owned()),
        }),
        tokens: vec![("card".to_owned(), Ok(TokenReference::Token(token.clone())))],
        purpose: Purpose::Authorisation,
        timeout: None,
    }
}

async fn forward(vault: &Vault, call: &Call, request: ForwardRequest) -> Result<Answer, VaultError> {
    forward_once(vault, call, request, "payment-0001").await
}

async fn forward_once(
    vault: &Vault,
    call: &Call,
    request: ForwardRequest,
    key: &str,
) -> Result<Answer, VaultError> {
    // The key is for a body, which here is what tells one request from another.
    let body = format!("{:?} {:?}", request.purpose, request.tokens.len());
    let key = IdempotencyKey::parse(key).unwrap();
    let once = Idempotency { key, target: "POST /v1/proxy", body: body.as_bytes() };
    vault.forward(call, request, Some(once), render).await
}

#[expect(clippy::disallowed_methods, reason = "the test's own answer")]
fn render(result: Result<&Forwarded, &VaultError>) -> Answer {
    match result {
        Ok(forwarded) => Answer { status: forwarded.status, body: forwarded.body.expose().clone() },
        Err(error) => Answer { status: 502, body: error.code().as_bytes().to_vec() },
    }
}

fn no_disk() -> CommitError {
    CommitError::NotWritten(StoreError::Unavailable("told to fail"))
}

fn gateway() -> Call {
    call("acme", "gateway")
}

fn text(answer: &Answer) -> &str {
    std::str::from_utf8(&answer.body).unwrap()
}

#[tokio::test]
async fn a_forward_is_on_record_before_and_after() {
    let world = World::open().await;
    let number = card_number(1);
    let token = token_for(&world.vault, card(&number)).await;
    let caller = gateway();
    let answer = forward(&world.vault, &caller, payment(&token)).await.unwrap();
    assert_eq!((answer.status, text(&answer)), (201, "approved"));
    assert_eq!(world.egress.sent(), [format!(r#"{{"pan":"{number}"}}"#)]);
    let records = world.records_of(&caller).await;
    let outcomes: Vec<_> = records.iter().map(|record| record.outcome.as_str()).collect();
    assert_eq!(outcomes, ["intended", "success"]);
    for record in &records {
        assert_eq!(record.action, "proxy.forward");
        assert_eq!(record.object.as_deref(), Some(token.as_str()));
        assert_eq!(record.destination.as_deref(), Some("acquirer"));
        assert_eq!(record.purpose.as_deref(), Some("authorisation"));
        assert_eq!((record.profile.as_deref(), record.count), (Some("default"), 1));
    }
}

#[tokio::test]
async fn what_the_destination_says_is_on_record_as_its_class() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    for (number, status, outcome) in [(1, 402, "answered_4xx"), (2, 503, "answered_5xx"), (3, 299, "success")]
    {
        world.egress.reply(Reply::Status(status, "declined"));
        let caller = gateway();
        let key = format!("payment-{number:04}");
        let answer = forward_once(&world.vault, &caller, payment(&token), &key).await.unwrap();
        assert_eq!(answer.status, status);
        assert_eq!(world.records_of(&caller).await[1].outcome, outcome);
    }
}

#[tokio::test]
async fn without_a_record_of_the_intent_nothing_is_sent() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    world.fail_commits(true);
    let refusal = forward(&world.vault, &gateway(), payment(&token)).await.err();
    assert_eq!(refusal, Some(VaultError::AuditUnavailable));
    assert!(world.egress.sent().is_empty());
    world.fail_commits(false);
    assert!(forward(&world.vault, &gateway(), payment(&token)).await.is_ok(), "nothing stands in the way");
}

#[tokio::test]
async fn an_answer_that_cannot_be_put_on_record_is_not_given_out_and_not_asked_for_again() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let store = Arc::clone(&world.store);
    world.egress.reply(Reply::Meanwhile(Box::new(move || store.memory.fail_commits(Some(no_disk())))));
    let caller = gateway();
    let refusal = forward(&world.vault, &caller, payment(&token)).await.err().unwrap();
    assert_eq!(refusal.code(), "forward_outcome_unknown");
    world.fail_commits(false);
    let records = world.records_of(&caller).await;
    assert_eq!(records.len(), 1, "the record says what was intended, and no more");
    assert_eq!(records[0].outcome, "intended");
    let again = gateway();
    let refusal = forward(&world.vault, &again, payment(&token)).await.err().unwrap();
    assert_eq!(refusal.code(), "forward_outcome_unknown");
    assert_eq!(world.records_of(&again).await[0].outcome, "forward_outcome_unknown");
    assert_eq!(world.egress.sent().len(), 1);
}

#[tokio::test]
async fn a_node_that_died_in_between_does_not_send_again() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    world.egress.reply(Reply::Waits(Arc::new(Notify::new())));
    let (vault, request) = (world.vault.clone(), payment(&token));
    let lost = tokio::spawn(async move { forward(&vault, &gateway(), request).await.map(drop) });
    let_others_run().await;
    let here = forward(&world.vault, &gateway(), payment(&token)).await.err();
    assert_eq!(here, Some(VaultError::IdempotencyInProgress));
    let other = world.start(settings("node-2")).await.unwrap();
    let there = forward(&other, &gateway(), payment(&token)).await.err();
    assert_eq!(there, Some(VaultError::IdempotencyInProgress), "another node may be at it still");
    // The same node again: what it was at before has ended with it.
    let reborn = world.start(settings(NODE)).await.unwrap();
    let refusal = forward(&reborn, &gateway(), payment(&token)).await.err().unwrap();
    assert_eq!(refusal.code(), "forward_outcome_unknown");
    // No request lasts for so long.
    world.clock.advance(Duration::from_secs(41));
    let refusal = forward(&other, &gateway(), payment(&token)).await.err().unwrap();
    assert_eq!(refusal.code(), "forward_outcome_unknown");
    assert_eq!(world.egress.sent().len(), 1);
    lost.abort();
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_is_not_sent_again() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    world.egress.reply(Reply::Status(402, "declined"));
    forward(&world.vault, &gateway(), payment(&token)).await.unwrap();
    let other = world.start(settings("node-2")).await.unwrap();
    for vault in [&world.vault, &other] {
        let again = forward(vault, &gateway(), payment(&token)).await.unwrap();
        assert_eq!((again.status, text(&again)), (402, "declined"));
    }
    let caller = gateway();
    let refund = ForwardRequest { purpose: Purpose::Refund, ..payment(&token) };
    assert_eq!(forward(&world.vault, &caller, refund).await.err(), Some(VaultError::IdempotencyConflict));
    let caller = gateway();
    forward(&world.vault, &caller, payment(&token)).await.unwrap();
    let records = world.records_of(&caller).await;
    assert_eq!((records.len(), records[0].outcome.as_str()), (1, "repeated"));
    assert_eq!(world.egress.sent().len(), 1);
}

#[tokio::test]
async fn what_was_not_sent_may_be_tried_again_and_what_was_answered_may_not() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    for failure in [
        EgressFailure::Unreachable("the destination cannot be reached".to_owned()),
        EgressFailure::Refused("the destination stands for an address that is private".to_owned()),
        EgressFailure::Answer(AnswerFault::TooLarge),
    ] {
        let expected = VaultError::from(failure.clone());
        world.egress.reply(Reply::Fails(failure));
        let caller = gateway();
        assert_eq!(forward(&world.vault, &caller, payment(&token)).await.err(), Some(expected.clone()));
        let outcomes: Vec<_> =
            world.records_of(&caller).await.into_iter().map(|record| record.outcome).collect();
        assert_eq!(outcomes, ["intended", expected.code()]);
    }
    let again = forward(&world.vault, &gateway(), payment(&token)).await.unwrap();
    assert_eq!(text(&again), "answer_too_large");
    assert_eq!(world.egress.sent().len(), 3);
    world.egress.reply(Reply::Fails(EgressFailure::Unknown("the connection broke".to_owned())));
    let lost = forward_once(&world.vault, &gateway(), payment(&token), "payment-0002").await.err().unwrap();
    assert_eq!(lost.code(), "forward_outcome_unknown");
    let again = forward_once(&world.vault, &gateway(), payment(&token), "payment-0002").await.unwrap();
    assert_eq!(text(&again), "forward_outcome_unknown");
    assert_eq!(world.egress.sent().len(), 4);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_a_complete_record_and_the_end_waits_for_it() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let told = Arc::new(Notify::new());
    world.egress.reply(Reply::Waits(Arc::clone(&told)));
    let caller = gateway();
    let (vault, asked, request) = (world.vault.clone(), caller.clone(), payment(&token));
    let gone = tokio::spawn(async move { forward(&vault, &asked, request).await.map(drop) });
    let_others_run().await;
    assert_eq!(world.egress.sent().len(), 1);
    gone.abort();
    let_others_run().await;
    let closing = tokio::spawn(world.vault.clone().close());
    let_others_run().await;
    assert!(!closing.is_finished(), "something is under way");
    told.notify_one();
    closing.await.unwrap().unwrap();
    let outcomes: Vec<_> = world.records_of(&caller).await.into_iter().map(|record| record.outcome).collect();
    assert_eq!(outcomes, ["intended", "success"]);
}

#[tokio::test]
async fn uses_are_spent_by_a_forward() {
    let world = World::open().await;
    let twice = strongroom_core::NewToken { max_uses: std::num::NonZeroU32::new(2), ..card(&card_number(1)) };
    let token = token_for(&world.vault, twice).await;
    for key in ["payment-0001", "payment-0002"] {
        forward_once(&world.vault, &gateway(), payment(&token), key).await.unwrap();
    }
    let caller = gateway();
    let third = forward_once(&world.vault, &caller, payment(&token), "payment-0003").await.err();
    assert_eq!(third, Some(VaultError::TokenUsed));
    assert_eq!(world.records_of(&caller).await.len(), 1, "a refusal, and no intent");
    assert_eq!(world.egress.sent().len(), 2);
}

#[tokio::test]
async fn who_and_what_for_and_where_to_is_asked_first() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    for service in ["tokenizer", "detokenizer", "key-admin", "auditor"] {
        let refusal = forward(&world.vault, &call("acme", service), payment(&token)).await.err();
        assert_eq!(refusal, Some(VaultError::PermissionDenied), "{service}");
    }
    let shown = ForwardRequest { purpose: Purpose::Display, ..payment(&token) };
    assert_eq!(forward(&world.vault, &gateway(), shown).await.err(), Some(VaultError::PurposeDenied));
    let elsewhere = forward(&world.vault, &call("globex", "gateway"), payment(&token)).await.err();
    assert_eq!(elsewhere, Some(VaultError::DestinationNotFound));
    let caller = gateway();
    let unknown = ForwardRequest { destination: "4111111111111111".to_owned(), ..payment(&token) };
    let refusal = forward(&world.vault, &caller, unknown).await.err();
    assert_eq!(refusal, Some(VaultError::DestinationNotFound));
    assert_eq!(world.records_of(&caller).await[0].destination, None, "it may be anything");
    let path = ForwardRequest { path: "/v1/payouts".to_owned(), ..payment(&token) };
    let refusal = forward(&world.vault, &gateway(), path).await.err().unwrap();
    assert_eq!(refusal.code(), "destination_not_allowed");
    let keyless = world.vault.forward(&gateway(), payment(&token), None, render).await.err();
    assert_eq!(keyless, Some(VaultError::IdempotencyKeyRequired));
    let reading = ForwardRequest { method: "GET".to_owned(), ..payment(&token) };
    assert!(world.vault.forward(&gateway(), reading, None, render).await.is_ok());
    assert_eq!(world.egress.sent().len(), 1);
}

#[tokio::test]
async fn tokens_that_cannot_be_used_are_refused_as_ever() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let gone = token_for(&world.vault, card(&card_number(2))).await;
    world.vault.delete_token(&call("acme", "tokenizer"), &gone).await.unwrap();
    let theirs = tokenize_one(&world.vault, &call("globex", "tokenizer"), card(&card_number(3))).await;
    let theirs = theirs.unwrap().token.token;
    for missing in [&gone, &theirs] {
        let refusal = forward(&world.vault, &gateway(), payment(missing)).await.err();
        assert_eq!(refusal, Some(VaultError::NotFound));
    }
    let brief = strongroom_core::NewToken { ttl: Some(Duration::from_secs(60)), ..card(&card_number(4)) };
    let brief = token_for(&world.vault, brief).await;
    world.clock.advance(Duration::from_secs(61));
    let refusal = forward(&world.vault, &gateway(), payment(&brief)).await.err();
    assert_eq!(refusal, Some(VaultError::TokenExpired));
    for (token, purpose, code) in [
        (&gone, Purpose::Authorisation, "not_found"),
        (&token, Purpose::Authorisation, "security_code_gone"),
        (&token, Purpose::Refund, "template_invalid"),
    ] {
        let text = Secret::new(r#"{"cvc":"{{card.security_code}}"}"#.to_owned());
        let body = Some(ForwardBody { content_type: "application/json".to_owned(), text });
        let coded = ForwardRequest { body, purpose, ..payment(token) };
        assert_eq!(forward(&world.vault, &gateway(), coded).await.err().unwrap().code(), code);
    }
    let unused = ForwardRequest {
        tokens: vec![
            ("card".to_owned(), Ok(TokenReference::Token(token.clone()))),
            ("other".to_owned(), Ok(TokenReference::Token(gone.clone()))),
        ],
        ..payment(&token)
    };
    let refusal = forward(&world.vault, &gateway(), unused).await.err().unwrap();
    assert_eq!(refusal.code(), "template_invalid");
    assert!(world.egress.sent().is_empty());
}

#[tokio::test]
async fn card_numbers_in_an_answer_become_tokens_that_are_on_record_before_it_leaves() {
    let world = World::open().await;
    let (number, other) = (card_number(1), card_number(2));
    let token = token_for(&world.vault, card(&number)).await;
    let numbers = vec![number.clone(), other.clone(), number.clone(), other.clone()];
    world.egress.reply(Reply::Cards("echo # new # echo # new #", numbers));
    let caller = gateway();
    let answer = forward(&world.vault, &caller, payment(&token)).await.unwrap();
    let words: Vec<&str> = text(&answer).split(' ').collect();
    let &["echo", own, "new", made, "echo", again, "new", made_again] = words.as_slice() else {
        panic!("{words:?}")
    };
    assert_eq!((own, again), (token.as_str(), token.as_str()), "the caller's own token");
    assert_eq!(made, made_again);
    let made = Token::parse(made).unwrap();
    let value = reveal(&world.vault, &made).await.unwrap();
    let RevealedValue::Full(Value::Card(card)) = value else { panic!("a card") };
    #[expect(clippy::disallowed_methods, reason = "the test's own card")]
    let digits = card.number.expose_digits();
    assert_eq!(digits, other.as_bytes());
    let records = world.records_of(&caller).await;
    let told: Vec<_> =
        records.iter().map(|record| (record.outcome.as_str(), record.object.as_deref().unwrap())).collect();
    let (own, made) = (token.as_str(), made.as_str());
    assert_eq!(told, [("intended", own), ("success", own), ("retokenized", made)]);
    assert!(records.iter().all(|record| record.destination.as_deref() == Some("acquirer")));
}

#[tokio::test]
async fn an_answer_whose_card_numbers_cannot_be_replaced_is_kept_back() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let before = world.store.tokens_written();
    world.egress.reply(Reply::Cards("zip #", vec![card_number(2)]));
    let caller = gateway();
    let refusal = forward(&world.vault, &caller, payment(&token)).await.err().unwrap();
    assert_eq!(refusal.code(), "card_number_in_answer");
    assert_eq!(world.records_of(&caller).await[1].outcome, "card_number_in_answer");
    assert_eq!(world.store.tokens_written(), before, "no token of an answer that nobody saw");
    assert_eq!(world.egress.sent().len(), 1);
}

#[tokio::test]
async fn the_time_that_is_left_is_told_to_the_destination() {
    let world = World::open().await;
    let token = token_for(&world.vault, card(&card_number(1))).await;
    let patience = |timeout| ForwardRequest { timeout, ..payment(&token) };
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    for (number, timeout) in
        [(1, Some(Duration::from_millis(2500))), (2, Some(Duration::from_secs(99))), (3, None)]
    {
        let seen = Arc::clone(&seen);
        let render = move |result: Result<&Forwarded, &VaultError>| {
            seen.lock().unwrap().push(result.unwrap().headers[0].1.clone());
            Answer { status: 200, body: Vec::new() }
        };
        let key = IdempotencyKey::parse(&format!("payment-{number:04}")).unwrap();
        let once = Idempotency { key, target: "POST /v1/proxy", body: b"" };
        world.vault.forward(&gateway(), patience(timeout), Some(once), render).await.unwrap();
    }
    assert_eq!(*seen.lock().unwrap(), ["2", "9", "9"], "what is left of the lesser, in whole seconds");
}
