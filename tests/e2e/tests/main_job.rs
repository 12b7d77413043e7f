//! The main job, end to end: a card number becomes a token and comes back as policy allows; a field is sealed and opened;
//! all of it survives a restart and verifies.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use strongroom_e2e::{Outcome, VaultProcess, binary, card_numbers};

fn card(number: &str) -> Value {
    json!({"type": "card", "card": {"number": number, "exp_month": 12, "exp_year": 2030, "holder": "A N Other"}})
}

#[tokio::test]
async fn a_card_becomes_a_token_and_comes_back_as_policy_allows() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let created = tokenizer.post("/v1/tokens", &card("4111 1111 1111 1111")).await?.expect(201)?.json();
    assert_eq!(created["card"]["brand"], "visa");
    assert_eq!(created["card"]["bin"], "411111");
    assert_eq!(created["card"]["last4"], "1111");
    let token = created["token"].as_str().ok_or("no token")?.to_owned();

    let detokenizer = vault.caller("acme-detokenizer")?;
    let path = format!("/v1/tokens/{token}/detokenize");
    let masked =
        detokenizer.post(&path, &json!({"purpose": "display", "reveal": "masked"})).await?.expect(200)?;
    assert_eq!(masked.json()["card"]["number"], "411111******1111");
    assert!(!masked.text.contains("Other"));
    let full =
        detokenizer.post(&path, &json!({"purpose": "authorisation", "reveal": "full"})).await?.expect(200)?;
    assert_eq!(full.json()["card"]["number"], "4111111111111111");
    assert_eq!(full.json()["card"]["holder"], "A N Other");
    let refused =
        detokenizer.post(&path, &json!({"purpose": "display", "reveal": "full"})).await?.expect(403)?;
    assert_eq!(refused.code(), "purpose_denied");

    // Another tenant's token and one that never was are answered alike, but for the request's own id.
    let other = vault.caller("globex-detokenizer")?;
    let body = json!({"purpose": "display", "reveal": "masked"});
    let foreign = other.post(&path, &body).await?.expect(404)?.json();
    let unknown = other.post("/v1/tokens/999999999999999999/detokenize", &body).await?.expect(404)?.json();
    let without_id = |mut problem: Value| {
        if let Some(members) = problem.as_object_mut() {
            members.remove("request_id");
        }
        problem
    };
    assert_eq!(without_id(foreign), without_id(unknown));

    assert!(vault.stop()?.success());
    vault.launch()?;
    let again = vault.caller("acme-detokenizer")?;
    let full = again.post(&path, &json!({"purpose": "refund", "reveal": "full"})).await?.expect(200)?;
    assert_eq!(full.json()["card"]["number"], "4111111111111111");
    Ok(())
}

