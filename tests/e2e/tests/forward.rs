//! Requests to a destination outside, over real TLS: the card arrives there and nowhere else, whatever the destination
//! does, and whenever the vault dies.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use strongroom_e2e::{
    Answer, Caller, Destination, Outcome, VaultProcess, at, card_numbers, encodings, find_any, run_command,
};

/// A vault that knows a destination by several names, each with other rules.
async fn open() -> Outcome<(VaultProcess, Destination)> {
    let mut vault = VaultProcess::start()?;
    let destination = Destination::serve(0, &vault.path(""))?;
    vault.stop()?;
    let listed = |name: &str, host: &str, more: &str| {
        let port = destination.port();
        format!(
            r#"
[[egress.destinations]]
name = "{name}"
tenants = ["acme"]
host = "{host}"
port = {port}
methods = ["GET", "POST"]
paths = [{{ pattern = "/*" }}]
request_headers = ["authorization", "idempotency-key"]
ca_file = "ca.pem"
max_answer_bytes = 65536
{more}
"#
        )
    };
    let here = "allow_private_addresses = [\"127.0.0.0/8\", \"::1/128\"]";
    let text = [
        listed("acquirer", "localhost", here),
        listed("issuer", "localhost", &format!("{here}\ncard_in_answer = \"retokenize\"")),
        listed("narrow", "localhost", &format!("{here}\nmax_in_flight = 1")),
        listed("nobody", "localhost", ""),
        listed("metadata", "169.254.169.254", here),
        listed("inner", "10.0.0.1", here),
        listed("away", "localhost", here).replace(&format!("port = {}", destination.port()), "port = 9"),
    ];
    fs::write(vault.path("egress.toml"), text.concat())?;
    vault.launch()?;
    Ok((vault, destination))
}

fn payment(destination: &str, path: &str, token: &str) -> Value {
    json!({
        "destination": destination, "method": "POST", "path": path,
        "headers": [{"name": "authorization", "value": "Bearer of-the-gateway"}],
        "content_type": "application/json",
        "body": r#"{"card":{"number":"{{card.number}}","expiry":"{{card.exp_month_2}}/{{card.exp_year_2}}"}}"#,
        "tokens": {"card": token}, "purpose": "authorisation"
    })
}

async fn pay(caller: &Caller, key: &str, body: &Value) -> Outcome<Answer> {
    caller.post_once("/v1/proxy", key, body).await
}

async fn token_of(vault: &VaultProcess, number: &str) -> Outcome<String> {
    let card = json!({"type": "card", "card": {"number": number, "exp_month": 7, "exp_year": 2031}});
    vault.caller("acme-tokenizer")?.post("/v1/tokens", &card).await?.expect(201)?.text_at("/token")
}

