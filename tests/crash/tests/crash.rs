//! SIGKILL under load, twenty times: what was acknowledged is there, once, on record, and the log verifies.

use std::collections::HashMap;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt;
use serde_json::{Value, json};
use strongroom_e2e::{Caller, Outcome, VaultProcess, at, binary, card_numbers};

const KILLS: usize = 20;
const CALLERS: usize = 8;

/// What the vault has acknowledged.
#[derive(Default)]
struct Acknowledged {
    /// Token and its card number.
    tokens: Mutex<Vec<(String, String)>>,
    /// Request id and action.
    requests: Mutex<Vec<(String, &'static str)>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_under_load_nothing_acknowledged_is_lost_or_doubled() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    let key = json!({"name": "notes", "purpose": "field-encryption"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &key).await?.expect(201)?;
    let numbers = Arc::new(card_numbers(100_000));
    let next = Arc::new(AtomicU64::new(0));
    let acknowledged = Arc::new(Acknowledged::default());
    for _ in 0..KILLS {
        let stop = Arc::new(AtomicBool::new(false));
        let mut callers = Vec::new();
        for _ in 0..CALLERS {
            let (tokenizer, encryptor) = (vault.caller("acme-tokenizer")?, vault.caller("acme-encryptor")?);
            let (numbers, next) = (Arc::clone(&numbers), Arc::clone(&next));
            let (acknowledged, stop) = (Arc::clone(&acknowledged), Arc::clone(&stop));
            callers.push(tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let at = usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap_or_default();
                    let Some(number) = numbers.get(at) else { break };
                    if call(&tokenizer, &encryptor, number, &acknowledged).await.is_err() {
                        break; // the vault is gone; what it did not answer is not acknowledged
                    }
                }
            }));
        }
        let pause = rand::rng().random_range(150..700);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        vault.kill()?;
        stop.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.await?;
        }
        vault.launch()?;
    }
    let tokens = std::mem::take(&mut *acknowledged.tokens.lock().unwrap_or_else(PoisonError::into_inner));
    let requests = std::mem::take(&mut *acknowledged.requests.lock().unwrap_or_else(PoisonError::into_inner));
    assert!(tokens.len() > KILLS * 5, "too little load to mean anything: {} tokens", tokens.len());
    tokens_give_their_cards(&vault, &tokens).await?;
    each_request_is_on_record_once(&vault, &requests).await?;
    the_log_verifies(&vault)
}

async fn call(
    tokenizer: &Caller,
    encryptor: &Caller,
    number: &str,
    acknowledged: &Acknowledged,
) -> Outcome<()> {
    let body = json!({"type": "card", "card": {"number": number}});
    let created = tokenizer.post("/v1/tokens", &body).await?.expect(201)?;
    let entry = (created.text_at("/token")?, number.to_owned());
    acknowledged.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    let sealed =
        encryptor.post("/v1/keys/notes/encrypt", &json!({"plaintext": "aGVsbG8="})).await?.expect(200)?;
    for (answer, action) in [(created, "token.create"), (sealed, "crypto.encrypt")] {
        let id = answer.headers.get("x-request-id").ok_or("no request id")?.to_str()?.to_owned();
        acknowledged.requests.lock().unwrap_or_else(PoisonError::into_inner).push((id, action));
    }
    Ok(())
}

async fn tokens_give_their_cards(vault: &VaultProcess, tokens: &[(String, String)]) -> Outcome<()> {
    let detokenizer = vault.caller("acme-detokenizer")?;
    for chunk in tokens.chunks(500) {
        let items: Vec<&str> = chunk.iter().map(|(token, _)| token.as_str()).collect();
        let body = json!({"purpose": "authorisation", "reveal": "full", "items": items});
        let answer = detokenizer.post("/v1/tokens/detokenize", &body).await?.expect(200)?.json();
        for ((token, number), item) in chunk.iter().zip(at(&answer, "/items").as_array().ok_or("no items")?) {
            assert!(at(item, "/card/number").as_str() == Some(number), "{token} does not give its card");
        }
    }
    Ok(())
}

async fn each_request_is_on_record_once(
    vault: &VaultProcess,
    requests: &[(String, &'static str)],
) -> Outcome<()> {
    let export = vault.caller("platform-auditor")?.get("/v1/audit/export").await?.expect(200)?;
    let mut records: HashMap<String, Vec<String>> = HashMap::new();
    let mut expected: HashMap<String, u64> = HashMap::new();
    for line in export.text.lines() {
        let line: Value = serde_json::from_str(line)?;
        let event = at(&line, "/event");
        if let (Some(id), Some(stream)) = (at(event, "/request_id").as_str(), at(event, "/stream").as_str()) {
            records
                .entry(id.to_owned())
                .or_default()
                .push(at(event, "/action").as_str().unwrap_or_default().to_owned());
            let next = expected.entry(stream.to_owned()).or_default();
            assert_eq!(at(&line, "/seq").as_u64(), Some(*next), "the numbers have a gap");
            *next += 1;
        }
    }
    for (id, action) in requests {
        assert_eq!(records.get(id).map(Vec::as_slice), Some([(*action).to_owned()].as_slice()), "{id}");
    }
    std::fs::write(vault.path("audit.ndjson"), export.text)?;
    Ok(())
}

fn the_log_verifies(vault: &VaultProcess) -> Outcome<()> {
    let output = Command::new(binary("strongroom")?)
        .args(["audit", "verify"])
        .arg(vault.path("audit.ndjson"))
        .arg("--key-file")
        .arg(vault.path("audit-verifier.key"))
        .arg("--checkpoints")
        .arg(vault.path("witness/checkpoints.txt"))
        .output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}
