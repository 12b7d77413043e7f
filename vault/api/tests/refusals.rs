//! What is not a request is refused, and the refusal repeats nothing of it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's helpers may fail it")]

use proptest::prelude::*;
use serde_json::{Value, json};
use strongroom_api::audit::EventQuery;
use strongroom_api::crypto::{DecryptItem, EncryptItem};
use strongroom_api::identities::{CreateGrant, CreateIdentity};
use strongroom_api::keys::CreateKey;
use strongroom_api::profiles::CreateProfile;
use strongroom_api::tokens::{CreateToken, CreateTokens, DetokenizeToken, DetokenizeTokens, SearchTokens};
use strongroom_api::{ErrorCode, ListQuery, OneOrMany, Problem, RequestError, parse_query, parse_request};

fn refusal<T: serde::de::DeserializeOwned>(body: impl AsRef<[u8]>) -> RequestError {
    match parse_request::<T>(body.as_ref()) {
        Ok(_) => panic!("it was accepted"),
        Err(error) => error,
    }
}

fn token(body: &str) -> RequestError {
    refusal::<CreateToken>(body)
}

/// Everything a caller gets to see of a refusal.
fn seen(error: &RequestError) -> String {
    let problem = serde_json::to_string(&Problem::of_request(error, "req")).unwrap();
    format!("{error} {error:?} {problem}")
}