#[tokio::test]
async fn a_field_is_sealed_for_its_place_and_moves_to_a_new_key_version() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let key_admin = vault.caller("acme-key-admin")?;
    let key = json!({"name": "notes", "purpose": "field-encryption", "rotation_days": 90});
    let created = key_admin.post_once("/v1/keys", "make-notes-1", &key).await?.expect(201)?;
    let repeated = key_admin.post_once("/v1/keys", "make-notes-1", &key).await?.expect(201)?;
    assert_eq!(created.text, repeated.text);
    let other = json!({"name": "other", "purpose": "field-encryption"});
    let conflict = key_admin.post_once("/v1/keys", "make-notes-1", &other).await?.expect(422)?;
    assert_eq!(conflict.code(), "idempotency_conflict");

    let here = json!({"record": "42", "field": "note"});
    let encryptor = vault.caller("acme-encryptor")?;
    let body = json!({"plaintext": "aGVsbG8=", "context": here});
    let sealed =
        encryptor.post("/v1/keys/notes/encrypt", &body).await?.expect(200)?.text_at("/ciphertext")?;

    let decryptor = vault.caller("acme-decryptor")?;
    let body = json!({"ciphertext": sealed, "context": here});
    let opened = decryptor.post("/v1/keys/notes/decrypt", &body).await?.expect(200)?.json();
    assert_eq!(opened["plaintext"], "aGVsbG8=");
    let elsewhere = json!({"ciphertext": sealed, "context": {"record": "43", "field": "note"}});
    let moved = decryptor.post("/v1/keys/notes/decrypt", &elsewhere).await?;
    assert_eq!(moved.code(), "context_mismatch");

    key_admin.send("POST".parse()?, "/v1/keys/notes/rotate", None, &[]).await?.expect(200)?;
    let renewed = decryptor.post("/v1/keys/notes/reencrypt", &body).await?.expect(200)?.json();
    assert_eq!(renewed["key_version"], 2);
    let body = json!({"items": [
        {"ciphertext": sealed, "context": here},
        {"ciphertext": renewed["ciphertext"], "context": here},
        {"ciphertext": "AAAA", "context": here},
    ]});
    let opened = decryptor.post("/v1/keys/notes/decrypt", &body).await?.expect(200)?.json();
    assert_eq!(opened["items"][0]["key_version"], 1);
    assert_eq!(opened["items"][1]["key_version"], 2);
    assert_eq!(opened["items"][1]["plaintext"], "aGVsbG8=");
    assert_eq!(opened["items"][2]["error"]["code"], "ciphertext_malformed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_at_once_make_one_deterministic_token() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let profile = json!({"name": "same", "format": "opaque", "reuse": "deterministic", "scope": "tenant"});
    vault.caller("acme-key-admin")?.post("/v1/token-profiles", &profile).await?.expect(201)?;
    let number = card_numbers(1).pop().ok_or("no number")?;
    let mut tasks = Vec::new();
    for _ in 0..64 {
        let caller = vault.caller("acme-tokenizer")?;
        let body = json!({"type": "card", "card": {"number": number}, "profile": "same"});
        tasks.push(tokio::spawn(async move { caller.post("/v1/tokens", &body).await }));
    }
    let mut tokens = Vec::new();
    let mut created = 0;
    for task in tasks {
        let answer = task.await??;
        created += u32::from(answer.status.as_u16() == 201);
        tokens.push(answer.text_at("/token")?);
    }
    tokens.sort();
    tokens.dedup();
    assert_eq!((tokens.len(), created), (1, 1));
    drop(vault.caller("acme-tokenizer")?);
    assert_eq!(
        vault
            .sql("SELECT (SELECT count(*) FROM tokens) || ' ' || (SELECT count(*) FROM fingerprints)")?
            .trim(),
        "1 1"
    );
    Ok(())
}

