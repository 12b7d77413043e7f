//! When the record cannot be written nothing happens and nothing is shown; when it can again, all goes on.

use serde_json::json;
use strongroom_e2e::{Answer, Outcome, VaultProcess, at, card_numbers};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_record_there_is_no_answer() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let number = card_numbers(1).pop().ok_or("no number")?;
    let card = json!({"type": "card", "card": {"number": number}});
    let tokenizer = vault.caller("acme-tokenizer")?;
    let token = tokenizer.post("/v1/tokens", &card).await?.expect(201)?.text_at("/token")?;
    let path = format!("/v1/tokens/{token}/detokenize");
    let full = json!({"purpose": "authorisation", "reveal": "full"});
    let detokenizer = vault.caller("acme-detokenizer")?;
    detokenizer.post(&path, &full).await?.expect(200)?;

    let lock = vault.lock_record()?;
    let (created, revealed) =
        tokio::join!(tokenizer.post("/v1/tokens", &card), detokenizer.post(&path, &full));
    for answer in [created?, revealed?] {
        unavailable(&answer, &number)?;
    }
    drop(lock);

    let revealed = detokenizer.post(&path, &full).await?.expect(200)?;
    assert!(revealed.text_at("/card/number")? == number, "another card came back");
    assert_eq!(vault.sql("SELECT count(*) FROM tokens")?.trim(), "1", "the refused card was stored");
    Ok(())
}

fn unavailable(answer: &Answer, number: &str) -> Outcome<()> {
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (503, "audit_unavailable"),
        "{}",
        answer.text
    );
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(at(&answer.json(), "/retryable"), true);
    assert!(!answer.text.contains(number));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_what_was_accepted() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    let mut tasks = Vec::new();
    for number in card_numbers(200) {
        let caller = vault.caller("acme-tokenizer")?;
        tasks.push(tokio::spawn(async move {
            let body = json!({"type": "card", "card": {"number": number}});
            caller.post("/v1/tokens", &body).await
        }));
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(vault.stop()?.success());
    let mut acknowledged = 0;
    for task in tasks {
        // Whoever came after the listener closed found nobody; whoever was let in got an answer.
        if let Ok(answer) = task.await? {
            acknowledged += usize::from(answer.status.as_u16() == 201);
        }
    }
    let stored: usize = vault.sql("SELECT count(*) FROM tokens")?.trim().parse()?;
    assert_eq!(stored, acknowledged, "an accepted request was answered by nothing");
    vault.launch()?;
    Ok(())
}
