//! What is wrong with a request is said with a stable code, and its values come back nowhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};
use strongroom_e2e::{Outcome, VaultProcess, card_numbers, encodings, find_any, with_check_digit};

#[tokio::test]
async fn bad_input_is_refused_by_name_and_leaves_no_trace() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let mut used = card_numbers(12);
    let mut numbers = used.clone().into_iter();
    let mut next = || numbers.next().unwrap_or_default();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let token = tokenizer.post("/v1/tokens", &json!({"type": "card", "card": {"number": next()}})).await?;
    let token = token.expect(201)?.text_at("/token")?;
    let wrong_digit = {
        let number = next();
        let (body, check) = number.split_at(15);
        let wrong = (check.parse::<u8>()? + 1) % 10;
        format!("{body}{wrong}")
    };
    used.push(wrong_digit.clone());
    let text = |body: Value| body.to_string().into_bytes();
    let number = next();
    let cases: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        (
            "number as a JSON number",
            format!(r#"{{"type":"card","card":{{"number":{number}}}}}"#).into(),
            400,
            "invalid_request",
        ),
        (
            "number as an array",
            text(json!({"type": "card", "card": {"number": [next()]}})),
            400,
            "invalid_request",
        ),
        ("card as text", text(json!({"type": "card", "card": next()})), 400, "invalid_request"),
        (
            "number as a field name",
            text(json!({"type": "card", "card": {(next()): 1}})),
            400,
            "invalid_request",
        ),
        (
            "unknown field",
            text(json!({"type": "card", "card": {"number": next()}, "tll": 1})),
            400,
            "invalid_request",
        ),
        (
            "truncated",
            format!(r#"{{"type":"card","card":{{"number":"{}"#, next()).into(),
            400,
            "invalid_request",
        ),
        (
            "bad UTF-8",
            [br#"{"type":"card","card":{"number":""#.as_slice(), &[0xff], b"\"}}"].concat(),
            400,
            "invalid_request",
        ),
        ("100,000 deep", deep.into(), 413, "payload_too_large"),
        (
            "deep but small",
            format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)).into(),
            400,
            "invalid_request",
        ),
        (
            "wrong check digit",
            text(json!({"type": "card", "card": {"number": wrong_digit}})),
            422,
            "card_number_invalid",
        ),
        (
            "a token as a card",
            text(json!({"type": "card", "card": {"number": token}})),
            422,
            "card_number_is_token",
        ),
        (
            "a security code",
            text(json!({"type": "card", "card": {"number": next(), "cvc": "737"}})),
            422,
            "security_code_not_allowed",
        ),
        (
            "a card number as metadata",
            text(json!({"type": "card", "card": {"number": next()}, "metadata": {"note": next()}})),
            422,
            "card_number_in_metadata",
        ),
        ("no body", Vec::new(), 400, "invalid_request"),
    ];
    let mut answers = String::new();
    for (name, body, status, code) in cases {
        let answer = tokenizer.post_raw("/v1/tokens", body).await?;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{name}: {}",
            answer.text
        );
        answers.push_str(&answer.text);
    }
    let needles: Vec<Vec<u8>> = used.iter().flat_map(|number| encodings(number)).collect();
    assert!(find_any(answers.as_bytes(), &needles).is_none(), "an answer repeats a card number");
    assert!(find_any(vault.log().as_bytes(), &needles).is_none(), "the log repeats a card number");
    let audit = vault.caller("platform-auditor")?.get("/v1/audit/export").await?.expect(200)?;
    assert!(find_any(audit.text.as_bytes(), &needles).is_none(), "the record repeats a card number");
    Ok(())
}

#[tokio::test]
async fn a_private_prefix_token_is_not_taken_for_a_card() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let profile = json!({"name": "shaped", "format": "card", "keep": "0/4", "luhn": "private-prefix"});
    vault.caller("acme-key-admin")?.post("/v1/token-profiles", &profile).await?.expect(201)?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let number = card_numbers(1).pop().ok_or("no number")?;
    let body = json!({"type": "card", "card": {"number": number}, "profile": "shaped"});
    let token = tokenizer.post("/v1/tokens", &body).await?.expect(201)?.text_at("/token")?;
    let (digits, check) = token.split_at(token.len() - 1);
    assert_eq!(with_check_digit(digits), format!("{digits}{check}"), "it has a right check digit");
    assert!(token.starts_with('9') && token.ends_with(number.split_at(12).1) && token.len() == 16);
    let again = json!({"type": "card", "card": {"number": token}});
    assert_eq!(tokenizer.post("/v1/tokens", &again).await?.code(), "card_number_is_token");
    Ok(())
}