#[tokio::test]
async fn openssl_and_curl_can_do_it_too() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let curl = |path: &str, data: &str| {
        Command::new("curl")
            .args(["-sS", "--tlsv1.3", "-H", "content-type: application/json", "--cacert"])
            .arg(vault.path("ca.pem"))
            .arg("--cert")
            .arg(vault.path("clients/acme-tokenizer.pem"))
            .arg("--key")
            .arg(vault.path("clients/acme-tokenizer.key"))
            .args([&format!("{}{path}", vault.url()), "-d", data])
            .output()
    };
    let output = curl("/v1/tokens", &card("4111111111111111").to_string())?;
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"tok_"));

    let address = vault.url().replace("https://", "");
    let handshake = |version: &str| -> Outcome<String> {
        let mut openssl = Command::new("openssl")
            .args(["s_client", "-connect", &address, version, "-brief", "-CAfile"])
            .arg(vault.path("ca.pem"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(input) = openssl.stdin.as_mut() {
            input.write_all(b"Q\n")?;
        }
        let output = openssl.wait_with_output()?;
        Ok(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    assert!(!handshake("-tls1_2")?.contains("CONNECTION ESTABLISHED"));
    assert!(handshake("-tls1_3")?.contains("TLSv1.3"));
    Ok(())
}

#[tokio::test]
async fn the_command_line_imports_resumes_and_verifies() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let cards = card_numbers(1200);
    let mut file = String::from("number,exp_month,exp_year,holder,metadata.customer\n");
    for (line, number) in cards.iter().enumerate() {
        file.push_str(&format!("{number},12,2030,A N Other,c-{line}\n"));
    }
    file.push_str("4111111111111112,12,2030,Wrong Digit,c-x\n");
    let input = vault.path("cards-in.csv");
    std::fs::write(&input, &file)?;
    let import = || -> Outcome<Command> {
        let mut command = vault.command_line("acme-tokenizer")?;
        command.args(["tokens", "import"]).arg(&input).args([
            "--format",
            "csv",
            "--profile",
            "default",
            "--batch",
            "100",
        ]);
        command.arg("--out").arg(vault.path("tokens.csv"));
        command.arg("--errors").arg(vault.path("errors.csv"));
        command.arg("--state").arg(vault.path("import.state"));
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command)
    };
    let mut first = import()?.spawn()?;
    while std::fs::metadata(vault.path("tokens.csv")).map_or(0, |file| file.len()) < 20_000 {
        if first.try_wait()?.is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    first.kill()?;
    first.wait()?;
    let status = import()?.status()?;
    assert_eq!(status.code(), Some(8), "one line is wrong, so the import is partial");
    let results = std::fs::read_to_string(vault.path("tokens.csv"))?;
    let mut tokens: Vec<&str> =
        results.split([',', '\n']).filter(|field| field.starts_with("tok_")).collect();
    assert_eq!(tokens.len(), 1200);
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 1200);
    assert_eq!(
        vault.sql("SELECT count(*) FROM tokens")?.trim(),
        "1200",
        "a repeated batch made no second tokens"
    );
    let errors = std::fs::read_to_string(vault.path("errors.csv"))?;
    assert!(errors.contains("card_number_invalid") && !errors.contains("4111111111111112"));
    for number in &cards {
        assert!(!results.contains(number));
    }

    let export = vault.path("audit.ndjson");
    let mut command = vault.command_line("platform-auditor")?;
    assert!(command.args(["audit", "export", "--out"]).arg(&export).status()?.success());
    let verify = |file: &std::path::Path| {
        Command::new(binary("strongroom")?)
            .args(["audit", "verify"])
            .arg(file)
            .arg("--key-file")
            .arg(vault.path("audit-verifier.key"))
            .arg("--checkpoints")
            .arg(vault.path("witness/checkpoints.txt"))
            .output()
            .map_err(Into::<Box<dyn std::error::Error + Send + Sync>>::into)
    };
    let good = verify(&export)?;
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    let text = std::fs::read_to_string(&export)?;
    let lines: Vec<&str> = text.lines().collect();
    let altered = text.replacen("\"outcome\":\"success\"", "\"outcome\":\"refused\"", 1);
    let record = lines.iter().position(|line| line.contains("\"type\":\"event\"")).ok_or("no event")?;
    let removed: Vec<&str> =
        lines.iter().enumerate().filter(|(at, _)| *at != record).map(|(_, line)| *line).collect();
    let cut = lines.get(..lines.len() / 2).ok_or("too short")?;
    for (name, tampered) in [("edit", altered), ("deletion", removed.join("\n")), ("tail", cut.join("\n"))] {
        let path = vault.path(name);
        std::fs::write(&path, tampered)?;
        assert_eq!(verify(&path)?.status.code(), Some(7), "{name}");
    }
    Ok(())
}

/// The value of a token goes to its reader's own key: what carries the answer sees ciphertext. By the command line, whose
/// private key never leaves its file.
#[tokio::test]
async fn a_value_leaves_encrypted_to_the_readers_own_key() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let token =
        tokenizer.post("/v1/tokens", &card("4111111111111111")).await?.expect(201)?.text_at("/token")?;
    let file = vault.path("reader.jwk");
    let file = file.to_str().ok_or("no path")?;
    let cli = |identity: &str, arguments: &[&str]| -> Outcome<String> {
        run_text(vault.command_line(identity)?.arg("--quiet").args(arguments))
    };
    let kid = cli("acme-detokenizer", &["encryption-keys", "generate", file])?;
    let register = ["encryption-keys", "register", "detokenizer", file, "--reason", "it opens cards itself"];
    assert_eq!(cli("acme-identity-admin", &register)?, kid);

    let reveal = ["tokens", "detokenize", &token, "--purpose", "refund", "--encrypt-to", &kid];
    let sealed = cli("acme-detokenizer", &reveal)?;
    assert_eq!(sealed.split('.').count(), 5, "a JWE: {sealed}");
    let opened = [&reveal[..], &["--open-with", file]].concat();
    assert_eq!(cli("acme-detokenizer", &opened)?, "4111111111111111");

    // Over the wire there is nothing else.
    let wanted = json!({"purpose": "refund", "reveal": "full", "encrypt_to": "newest"});
    let path = format!("/v1/tokens/{token}/detokenize");
    let detokenizer = vault.caller("acme-detokenizer")?;
    let answer = detokenizer.post(&path, &wanted).await?.expect(200)?;
    assert!(!answer.text.contains("4111111111111111") && !answer.text.contains("Other"));
    assert!(answer.json()["encrypted_value"].is_string());

    cli("acme-identity-admin", &["encryption-keys", "revoke", "detokenizer", &kid])?;
    assert_eq!(detokenizer.post(&path, &wanted).await?.code(), "encryption_key_unusable");
    Ok(())
}

