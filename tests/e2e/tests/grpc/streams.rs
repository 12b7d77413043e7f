//! Many messages, many answers.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::Value;
use strongroom_api::grpc::v1::create_tokens_response::Result as Made;
use strongroom_api::grpc::{MethodId, v1};
use strongroom_e2e::{Outcome, VaultProcess, at, card_numbers};
use tonic::{Code, Streaming};

use super::channel::{Client, card, code, reveal};

const MANY: usize = 10_000;

#[tokio::test]
async fn ten_thousand_cards_go_there_and_back_in_order() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let numbers = card_numbers(MANY);
    let mut tokenizer = Client::connect(&vault, Some("acme-tokenizer")).await?;
    let items: Vec<_> = numbers.iter().map(|number| card(number)).collect();
    let results = tokenizer.stream(MethodId::CreateTokens, stream::iter(items)).await?;
    let mut results: Streaming<v1::CreateTokensResponse> = results.into_inner();
    let mut tokens = Vec::with_capacity(MANY);
    while let Some(result) = results.message().await? {
        assert_eq!(result.index, tokens.len() as u64);
        let Some(Made::Done(done)) = result.result else { return Err("a card was refused".into()) };
        tokens.push(done.token.ok_or("no token")?.token);
    }
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), MANY);

    let mut detokenizer = Client::connect(&vault, Some("acme-detokenizer")).await?;
    let items: Vec<_> = tokens.iter().map(|token| reveal(token, v1::Reveal::Full)).collect();
    let results = detokenizer.stream(MethodId::DetokenizeTokens, stream::iter(items)).await?;
    let mut results: Streaming<v1::DetokenizeTokensResponse> = results.into_inner();
    for number in &numbers {
        let result = results.message().await?.ok_or("too few results")?.result;
        let Some(v1::detokenize_tokens_response::Result::Done(done)) = result else {
            return Err("a token was refused".into());
        };
        let Some(v1::detokenize_token_response::Value::Card(shown)) = done.value else {
            return Err("no card".into());
        };
        assert!(shown.number == *number);
    }
    assert!(results.message().await?.is_none());

    let refused = detokenizer.stream(MethodId::CreateTokens, stream::iter([card(&numbers[0])])).await;
    let refused = ended::<v1::CreateTokensResponse>(refused).await.ok_or("the wrong role may tokenize")?;
    assert_eq!((refused.code(), code(&refused).as_str()), (Code::PermissionDenied, "permission_denied"));
    Ok(())
}

/// How a stream ended that had no result.
async fn ended<R>(answer: Result<tonic::Response<Streaming<R>>, tonic::Status>) -> Option<tonic::Status> {
    match answer {
        Err(status) => Some(status),
        Ok(response) => response.into_inner().next().await?.err(),
    }
}

#[tokio::test]
async fn who_does_not_read_is_not_read_from_and_who_leaves_leaves_a_record() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let number = card_numbers(1).pop().ok_or("no number")?;
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let items = stream::repeat_with(move || {
        count.fetch_add(1, Ordering::SeqCst);
        card(&number)
    });
    let mut tokenizer = Client::connect(&vault, Some("acme-tokenizer")).await?;
    let answer = tokenizer.stream(MethodId::CreateTokens, items).await?;
    let request_id = answer.metadata().get("x-request-id").ok_or("no request id")?.to_str()?.to_owned();
    let mut results: Streaming<v1::CreateTokensResponse> = answer.into_inner();

    // Until nothing moves any more.
    let mut before = 0;
    while before == 0 || before != taken.load(Ordering::SeqCst) {
        before = taken.load(Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert!(before < 50_000, "{before} items were taken from a caller who reads nothing");
    let resident = resident_kilobytes(&vault)?;

    let mut known = Vec::new();
    for _ in 0..1500 {
        let Some(Made::Done(done)) = results.message().await?.and_then(|result| result.result) else {
            return Err("a card was refused".into());
        };
        known.push(done.token.ok_or("no token")?.token);
    }
    drop(results);
    drop(tokenizer);
    assert!(resident_kilobytes(&vault)? < resident + 50_000);

    // Whatever had a result is there and on record.
    let rest = vault.caller("acme-tokenizer")?;
    for token in known.iter().step_by(100) {
        rest.get(&format!("/v1/tokens/{token}")).await?.expect(200)?;
    }
    let mut recorded = BTreeSet::new();
    let auditor = vault.caller("acme-auditor")?;
    let mut path = format!("/v1/audit/events?limit=1000&request_id={request_id}");
    loop {
        let page = auditor.get(&path).await?.expect(200)?.json();
        let events = at(&page, "/items").as_array().cloned().unwrap_or_default();
        let objects = events.iter().filter_map(|event| at(event, "/object").as_str().map(str::to_owned));
        recorded.extend(objects);
        let Some(cursor) = at(&page, "/next_cursor").as_str() else { break };
        path = format!("/v1/audit/events?limit=1000&request_id={request_id}&cursor={cursor}");
    }
    assert!(known.iter().all(|token| recorded.contains(token)), "{} of {}", recorded.len(), known.len());
    Ok(())
}

fn resident_kilobytes(vault: &VaultProcess) -> Outcome<u64> {
    let id = vault.id().ok_or("not running")?;
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

#[tokio::test]
async fn a_bad_item_does_not_end_a_stream() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let numbers = card_numbers(2);
    let mut tokenizer = Client::connect(&vault, Some("acme-tokenizer")).await?;
    let items = [card(&numbers[0]), card("4111111111111112"), card(&numbers[1])];
    let results = tokenizer.stream(MethodId::CreateTokens, stream::iter(items)).await?;
    let results: Vec<Result<v1::CreateTokensResponse, _>> = results.into_inner().collect().await;
    let codes: Vec<Value> = results
        .into_iter()
        .map(|result| match result.ok().and_then(|result| result.result) {
            Some(Made::Done(done)) => done.created.into(),
            Some(Made::Error(problem)) => problem.code.into(),
            None => Value::Null,
        })
        .collect();
    assert_eq!(codes, [Value::from(true), Value::from("card_number_invalid"), Value::from(true)]);
    Ok(())
}
