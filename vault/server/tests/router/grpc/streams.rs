//! Streams: in order, each item on its own, on record before its result leaves, and no faster than they are read.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::stream;
use strongroom_api::grpc::v1;
use strongroom_api::grpc::v1::{create_tokens_response, decrypt_fields_response, detokenize_tokens_response};

use super::*;
use crate::world::{CARD, Caller, World};

fn card(number: &str) -> v1::CreateTokenRequest {
    let card = v1::CardInput { number: number.to_owned(), ..v1::CardInput::default() };
    v1::CreateTokenRequest {
        value: Some(v1::create_token_request::Value::Card(card)),
        ..v1::CreateTokenRequest::default()
    }
}

fn token_of(result: v1::CreateTokensResponse) -> Option<String> {
    match result.result.unwrap() {
        create_tokens_response::Result::Done(done) => Some(done.token.unwrap().token),
        create_tokens_response::Result::Error(_) => None,
    }
}

#[tokio::test]
async fn items_of_several_chunks_are_answered_in_order() {
    let world = World::new().await;
    let items: Vec<_> = (0..2_500).map(|_| card(CARD)).collect();
    let ended = world.call("acme/shop", CREATE_MANY, &items).await;
    assert_eq!(ended.code(), "ok");
    let results: Vec<v1::CreateTokensResponse> = ended.all();
    assert!(results.iter().map(|result| result.index).eq(0..2_500));
    let tokens: std::collections::BTreeSet<_> = results.into_iter().filter_map(token_of).collect();
    assert_eq!(tokens.len(), 2_500);
}

#[tokio::test]
async fn a_bad_item_is_answered_and_the_others_are_done() {
    let world = World::new().await;
    let mut unknown_profile = card(CARD);
    unknown_profile.profile = Some("nothing".to_owned());
    let mut no_profile = card(CARD);
    no_profile.profile = Some("No Name".to_owned());
    let items = [card(CARD), card("4111111111111112"), unknown_profile, no_profile, card(CARD)];
    let mut body: Vec<u8> = items.iter().flat_map(framed).collect();
    // A field that nobody knows.
    body.extend([0, 0, 0, 0, 3, 0xa0, 0x1f, 0x01]);
    body.extend(framed(&card(CARD)));
    let ended = world.converse(&Caller::Service("acme/shop"), request(CREATE_MANY, Body::from(body))).await;
    assert_eq!(ended.code(), "ok");
    let results: Vec<v1::CreateTokensResponse> = ended.all();
    let codes: Vec<_> = results
        .iter()
        .map(|result| match result.result.as_ref().unwrap() {
            create_tokens_response::Result::Done(_) => "ok",
            create_tokens_response::Result::Error(problem) => problem.code.as_str(),
        })
        .collect();
    let expected =
        ["ok", "card_number_invalid", "profile_not_found", "invalid_request", "ok", "invalid_request", "ok"];
    assert_eq!(codes, expected);
    let create_tokens_response::Result::Error(problem) = results[1].result.as_ref().unwrap() else {
        panic!()
    };
    assert_eq!(problem.pointer.as_deref(), Some("/card/number"));
    assert_eq!((problem.status, problem.request_id.as_str()), (3, ended.request_id()));
    let events = world.events_of(ended.request_id()).await;
    assert_eq!(events.len(), 5, "all but the two that could not be read");
}

