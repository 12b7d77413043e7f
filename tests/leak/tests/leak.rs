//! 500 card numbers go through the vault in every way there is; then everything it wrote is searched for them. So do security
//! codes: three digits are everywhere by chance, so these are searched for as they would be written, beside their name; and
//! where no code can be, a card number goes in its place.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use strongroom_e2e::{Answer, Outcome, VaultProcess, card_numbers, encodings, find_any, run_command};

const NUMBERS: usize = 500;

#[tokio::test]
async fn no_card_number_is_anywhere() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    let numbers = card_numbers(NUMBERS);
    let mut needles: Vec<Vec<u8>> = numbers.iter().flat_map(|number| encodings(number)).collect();
    needles.extend(codes_in_clear());
    let answers = exercise(&vault, &numbers).await?;
    assert!(
        answers.iter().all(|answer| find_any(answer.as_bytes(), &needles).is_none()),
        "an answer holds a number"
    );

    let metrics =
        run_command(Command::new("curl").args(["-sS", &format!("{}/metrics", vault.operations_url())]))?;
    assert!(!metrics.stdout.is_empty());
    assert!(find_any(&metrics.stdout, &needles).is_none(), "the metrics hold a number");
    let export = vault.caller("platform-auditor")?.get("/v1/audit/export").await?.expect(200)?;
    assert!(export.text.lines().count() > NUMBERS, "the export is whole");
    assert!(find_any(export.text.as_bytes(), &needles).is_none(), "the record holds a number");

    // While it runs the write-ahead log is there; after it ended, what was checkpointed.
    let written_ahead = search(&vault, &needles)?;
    let write_ahead_log = if vault.database().is_postgres() { "pg_wal" } else { "-wal" };
    assert!(
        written_ahead.iter().any(|name| name.contains(write_ahead_log)),
        "no write-ahead log was searched"
    );
    core_dump_attempt(&mut vault, &needles)?;
    let searched = search(&vault, &needles)?;
    let tables = if vault.database().is_postgres() { "/base/" } else { ".sqlite" };
    for kind in [tables, ".log", "checkpoints.txt"] {
        assert!(searched.iter().any(|name| name.contains(kind)), "no {kind} was searched");
    }
    Ok(())
}

/// A security code as JSON, a log or the vault's own encoding before it is sealed (`fields_v1`) would have it.
fn codes_in_clear() -> Vec<Vec<u8>> {
    let name = "security_code";
    let mut forms: Vec<Vec<u8>> = [": ", ":", "=", "=\"", "\":\"", "\": \"", ": \""]
        .iter()
        .map(|between| format!("{name}{between}{CODE}").into_bytes())
        .collect();
    forms.push([name.as_bytes(), &3_u32.to_be_bytes(), CODE.as_bytes()].concat());
    forms
}

const CODE: &str = "907";

#[test]
fn the_search_finds_what_is_there() -> Outcome<()> {
    let vault = VaultProcess::prepare()?;
    let numbers = card_numbers(3);
    let needles: Vec<Vec<u8>> = numbers.iter().flat_map(|number| encodings(number)).collect();
    assert!(search(&vault, &needles).is_ok());
    let number = numbers.first().ok_or("no number")?;
    std::fs::write(vault.path("canary.log"), format!("a line with {number} in it"))?;
    assert!(search(&vault, &needles).is_err());
    Ok(())
}