fn run_text(command: &mut Command) -> Outcome<String> {
    let output = command.output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Names of one's own and of a former vendor, labels, and lists by what tokens have in common.
#[tokio::test]
async fn tokens_are_found_by_name_label_and_what_they_show() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let detokenizer = vault.caller("acme-detokenizer")?;
    let item = |number: &str, alias: &str, tag: &str| json!({"type": "card", "card": {"number": number}, "aliases": [alias], "tags": [tag]});
    let items = json!({"items": [
        item("4111111111111111", "oldvendor:1", "eu"),
        item("5555555555554444", "customer-42/card-1", "eu"),
        item("378282246310005", "oldvendor:1", "us"),
    ]});
    let made = tokenizer.post("/v1/tokens/batch", &items).await?.expect(200)?.json();
    let statuses: Vec<_> = (0..3).map(|index| made["items"][index]["status"].clone()).collect();
    assert_eq!(statuses, [201, 201, 409]);
    assert_eq!(made["items"][2]["error"]["code"], "alias_taken");
    let second = made["items"][1]["token"]["token"].as_str().ok_or("no token")?.to_owned();

    let by_name = "/v1/tokens/alias:customer-42%2Fcard-1";
    assert_eq!(tokenizer.get(by_name).await?.expect(200)?.text_at("/token")?, second);
    let full = json!({"purpose": "authorisation", "reveal": "full"});
    let shown = detokenizer.post(&format!("{by_name}/detokenize"), &full).await?.expect(200)?;
    assert_eq!(shown.json()["card"]["number"], "5555555555554444");
    let many =
        json!({"purpose": "display", "reveal": "masked", "items": ["alias:oldvendor:1", "alias:nobody"]});
    let many = detokenizer.post("/v1/tokens/detokenize", &many).await?.expect(200)?.json();
    assert_eq!((&many["items"][0]["status"], &many["items"][1]["status"]), (&json!(200), &json!(404)));
    let stranger = vault.caller("globex-tokenizer")?;
    assert_eq!(stranger.get(by_name).await?.expect(404)?.code(), "not_found");

    for (question, count) in [
        ("tag=eu", 2),
        ("tag=us", 0),
        ("bin=411111&last4=1111", 1),
        ("last4=4444", 1),
        ("brand=mastercard", 1),
        ("brand=amex", 0),
        ("alias=oldvendor:1", 1),
        ("type=card&profile=default&state=active", 2),
        ("type=text", 0),
        ("state=used", 0),
        ("created_from=2026-01-01T00:00:00Z&created_to=2020-01-01T00:00:00Z", 0),
        ("expires_before=2100-01-01T00:00:00Z", 0),
    ] {
        let found = tokenizer.get(&format!("/v1/tokens?{question}")).await?.expect(200)?.json();
        assert_eq!(found["items"].as_array().map(Vec::len), Some(count), "{question}");
    }

    // Somebody with the database at hand points one card's name at the other card.
    vault.sql(&format!(
        "UPDATE token_aliases SET token = '{second}' WHERE tenant = 'acme' AND alias = 'oldvendor:1'"
    ))?;
    let broken = detokenizer.post("/v1/tokens/alias:oldvendor:1/detokenize", &full).await?.expect(500)?;
    assert_eq!(broken.code(), "integrity_failure");

    // A deleted token's names lead nowhere, and to nothing else.
    tokenizer.delete(by_name).await?.expect(204)?;
    assert_eq!(tokenizer.get(by_name).await?.expect(404)?.code(), "not_found");
    let again = item("4111111111111111", "customer-42/card-1", "eu");
    assert_eq!(tokenizer.post("/v1/tokens", &again).await?.expect(409)?.code(), "alias_taken");
    assert!(!vault.log().contains("customer-42"), "names stay out of the log");
    Ok(())
}