#[tokio::test]
async fn a_batch_keeps_the_good_items_and_the_limits() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let numbers = card_numbers(4);
    let item = |number: &str| json!({"type": "card", "card": {"number": number}});
    let items = json!({"items": [item(&numbers[0]), item("4111111111111112"), item(&numbers[1])]});
    let answer = tokenizer.post("/v1/tokens/batch", &items).await?.expect(200)?.json();
    let statuses: Vec<_> = (0..3).map(|at| answer["items"][at]["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(201), Some(422), Some(201)]);
    let many = json!({"items": vec![item(&numbers[2]); 1001]});
    assert_eq!(tokenizer.post("/v1/tokens/batch", &many).await?.status.as_u16() / 100, 4);

    // Another tenant's token among one's own is like one that never was; each item is on record by itself.
    let own = vault.caller("globex-tokenizer")?.post("/v1/tokens", &item(&numbers[3])).await?.expect(201)?;
    let (own, theirs) = (own.text_at("/token")?, answer["items"][0]["token"]["token"].clone());
    let wanted = json!({"purpose": "display", "reveal": "masked", "items": [theirs, own, "no token at all"]});
    let mixed =
        vault.caller("globex-detokenizer")?.post("/v1/tokens/detokenize", &wanted).await?.expect(200)?;
    let statuses: Vec<_> = (0..3).map(|index| mixed.json()["items"][index]["status"].clone()).collect();
    assert_eq!(statuses, [404, 200, 404]);
    let events = "/v1/audit/events?action=token.detokenize";
    let events = vault.caller("globex-auditor")?.get(events).await?.expect(200)?.json();
    let told: std::collections::BTreeMap<String, usize> =
        events["items"].as_array().into_iter().flatten().fold(Default::default(), |mut told, event| {
            *told.entry(event["outcome"].to_string()).or_default() += 1;
            told
        });
    assert_eq!(told, [("\"not_found\"".to_owned(), 2), ("\"success\"".to_owned(), 1)].into());
    Ok(())
}

/// Whatever is wrong with a JWE, the answer is the same to the byte, but for the request's own id.
#[tokio::test]
async fn every_jwe_that_cannot_be_used_is_refused_alike() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let key = json!({"name": "browsers", "purpose": "client-encryption"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &key).await?.expect(201)?;
    let tokenizer = vault.caller("acme-tokenizer")?;
    let jwk = tokenizer.get("/v1/keys/browsers/jwks").await?.expect(200)?.json()["keys"][0].clone();
    let epk = json!({"kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["y"]});
    let header = json!({"alg": "ECDH-ES", "enc": "A256GCM", "kid": jwk["kid"], "epk": epk});
    let with = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        header
    };
    let jwe = |header: &Value, ciphertext: &str| {
        let header = BASE64URL.encode(header.to_string());
        format!("{header}..AAAAAAAAAAAAAAAA.{ciphertext}.AAAAAAAAAAAAAAAAAAAAAA")
    };
    let mut answers = std::collections::BTreeSet::new();
    for (name, jwe) in [
        ("altered", jwe(&header, "AAAA")),
        ("another alg", jwe(&with("alg", json!("RSA1_5")), "AAAA")),
        ("another enc", jwe(&with("enc", json!("A128GCM")), "AAAA")),
        ("another kid", jwe(&with("kid", json!("browsers")), "AAAA")),
        ("compressed", jwe(&with("zip", json!("DEF")), "AAAA")),
        (
            "off the curve",
            jwe(&with("epk", json!({"kty": "EC", "crv": "P-256", "x": jwk["x"], "y": jwk["x"]})), "AAAA"),
        ),
        ("a header too long", jwe(&with("cty", json!("x".repeat(2000))), "AAAA")),
        ("no JWE", "4111111111111111".to_owned()),
    ] {
        let body = json!({"type": "card", "encrypted_card": jwe});
        let answer = tokenizer.post("/v1/tokens", &body).await?;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "jwe_refused"), "{name}");
        let id = answer.headers.get("x-request-id").ok_or("no request id")?.to_str()?;
        answers.insert(answer.text.replace(id, "req"));
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    // More than is ever opened; only a batch has room for it.
    let oversize = json!({"type": "card", "encrypted_card": jwe(&header, &"A".repeat(100_000))});
    let batch = tokenizer.post("/v1/tokens/batch", &json!({"items": [oversize]})).await?.expect(200)?.json();
    assert_eq!(batch["items"][0]["error"]["code"], "jwe_refused");
    Ok(())
}