async fn outcomes(vault: &VaultProcess, query: &str) -> Outcome<Vec<Value>> {
    let found = vault.caller("acme-auditor")?.get(&format!("/v1/audit/events?{query}")).await?.expect(200)?;
    Ok(at(&found.json(), "/items").as_array().cloned().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_card_arrives_at_the_destination_and_nowhere_else() -> Outcome<()> {
    let (vault, destination) = open().await?;
    let number = card_numbers(1).pop().ok_or("no number")?;
    let token = token_of(&vault, &number).await?;
    let gateway = vault.caller("acme-gateway")?;
    let answer =
        pay(&gateway, "payment-0001", &payment("acquirer", "/v1/payments", &token)).await?.expect(200)?;
    assert_eq!(at(&answer.json(), "/status"), 201);
    assert_eq!(answer.text_at("/body")?, r#"{"approved":true}"#);
    let asked = destination.asked();
    assert_eq!(asked.len(), 1);
    let body = format!(r#"{{"card":{{"number":"{number}","expiry":"07/31"}}}}"#);
    assert!(asked.iter().all(|asked| asked.ends_with(&body)), "another body arrived");

    // The same again is the same again, and other requests under the key are refused.
    let again =
        pay(&gateway, "payment-0001", &payment("acquirer", "/v1/payments", &token)).await?.expect(200)?;
    assert_eq!(again.text, answer.text);
    let other =
        pay(&gateway, "payment-0001", &payment("acquirer", "/declined", &token)).await?.expect(422)?;
    assert_eq!(other.code(), "idempotency_conflict");
    let declined =
        pay(&gateway, "payment-0002", &payment("acquirer", "/declined", &token)).await?.expect(200)?;
    assert_eq!(at(&declined.json(), "/status"), 402);
    assert_eq!(destination.asked().len(), 2);

    // Echoed to a destination whose answers are refused, and to one whose answers are changed.
    let refused = pay(&gateway, "payment-0003", &payment("acquirer", "/echo", &token)).await?.expect(502)?;
    assert_eq!(
        (refused.code().as_str(), at(&refused.json(), "/retryable")),
        ("card_number_in_answer", &json!(false))
    );
    let echoed = pay(&gateway, "payment-0004", &payment("issuer", "/echo", &token)).await?.expect(200)?;
    assert!(echoed.text_at("/body")?.contains(&token), "the token stands where the number was");
    assert_eq!(at(&echoed.json(), "/retokenized"), &json!([token]));
    let new = pay(&gateway, "payment-0005", &payment("issuer", "/other", &token)).await?.expect(200)?;
    let made = new.text_at("/retokenized/0")?;
    let reveal = json!({"purpose": "authorisation", "reveal": "full"});
    let path = format!("/v1/tokens/{made}/detokenize");
    let shown = vault.caller("acme-detokenizer")?.post(&path, &reveal).await?.expect(200)?;
    assert_eq!(shown.text_at("/card/number")?, "5555555555554444");

    // The record tells where to and what came of it; nothing else, and nothing anywhere, tells the number.
    let events = outcomes(&vault, "destination=acquirer&limit=100").await?;
    let told = |outcome: &str| events.iter().filter(|event| at(event, "/outcome") == outcome).count();
    assert_eq!((told("intended"), told("success"), told("answered_4xx")), (3, 1, 1));
    assert_eq!((told("repeated"), told("card_number_in_answer"), told("idempotency_conflict")), (1, 1, 1));
    let metrics =
        run_command(Command::new("curl").args(["-fsS", &format!("{}/metrics", vault.operations_url())]))?;
    let metrics = String::from_utf8(metrics.stdout)?;
    let line = r#"strongroom_forwards_total{destination="acquirer",outcome="success"} 1"#;
    assert!(metrics.lines().any(|told| told == line), "{metrics}");
    let needles = encodings(&number);
    for text in [&answer.text, &refused.text, &echoed.text, &metrics, &vault.log()] {
        assert!(find_any(text.as_bytes(), &needles).is_none(), "the number is where it should not be");
    }
    for file in vault.files()? {
        // A database's own files come and go.
        let bytes = fs::read(&file).unwrap_or_default();
        assert!(find_any(&bytes, &needles).is_none(), "{} holds the number", file.display());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_destination_is_or_does_is_a_clear_refusal() -> Outcome<()> {
    let (vault, destination) = open().await?;
    let token = token_of(&vault, &card_numbers(1).pop().ok_or("no number")?).await?;
    let gateway = vault.caller("acme-gateway")?;
    for (number, (to, path, status, code, retryable)) in [
        ("metadata", "/latest/meta-data", 502, "destination_refused", false),
        ("inner", "/v1/payments", 502, "destination_refused", false),
        ("nobody", "/v1/payments", 502, "destination_refused", false),
        ("away", "/v1/payments", 503, "destination_unreachable", true),
        ("acquirer", "/redirect", 502, "answer_redirect", false),
        ("acquirer", "/bomb", 502, "answer_encoded", false),
        ("acquirer", "/flood", 502, "answer_too_large", false),
        ("acquirer", "/a/../b", 422, "destination_not_allowed", false),
        ("other", "/v1/payments", 422, "destination_not_found", false),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("attempt-{number:04}");
        let answer = pay(&gateway, &key, &payment(to, path, &token)).await?.expect(status)?;
        assert_eq!(
            (answer.code().as_str(), at(&answer.json(), "/retryable")),
            (code, &json!(retryable)),
            "{to}{path}"
        );
    }
    assert_eq!(destination.asked().len(), 3, "what was refused before was not sent");

    let mut wrong = payment("acquirer", "/v1/payments", &token);
    if let Some(headers) = wrong.pointer_mut("/headers") {
        *headers = json!([{"name": "host", "value": "other.example"}]);
    }
    let answer = pay(&gateway, "attempt-0100", &wrong).await?.expect(422)?;
    assert_eq!(answer.code(), "destination_not_allowed");
    let mut wrong = payment("acquirer", "/v1/payments", &token);
    if let Some(body) = wrong.pointer_mut("/body") {
        *body = json!(r#"{"cvv":"{{card.security_code}}"}"#);
    }
    let answer = pay(&gateway, "attempt-0101", &wrong).await?.expect(410)?;
    assert_eq!(answer.code(), "security_code_gone");
    let code = json!({"security_code": "917"});
    let path = format!("/v1/tokens/{token}/security-code");
    vault.caller("acme-tokenizer")?.post(&path, &code).await?.expect(201)?;
    pay(&gateway, "attempt-0103", &wrong).await?.expect(200)?;
    let arrived = destination.asked().pop().unwrap_or_default();
    assert!(arrived.ends_with(r#"{"cvv":"917"}"#), "another code arrived, or none");
    if let Some(purpose) = wrong.pointer_mut("/purpose") {
        *purpose = json!("refund");
    }
    let answer = pay(&gateway, "attempt-0104", &wrong).await?.expect(422)?;
    assert_eq!(answer.code(), "template_invalid");
    let keyless =
        gateway.post("/v1/proxy", &payment("acquirer", "/v1/payments", &token)).await?.expect(400)?;
    assert_eq!(keyless.code(), "idempotency_key_required");
    let theirs = vault.caller("globex-gateway")?;
    let answer =
        pay(&theirs, "attempt-0102", &payment("acquirer", "/v1/payments", &token)).await?.expect(422)?;
    assert_eq!(answer.code(), "destination_not_found");
    assert_eq!(destination.asked().len(), 4);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_that_is_killed_in_between_does_not_send_again() -> Outcome<()> {
    let (mut vault, destination) = open().await?;
    let token = token_of(&vault, &card_numbers(1).pop().ok_or("no number")?).await?;
    let gateway = vault.caller("acme-gateway")?;
    let request = payment("acquirer", "/silent", &token);
    let (lost, sent) = (gateway.clone(), request.clone());
    let lost = tokio::spawn(async move { pay(&lost, "payment-0001", &sent).await.is_err() });
    destination.asked_times(1).await?;
    let meanwhile = pay(&gateway, "payment-0001", &request).await?.expect(409)?;
    assert_eq!(meanwhile.code(), "idempotency_in_progress");
    vault.kill()?;
    assert!(lost.await?, "nobody was there to answer");
    vault.launch()?;
    for _ in 0..2 {
        let again = pay(&gateway, "payment-0001", &request).await?.expect(409)?;
        assert_eq!(
            (again.code().as_str(), at(&again.json(), "/retryable")),
            ("forward_outcome_unknown", &json!(false))
        );
    }
    assert_eq!(destination.asked().len(), 1);
    let events = outcomes(&vault, &format!("object={token}&action=proxy.forward")).await?;
    let told: Vec<_> = events.iter().map(|event| at(event, "/outcome").clone()).collect();
    let repeats = ["forward_outcome_unknown", "forward_outcome_unknown", "idempotency_in_progress"];
    assert_eq!(told.get(..3), Some(repeats.map(Value::from).as_slice()));
    assert_eq!(
        told.get(3..),
        Some([json!("intended")].as_slice()),
        "it may have happened; no record says more"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_destination_holds_its_own_places_and_a_caller_that_goes_away_loses_no_record() -> Outcome<()>
{
    let (vault, destination) = open().await?;
    let token = token_of(&vault, &card_numbers(1).pop().ok_or("no number")?).await?;
    let gateway = vault.caller("acme-gateway")?;
    let (gone, request) = (gateway.clone(), payment("narrow", "/silent", &token));
    let gone = tokio::spawn(async move { pay(&gone, "payment-0001", &request).await.map(drop) });
    destination.asked_times(1).await?;
    let full =
        pay(&gateway, "payment-0002", &payment("narrow", "/v1/payments", &token)).await?.expect(503)?;
    assert_eq!((full.code().as_str(), at(&full.json(), "/retryable")), ("overloaded", &json!(true)));
    pay(&gateway, "payment-0003", &payment("acquirer", "/v1/payments", &token)).await?.expect(200)?;
    let mut brief = payment("acquirer", "/silent", &token);
    if let Some(request) = brief.as_object_mut() {
        request.insert("timeout_ms".to_owned(), json!(300));
    }
    let late = pay(&gateway, "payment-0004", &brief).await?.expect(409)?;
    assert_eq!(late.code(), "forward_outcome_unknown");

    gone.abort();
    destination.answer_all();
    let query = "destination=narrow&outcome=success";
    for _ in 0..500 {
        if !outcomes(&vault, query).await?.is_empty() {
            let again =
                pay(&gateway, "payment-0001", &payment("narrow", "/silent", &token)).await?.expect(200)?;
            assert_eq!(at(&again.json(), "/status"), 201, "what came of it is there for who asks again");
            assert_eq!(destination.asked().len(), 3);
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    Err("what came of it is not on record".into())
}
