//! What leaves is limited, also when the vault is killed in between; and whoever touches what nobody has business with is
//! reported within seconds.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use strongroom_e2e::{Answer, Caller, Outcome, VaultProcess, at, card_numbers};

/// What may leave for the detokenizer.
const LIMIT: usize = 20;
/// How soon an alarm has to be seen.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_outlive_a_kill_and_honeytokens_raise_alarms() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let mut tokens = Vec::new();
    for number in card_numbers(3) {
        let body = json!({"type": "card", "card": {"number": number}});
        tokens.push(tokenizer.post("/v1/tokens", &body).await?.expect(201)?.text_at("/token")?);
    }
    let [token, decoy, deleted] = tokens.as_slice() else { return Err("three tokens were made".into()) };
    tokenizer.delete(&format!("/v1/tokens/{deleted}")).await?.expect(204)?;

    a_honeytoken_raises_an_alarm(&vault, decoy).await?;
    what_is_not_there_answers_alike(&vault, deleted).await?;

    let limits = json!({"limits": [{"kind": "reveal", "items": LIMIT, "window_seconds": 86_400}]});
    let path = "/v1/identities/detokenizer/velocity-limits";
    let admin = vault.caller("acme-identity-admin")?;
    let set = admin.send(Method::PUT, path, Some(limits.to_string().into_bytes()), &[]).await?.expect(200)?;
    assert_eq!(at(&set.json(), "/limits/0/items"), &json!(LIMIT));
    let mut used = 0;
    for _ in 0..3 {
        let detokenizer = vault.caller("acme-detokenizer")?;
        used += 5;
        reveal(&detokenizer, &[token; 3]).await?.expect(200)?;
        reveal(&detokenizer, &[token; 2]).await?.expect(200)?;
        vault.kill()?;
        vault.launch()?;
    }
    let detokenizer = vault.caller("acme-detokenizer")?;
    let refused = loop {
        let answer = reveal(&detokenizer, &[token]).await?;
        if answer.status != 200 {
            break answer;
        }
        used += 1;
    };
    // What was at hand when it was killed counts as used: never more than the limit, and not much less.
    assert!((17..=LIMIT).contains(&used), "{used} values");
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "velocity_exceeded"));
    assert_eq!(at(&refused.json(), "/retryable"), true);
    let wait: u64 = refused.headers.get("retry-after").ok_or("no Retry-After")?.to_str()?.parse()?;
    assert!((1..=129_600).contains(&wait), "{wait}");
    alarm(&vault, "reveal_velocity_exceeded", "reveal/authorisation").await?;
    // Other purposes, and other identities, go on.
    let other = json!({"purpose": "refund", "reveal": "full", "items": [token]});
    detokenizer.post("/v1/tokens/detokenize", &other).await?.expect(200)?;
    Ok(())
}

async fn reveal(caller: &Caller, tokens: &[&String]) -> Outcome<Answer> {
    let body = json!({"purpose": "authorisation", "reveal": "full", "items": tokens});
    caller.post("/v1/tokens/detokenize", &body).await
}

async fn a_honeytoken_raises_an_alarm(vault: &VaultProcess, decoy: &str) -> Outcome<()> {
    let admin = vault.caller("acme-identity-admin")?;
    let mark = json!({"token": decoy, "reason": "nobody has business with it"});
    let marked = admin.post("/v1/honeytokens", &mark).await?.expect(201)?;
    assert!(!marked.text.contains(decoy));
    // Nor does the database tell: no row but the token's own holds it, and no record of the marking does.
    let mark = vault.sql("SELECT count(*) FROM honeytokens")?;
    assert_eq!(mark.trim(), "1");
    let thief = vault.caller("acme-detokenizer")?;
    let revealed = reveal(&thief, &[&decoy.to_owned()]).await?.expect(200)?;
    assert!(at(&revealed.json(), "/items/0/card/number").is_string());
    alarm(vault, "honeytoken_used", decoy).await
}

/// Seen over the API and in the metrics, soon.
async fn alarm(vault: &VaultProcess, kind: &str, object: &str) -> Outcome<()> {
    let began = Instant::now();
    let auditor = vault.caller("acme-auditor")?;
    let metrics = reqwest::Client::builder().no_proxy().build()?;
    loop {
        let path = format!("/v1/audit/events?action=alarm.raised&outcome={kind}&object={object}");
        let found = auditor.get(&path).await?.expect(200)?.json();
        let event = at(&found, "/items/0");
        let text = metrics.get(format!("{}/metrics", vault.operations_url())).send().await?.text().await?;
        let counted = text.lines().any(|line| {
            line.starts_with("strongroom_alarms_total") && line.contains(kind) && !line.ends_with(" 0")
        });
        if event.is_object() && counted {
            let actor = at(event, "/actor").as_str().unwrap_or_default();
            assert!(actor.ends_with("/tenant/acme/service/detokenizer"), "{actor}");
            return Ok(());
        }
        assert!(began.elapsed() < SOON, "no alarm: {found}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Deleted, another tenant's and never made: the same bytes, but for the request's name.
async fn what_is_not_there_answers_alike(vault: &VaultProcess, deleted: &str) -> Outcome<()> {
    let body = json!({"type": "card", "card": {"number": card_numbers(1).pop()}});
    let theirs = vault.caller("globex-tokenizer")?.post("/v1/tokens", &body).await?.expect(201)?;
    let theirs = theirs.text_at("/token")?;
    let never = deleted.replace('0', "1").replacen('2', "3", 1);
    let detokenizer = vault.caller("acme-detokenizer")?;
    let full = json!({"purpose": "authorisation", "reveal": "full"});
    let mut answers = Vec::new();
    for token in [deleted, &theirs, &never] {
        let answer = detokenizer.post(&format!("/v1/tokens/{token}/detokenize"), &full).await?.expect(404)?;
        let request_id = answer.headers.get("x-request-id").ok_or("no request id")?.to_str()?;
        answers.push(answer.text.replace(request_id, "req"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    Ok(())
}