/// Every way a number can come in, the wrong ones too. Returns the answers that must not hold one.
async fn exercise(vault: &VaultProcess, numbers: &[String]) -> Outcome<Vec<String>> {
    let key_admin = vault.caller("acme-key-admin")?;
    for profile in [
        json!({"name": "same", "reuse": "deterministic", "format": "opaque"}),
        json!({"name": "shaped", "format": "card", "keep": "4/4"}),
        json!({"name": "one-way", "format": "opaque", "reversible": false}),
    ] {
        key_admin.post("/v1/token-profiles", &profile).await?.expect(201)?;
    }
    let tokenizer = vault.caller("acme-tokenizer")?;
    let detokenizer = vault.caller("acme-detokenizer")?;
    let mut answers: Vec<Answer> = Vec::new();
    let (singles, batched) = numbers.split_at(numbers.len() / 2);
    for (number, at) in singles.iter().zip(0_usize..) {
        let profile = ["default", "same", "shaped", "one-way"].get(at % 4).copied().unwrap_or_default();
        let card = json!({"number": number, "exp_month": 1, "exp_year": 2031, "holder": "A N Other"});
        let body = json!({"type": "card", "card": card, "profile": profile});
        let created =
            tokenizer.post_once("/v1/tokens", &format!("leak-test-{at}"), &body).await?.expect(201)?;
        if profile != "one-way" {
            let path = format!("/v1/tokens/{}/security-code", created.text_at("/token")?);
            tokenizer.post(&path, &json!({"security_code": CODE})).await?.expect(201)?;
            for wrong in [json!(number), json!(907), json!({CODE: number})] {
                answers.push(tokenizer.post(&path, &json!({"security_code": wrong})).await?);
            }
            let result = json!({"result": number});
            answers.push(tokenizer.post(&format!("{path}/result"), &result).await?.expect(400)?);
        }
        if profile != "one-way" && at % 8 < 4 {
            let path = format!("/v1/tokens/{}/detokenize", created.text_at("/token")?);
            let full = json!({"purpose": "authorisation", "reveal": "full"});
            let revealed = detokenizer.post(&path, &full).await?.expect(200)?;
            assert!(revealed.text_at("/card/number")? == *number, "another card came back");
        }
        let search = json!({"type": "card", "card": {"number": number}, "profile": profile});
        answers.push(tokenizer.post("/v1/tokens/search", &search).await?.expect(200)?);
        answers.push(created);
    }
    for chunk in batched.chunks(50) {
        let items: Vec<Value> =
            chunk.iter().map(|number| json!({"type": "card", "card": {"number": number}})).collect();
        answers.push(tokenizer.post("/v1/tokens/batch", &json!({"items": items})).await?.expect(200)?);
        for number in chunk.iter().take(5) {
            for wrong in [
                format!(r#"{{"type":"card","card":{{"number":{number}}}}}"#),
                format!(r#"{{"type":"card","card":{{"number":"{number}","cvc":"123"}}}}"#),
                format!(r#"{{"type":"card","card":{{"number":"{number}"}},"security_code":"{number}"}}"#),
                format!(r#"{{"type":"card","card":{{"{number}":"x"}}}}"#),
                format!(r#"{{"type":"card","card":{{"number":"{number}"}},"metadata":{{"a":"{number}"}}}}"#),
                format!(r#"{{"type":"{number}""#),
                number.clone(),
            ] {
                let answer = tokenizer.post_raw("/v1/tokens", wrong.into_bytes()).await?;
                assert!(answer.status.is_client_error());
                answers.push(answer);
            }
            // Where no number belongs: in a path, a query, a header.
            answers.push(detokenizer.get(&format!("/v1/tokens/{number}")).await?);
            answers.push(detokenizer.get(&format!("/v1/{number}?x={number}")).await?);
            let body = b"{}".to_vec();
            let headers = [("idempotency-key", number.as_str()), ("traceparent", number.as_str())];
            answers.push(tokenizer.send("POST".parse()?, "/v1/tokens", Some(body), &headers).await?);
        }
    }
    Ok(answers.into_iter().map(|answer| answer.text).collect())
}

/// Asks the kernel for a core dump the way a crash would, and makes sure that there is none and can be none.
fn core_dump_attempt(vault: &mut VaultProcess, needles: &[Vec<u8>]) -> Outcome<()> {
    let id = vault.id().ok_or("not running")?;
    let limits = std::fs::read_to_string(format!("/proc/{id}/limits"))?;
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).ok_or("no limits")?;
    assert_eq!(
        core.split_whitespace().filter(|word| *word == "0").count(),
        2,
        "core dumps are possible: {core}"
    );
    let before = core_files();
    run_command(Command::new("kill").args(["-SEGV", &id.to_string()]))?;
    std::thread::sleep(Duration::from_millis(500));
    vault.kill()?;
    for dump in core_files() {
        if !before.contains(&dump) {
            let bytes = std::fs::read(&dump)?;
            assert!(find_any(&bytes, needles).is_none(), "a core dump holds a number");
            return Err(format!("the vault left a core dump: {dump}").into());
        }
    }
    Ok(())
}

fn core_files() -> Vec<String> {
    let folders = [".", "/", "/tmp", "/var/lib/systemd/coredump", "/var/crash"];
    let entries = folders.iter().filter_map(|folder| std::fs::read_dir(Path::new(folder)).ok()).flatten();
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("core") && entry.path().is_file())
        .map(|entry| entry.path().display().to_string())
        .collect()
}

/// Searches every file in the vault's folder; returns their names.
fn search(vault: &VaultProcess, needles: &[Vec<u8>]) -> Outcome<Vec<String>> {
    let mut searched = Vec::new();
    for path in vault.files()? {
        let name = path.display().to_string();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        if find_any(&bytes, needles).is_some() {
            return Err(format!("{name} holds a card number").into());
        }
        searched.push(name);
    }
    Ok(searched)
}