#[test]
fn a_card_number_of_the_wrong_type_does_not_come_back() {
    let number = "4111111111111111";
    let wrong = [
        number.to_owned(),
        format!("-{number}"),
        format!("{number}.5"),
        format!("{number}e3"),
        format!("{number}{number}"),
        format!("[{number}]"),
        format!("[\"{number}\"]"),
        format!("{{\"{number}\":1}}"),
        format!("{{\"digits\":\"{number}\"}}"),
    ];
    for value in &wrong {
        let error = token(&format!(r#"{{"type":"card","card":{{"number":{value}}}}}"#));
        assert_eq!(error.code(), ErrorCode::InvalidRequest);
        assert_eq!(error.detail(), "/card/number: must be a string");
        assert_eq!(error.pointer(), Some("/card/number"));
        for place in [
            format!(r#"{{"type":{value},"card":{{"number":"x"}}}}"#),
            format!(r#"{{"type":"card","card":{value}}}"#),
            format!(r#"{{"type":"card","card":{{"number":"x","exp_month":{value}}}}}"#),
            format!(r#"{{"type":"card","card":{{"number":"x","exp_year":{value}}}}}"#),
            format!(r#"{{"type":"card","card":{{"number":"x"}},"profile":{value}}}"#),
            format!(r#"{{"type":"card","card":{{"number":"x"}},"single_use":{value}}}"#),
            format!(r#"{{"type":"card","card":{{"number":"x"}},"metadata":{value}}}"#),
            format!(r#"{{"type":"card","card":{{"number":"x"}},"metadata":{{"order":{value}}}}}"#),
            format!(r#"{{"type":"card","card":{{"number":"x"}},{value}}}"#),
            value.clone(),
        ] {
            // A short pair of metadata that happens to be a number is not refused by its shape.
            if let Err(error) = parse_request::<CreateToken>(place.as_bytes()) {
                assert!(!seen(&error).contains("411"), "{}", seen(&error));
            }
        }
    }
}

#[test]
fn strings_and_names_do_not_come_back_either() {
    for (body, detail) in [
        (
            r#"{"type":"4111111111111111","card":{"number":"x"}}"#,
            "/type: must be one of: card, bank-account, identity-number, text",
        ),
        (
            r#"{"type":"card","card":{"number":"x"},"profile":"4111 1111 1111 1111"}"#,
            "/profile: a profile name must be 1 to 63 characters of a-z, 0-9 and -",
        ),
        (
            r#"{"type":"card","4111111111111111":1}"#,
            "/*: unknown name; allowed are: type, card, encrypted_card, bank_account, identity_number, text, profile, ttl_seconds, single_use, max_uses, security_code, security_code_ttl_seconds, metadata, aliases, tags",
        ),
        (
            r#"{"type":"card","card":{"number":"x","4111":{}}}"#,
            "/card/*: unknown name; allowed are: number, exp_month, exp_year, holder",
        ),
        (
            r#"{"type":"card","card":{"number":"x"},"metadata":{"4111 1":"a"}}"#,
            "/metadata: a name in metadata must be 1 to 64 characters of letters, digits, -, _ and .",
        ),
        (
            r#"{"type":"card","card":{"number":"x"},"metadata":{"4111":4111}}"#,
            "/metadata/*: must be a string",
        ),
        (
            r#"{"type":"card","card":{"number":"x"},"metadata":{"4111":"a","4111":"b"}}"#,
            "/metadata/*: is there twice",
        ),
        (r#"{"type":"card","card":{"number":"x","number":"x"}}"#, "/card/number: number is there twice"),
        (r#"{"type":"card","card":{"exp_month":12}}"#, "/card: number is required"),
        (
            r#"{"type":"card","card":{"number":"x","exp_month":4111}}"#,
            "/card/exp_month: must be a whole number from 0 to 255",
        ),
        (r#"{"type":"card","card":["x"]}"#, "/card: must be an object"),
        (r#"["card",{"number":"x"}]"#, "must be an object"),
        ("null", "must be an object"),
        ("4111111111111111", "must be an object"),
    ] {
        assert_eq!(token(body).detail(), detail);
        assert_eq!(token(body).code(), ErrorCode::InvalidRequest);
    }
}

#[test]
fn security_codes_get_an_answer_of_their_own() {
    for name in
        ["cvc", "CVV", "cvv2", "cvc2", "cid", "security_code", "securityCode", "pin", "track1", "track2"]
    {
        // Beside the card, and under this name alone, a security code is what it seems to be.
        let beside = if name == "security_code" { "cvv" } else { name };
        for body in [
            format!(r#"{{"type":"card","card":{{"number":"x","{name}":"123"}}}}"#),
            format!(r#"{{"type":"card","card":{{"{name}":123,"number":"x"}}}}"#),
            format!(r#"{{"{beside}":"123","type":"card","card":{{"number":"x"}}}}"#),
            format!(r#"{{"type":"card","card":{{"number":"x"}},"metadata":{{"{name}":"123"}}}}"#),
        ] {
            let error = token(&body);
            assert_eq!(error.code(), ErrorCode::SecurityCodeNotAllowed, "{body}");
            assert!(!seen(&error).contains("123"));
            let batch = format!(r#"{{"items":[{body}]}}"#);
            assert_eq!(refusal::<CreateTokens>(&batch).code(), ErrorCode::SecurityCodeNotAllowed);
        }
    }
    let search = r#"{"type":"card","card":{"number":"x","cvv":"123"}}"#;
    assert_eq!(refusal::<SearchTokens>(search).code(), ErrorCode::SecurityCodeNotAllowed);
    // Elsewhere such a name is unknown like any other.
    let key = r#"{"name":"n","purpose":"field-encryption","pin":"123"}"#;
    assert_eq!(refusal::<CreateKey>(key).code(), ErrorCode::InvalidRequest);
}

#[test]
fn pointers_lead_into_batches() {
    let good = r#"{"type":"card","card":{"number":"x"}}"#;
    let bad = r#"{"type":"card","card":{"number":"x","exp_year":"4111"}}"#;
    let error = refusal::<CreateTokens>(format!(r#"{{"items":[{good},{good},{bad}]}}"#));
    assert_eq!(error.pointer(), Some("/items/2/card/exp_year"));
    let error =
        refusal::<OneOrMany<EncryptItem>>(r#"{"items":[{"plaintext":"YQ=="},{"plaintext":"4111-"}]}"#);
    assert_eq!(error.detail(), "/items/1/plaintext: must be base64 with the standard alphabet and padding");
    let error = refusal::<OneOrMany<EncryptItem>>(r#"{"context":{},"plaintext":4111}"#);
    assert_eq!(error.detail(), "/plaintext: must be a string");
}

#[test]
fn one_or_many_is_one_of_them() {
    for (body, detail) in [
        ("{}", "plaintext is required"),
        ("[]", "must be an object"),
        (r#"{"items":[]}"#, "/items: must be an array of 1 to 1000 items"),
        (r#"{"items":{}}"#, "/items: must be an array of 1 to 1000 items"),
        (r#"{"items":[{"plaintext":""}],"plaintext":""}"#, "/plaintext: unknown name; allowed are: items"),
        (r#"{"items":[{"plaintext":""}],"items":[]}"#, "/items: items is there twice"),
        (r#"{"plaintext":"","items":[]}"#, "/items: unknown name; allowed are: plaintext, context"),
        (r#"{"plaintext":"","plaintext":""}"#, "/plaintext: plaintext is there twice"),
        (
            r#"{"plaintext":"","context":{"a b":"c"}}"#,
            "/context: a context name must be 1 to 64 characters of letters, digits, -, _ and .",
        ),
    ] {
        assert_eq!(refusal::<OneOrMany<EncryptItem>>(body).detail(), detail);
    }
}

#[test]
fn a_batch_has_a_most() {
    let item = json!({"type": "card", "card": {"number": "x"}});
    let fits = json!({"items": vec![item.clone(); 1000]});
    assert!(parse_request::<CreateTokens>(fits.to_string().as_bytes()).is_ok());
    let too_many = json!({"items": vec![item; 1001]});
    assert_eq!(
        refusal::<CreateTokens>(too_many.to_string()).detail(),
        "/items: must be an array of 1 to 1000 items"
    );
}

#[test]
fn what_is_no_json_is_refused_by_place_only() {
    for (body, detail) in [
        (&b""[..], "a JSON body is required"),
        (b"{", "the body ends too early, line 1 column 1"),
        (br#"{"type":"card","card":{"number":"41111111"#, "the body ends too early, line 1 column 41"),
        (b"{\n 4111111111111111: 1}", "the body is not valid JSON, line 2 column 2"),
        (br#"{"type":"card","card":{"number":"4111"}} 4111"#, "the body is not valid JSON, line 1 column 42"),
        (b"\xff\xfe", "the body is not UTF-8"),
        (b"{\"type\":\"c\xffrd\"}", "the body is not UTF-8"),
        (b"\xef\xbb\xbf{}", "the body is not valid JSON, line 1 column 1"),
        (b"{'type':'card'}", "the body is not valid JSON, line 1 column 2"),
        (b"{\"type\":\"card\",}", "the body is not valid JSON, line 1 column 16"),
    ] {
        let error = refusal::<CreateToken>(body);
        assert_eq!((error.detail(), error.pointer()), (detail, None));
    }
    // Escapes of half a character pass the syntax and fail as a value.
    let lone = refusal::<CreateToken>(r#"{"type":"card","card":{"number":"\ud800"}}"#);
    assert_eq!(lone.code(), ErrorCode::InvalidRequest);
}

#[test]
fn depth_costs_no_stack() {
    let detail = "the body nests deeper than 32 levels";
    for open in ["[", r#"{"a":"#] {
        assert_eq!(token(&open.repeat(100_000)).detail(), detail);
        let metadata =
            format!(r#"{{"type":"card","card":{{"number":"x"}},"metadata":{{"a":{}"#, open.repeat(100_000));
        assert_eq!(token(&metadata).detail(), detail);
    }
    let allowed = format!("{}{}", "[".repeat(32), "]".repeat(32));
    assert_eq!(token(&allowed).detail(), "must be an object");
}

#[test]
fn every_request_refuses_a_name_it_does_not_know() {
    fn check<T: serde::de::DeserializeOwned>(body: Value) {
        assert!(parse_request::<T>(body.to_string().as_bytes()).is_ok(), "the body itself is fine");
        let mut body = body;
        body["ttl"] = json!("4111");
        let error = refusal::<T>(body.to_string());
        assert!(error.detail().starts_with("/*: unknown name; allowed are: "), "{error}");
        assert!(!seen(&error).contains("4111"));
    }
    check::<CreateToken>(json!({"type": "card", "card": {"number": "x"}}));
    check::<CreateTokens>(json!({"items": [{"type": "card", "card": {"number": "x"}}]}));
    check::<DetokenizeToken>(json!({"purpose": "refund", "reveal": "full"}));
    check::<DetokenizeTokens>(json!({"purpose": "refund", "reveal": "full", "items": ["x"]}));
    check::<SearchTokens>(json!({"type": "card", "card": {"number": "x"}}));
    check::<CreateKey>(json!({"name": "n", "purpose": "field-encryption"}));
    check::<OneOrMany<EncryptItem>>(json!({"plaintext": ""}));
    check::<OneOrMany<DecryptItem>>(json!({"ciphertext": ""}));
    check::<CreateProfile>(json!({"name": "n"}));
    check::<CreateIdentity>(json!({"service": "s", "reason": "r"}));
    check::<CreateGrant>(json!({"role": "auditor", "reason": "r"}));
}

#[test]
fn queries_are_refused_by_name_only() {
    for (query, detail) in [
        ("limit=0", "query parameter limit: must be a whole number from 1 to 1000"),
        ("limit=4111", "query parameter limit: must be a whole number from 1 to 1000"),
        ("limit=-1", "query parameter limit: must be a whole number from 1 to 1000"),
        ("cursor=a&cursor=4111", "a query parameter is there twice"),
        ("4111=1", "query parameter *: unknown name; allowed are: limit, cursor"),
        ("cursor=%f", "the query is not percent-encoded UTF-8"),
        ("cursor=%FF", "the query is not percent-encoded UTF-8"),
    ] {
        assert_eq!(parse_query::<ListQuery>(query).unwrap_err().detail(), detail);
    }
    let error = parse_query::<EventQuery>("from=4111").unwrap_err();
    assert_eq!(error.detail(), "query parameter from: must be an RFC 3339 time");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let name = prop_oneof!["type|card|number|items|metadata|purpose|exp_month".boxed(), ".{0,6}".boxed()];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// What serde_json reads, this reads the same: the layer that chooses the words changes no meaning.
    #[test]
    fn reads_what_serde_json_reads(value in any_json()) {
        let body = value.to_string();
        let expected: Value = serde_json::from_str(&body).unwrap();
        prop_assert_eq!(parse_request::<Value>(body.as_bytes()), Ok(expected));
    }

    #[test]
    fn accepts_the_bytes_serde_json_accepts(mut body in any_json().prop_map(|value| value.to_string().into_bytes()),
        place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        if !body.is_empty() {
            let place = place.index(body.len());
            body[place] = byte;
        }
        let theirs = serde_json::from_slice::<Value>(&body);
        match parse_request::<Value>(&body) {
            Ok(ours) => prop_assert_eq!(Some(ours), theirs.ok()),
            // Beyond theirs, a name must not be there twice.
            Err(error) => prop_assert!(theirs.is_err() || error.detail().ends_with("is there twice"), "{}", error),
        }
    }

    #[test]
    fn never_panics_and_never_repeats_digits(body in any::<Vec<u8>>(), digits in "[0-9]{12,19}", value in any_json()) {
        let _ = parse_request::<CreateToken>(&body);
        let mut request = json!({"type": "card", "card": {"number": "x"}});
        request["card"][digits.as_str()] = value.clone();
        let error = refusal::<CreateToken>(request.to_string());
        prop_assert!(!seen(&error).contains(&digits));
        let _ = parse_request::<DetokenizeTokens>(value.to_string().as_bytes());
        let _ = parse_request::<OneOrMany<EncryptItem>>(value.to_string().as_bytes());
    }
}