/// What a profile leaves to be guessed, and a space of tokens that has come to its end.
#[tokio::test]
async fn profiles_that_say_too_much_are_refused_and_full_ones_say_so() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let admin = vault.caller("acme-key-admin")?;
    let few = json!({"name": "few", "reuse": "deterministic", "min_card_digits": 14});
    let refused = admin.post("/v1/token-profiles", &few).await?.expect(403)?;
    assert_eq!(refused.code(), "approval_required");
    assert!(refused.text_at("/detail")?.contains("leaves 1000 numbers"), "{}", refused.text);
    admin
        .post("/v1/token-profiles", &json!({"name": "same", "reuse": "deterministic"}))
        .await?
        .expect(201)?;
    let report = admin.get("/v1/token-profiles/same").await?.expect(200)?.json();
    let expected = json!({"equal_values_show": true, "first_digits": 6, "last_digits": 4, "brand": true,
        "shortest_card": 15, "card_numbers_left": 10_000});
    assert_eq!(report["correlation"], expected);

    // Twelve digits, ten of them kept: ninety tokens with a wrong check digit, and then none, of whatever shape.
    let tight = json!({"name": "tight", "format": "card", "keep": "6/4"});
    admin.post("/v1/token-profiles", &tight).await?.expect(201)?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let number = strongroom_e2e::with_check_digit("63040000123");
    let item = json!({"type": "card", "card": {"number": number}, "profile": "tight"});
    let items = json!({"items": vec![item.clone(); 95]});
    let made = tokenizer.post("/v1/tokens/batch", &items).await?.expect(200)?.json();
    let made = made["items"].as_array().ok_or("no items")?;
    let given: std::collections::BTreeSet<_> =
        made.iter().filter_map(|one| one["token"]["token"].as_str()).collect();
    assert_eq!(given.len(), 90);
    assert!(given.iter().all(|token| token.len() == 12 && token.bytes().all(|byte| byte.is_ascii_digit())));
    let full = made.iter().filter(|one| one["error"]["code"] == "token_space_exhausted").count();
    assert_eq!(full, 5);
    assert_eq!(tokenizer.post("/v1/tokens", &item).await?.expect(422)?.code(), "token_space_exhausted");
    Ok(())
}