#[tokio::test]
async fn items_may_have_purposes_and_keys_of_their_own() {
    let world = World::new().await;
    let token = world.token("acme/shop", CARD).await;
    let ask = |token: &str, reveal: v1::Reveal| v1::DetokenizeTokenRequest {
        token: token.to_owned(),
        purpose: v1::DetokenizationPurpose::Refund.into(),
        reveal: reveal.into(),
        encrypt_to: None,
    };
    let items = [
        ask(&token, v1::Reveal::Masked),
        ask(&token, v1::Reveal::Full),
        ask("tok_nothing", v1::Reveal::Full),
        ask(&token, v1::Reveal::Unspecified),
        ask(&token, v1::Reveal::Full),
    ];
    let ended = world.call("acme/shop", DETOKENIZE_MANY, &items).await;
    let shown: Vec<_> = ended
        .all::<v1::DetokenizeTokensResponse>()
        .into_iter()
        .map(|result| match result.result.unwrap() {
            detokenize_tokens_response::Result::Error(problem) => problem.code,
            detokenize_tokens_response::Result::Done(done) => match done.value.unwrap() {
                v1::detokenize_token_response::Value::Card(card) => card.number,
                _ => panic!("no card"),
            },
        })
        .collect();
    assert_eq!(shown, ["411111******1111", CARD, "not_found", "invalid_request", CARD]);

    for name in ["notes", "letters"] {
        let key = serde_json::json!({ "name": name, "purpose": "field-encryption" });
        world.post("acme/keys", "/v1/keys", &key).await.expect(201);
    }
    let field = |key: &str, text: &str| v1::EncryptRequest {
        key: key.to_owned(),
        plaintext: text.as_bytes().to_vec(),
        ..v1::EncryptRequest::default()
    };
    let items = [field("notes", "a"), field("nothing", "b"), field("No Key", "c"), field("letters", "d")];
    let ended = world.call("acme/shop", ENCRYPT_MANY, &items).await;
    let sealed = ended.all::<v1::EncryptFieldsResponse>().into_iter().zip(items.iter());
    let again: Vec<_> = sealed
        .map(|(result, item)| {
            let ciphertext = match result.result.unwrap() {
                v1::encrypt_fields_response::Result::Done(done) => done.ciphertext,
                v1::encrypt_fields_response::Result::Error(problem) => problem.code.into_bytes(),
            };
            v1::DecryptRequest { key: item.key.clone(), ciphertext, ..v1::DecryptRequest::default() }
        })
        .collect();
    let ended = world.call("acme/shop", DECRYPT_MANY, &again).await;
    let plain: Vec<_> = ended
        .all::<v1::DecryptFieldsResponse>()
        .into_iter()
        .map(|result| match result.result.unwrap() {
            decrypt_fields_response::Result::Done(done) => String::from_utf8(done.plaintext).unwrap(),
            decrypt_fields_response::Result::Error(problem) => problem.code,
        })
        .collect();
    assert_eq!(plain, ["a", "not_found", "not_found", "d"]);
}

/// Items without end, and how many of them were taken.
fn endless() -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let item = Bytes::from(framed(&card(CARD)));
    let items = stream::repeat_with(move || {
        count.fetch_add(1, Ordering::SeqCst);
        Ok::<_, Infallible>(item.clone())
    });
    (Body::from_stream(items), taken)
}

#[tokio::test]
async fn who_does_not_read_is_not_read_from_and_who_leaves_leaves_a_record() {
    let world = World::new().await;
    let (items, taken) = endless();
    let mut request = request(CREATE_MANY, items);
    request.extensions_mut().insert(Arc::new(world.peer(&Caller::Service("acme/shop")).unwrap()));
    let response = world.router.clone().oneshot(request).await.unwrap();
    let request_id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let mut results = response.into_body();
    results.frame().await.unwrap().unwrap();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let first = taken.load(Ordering::SeqCst);
    assert!(first <= 1000, "{first} items are a chunk");
    results.frame().await.unwrap().unwrap();
    drop(results);
    assert!(taken.load(Ordering::SeqCst) <= 2000);
    let events =
        world.get("acme/auditor", &format!("/v1/audit/events?limit=1000&request_id={request_id}")).await;
    assert_eq!(events.expect(200)["items"].as_array().unwrap().len(), 1000, "and there are more");
    let listed = world.get("acme/shop", "/v1/tokens?limit=1000").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1000);
}
