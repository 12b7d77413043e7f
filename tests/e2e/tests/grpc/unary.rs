//! One message, one answer.

use std::time::Duration;

use serde_json::json;
use strongroom_api::grpc::{METHODS, MethodId, v1};
use strongroom_e2e::{Outcome, VaultProcess, card_numbers, encodings, find_any};
use tonic::{Code, Request};

use super::channel::{Client, card, code, reveal};

#[tokio::test]
async fn values_go_there_and_back_and_leave_no_trace() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let numbers = card_numbers(3);
    let mut tokenizer = Client::connect(&vault, Some("acme-tokenizer")).await?;
    let mut detokenizer = Client::connect(&vault, Some("acme-detokenizer")).await?;

    let made: v1::CreateTokenResponse =
        tokenizer.call(MethodId::CreateToken, Request::new(card(&numbers[0]))).await?;
    let token = made.token.ok_or("no token")?.token;
    let request = Request::new(reveal(&token, v1::Reveal::Full));
    let value: v1::DetokenizeTokenResponse = detokenizer.call(MethodId::DetokenizeToken, request).await?;
    let Some(v1::detokenize_token_response::Value::Card(shown)) = value.value else {
        return Err("no card".into());
    };
    assert!(shown.number == numbers[0]);

    // REST knows the token, and gRPC knows REST's.
    let rest = vault.caller("acme-tokenizer")?;
    rest.get(&format!("/v1/tokens/{token}")).await?.expect(200)?;
    let body = json!({"type": "card", "card": {"number": numbers[1]}});
    let other = rest.post("/v1/tokens", &body).await?.expect(201)?.text_at("/token")?;
    let request = Request::new(reveal(&other, v1::Reveal::Masked));
    let _: v1::DetokenizeTokenResponse = detokenizer.call(MethodId::DetokenizeToken, request).await?;

    // Once per key, also over another connection.
    let once = || {
        let mut request = Request::new(card(&numbers[2]));
        request
            .metadata_mut()
            .insert("idempotency-key", tonic::metadata::MetadataValue::from_static("order-42"));
        request
    };
    let first: v1::CreateTokenResponse = tokenizer.call(MethodId::CreateToken, once()).await?;
    let mut again = Client::connect(&vault, Some("acme-tokenizer")).await?;
    let again: v1::CreateTokenResponse = again.call(MethodId::CreateToken, once()).await?;
    assert_eq!(again.token.map(|token| token.token), first.token.map(|token| token.token));

    let bad = Request::new(card("4111111111111112"));
    let refusal = tokenizer.call::<_, v1::CreateTokenResponse>(MethodId::CreateToken, bad).await;
    let refusal = refusal.err().ok_or("taken for a card number")?;
    assert_eq!((refusal.code(), code(&refusal).as_str()), (Code::InvalidArgument, "card_number_invalid"));
    let details = format!("{refusal:?}");

    let needles: Vec<Vec<u8>> =
        numbers.iter().map(String::as_str).chain(["4111111111111112"]).flat_map(encodings).collect();
    assert!(find_any(vault.log().as_bytes(), &needles).is_none(), "the log repeats a card number");
    assert!(find_any(details.as_bytes(), &needles).is_none(), "a refusal repeats a card number");
    let audit = vault.caller("platform-auditor")?.get("/v1/audit/export").await?.expect(200)?;
    assert!(find_any(audit.text.as_bytes(), &needles).is_none(), "the record repeats a card number");
    assert!(vault.log().contains("grpc_create_token"), "calls are told of in the log");
    Ok(())
}

#[tokio::test]
async fn fields_are_sealed_and_the_wrong_caller_is_refused() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let key = json!({"name": "notes", "purpose": "field-encryption"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &key).await?.expect(201)?;
    let field =
        |plaintext: Vec<u8>| v1::EncryptRequest { key: "notes".to_owned(), plaintext, ..Default::default() };
    let mut encryptor = Client::connect(&vault, Some("acme-encryptor")).await?;
    let sealed: v1::EncryptResponse =
        encryptor.call(MethodId::Encrypt, Request::new(field(b"note".to_vec()))).await?;
    let open = || {
        let ciphertext = sealed.ciphertext.clone();
        Request::new(v1::DecryptRequest { key: "notes".to_owned(), ciphertext, ..Default::default() })
    };
    let mut decryptor = Client::connect(&vault, Some("acme-decryptor")).await?;
    let opened: v1::DecryptResponse = decryptor.call(MethodId::Decrypt, open()).await?;
    assert_eq!(opened.plaintext, b"note");

    let refused = encryptor.call::<_, v1::DecryptResponse>(MethodId::Decrypt, open()).await;
    let refused = refused.err().ok_or("the wrong role may read")?;
    assert_eq!((refused.code(), code(&refused).as_str()), (Code::PermissionDenied, "permission_denied"));
    let mut other = Client::connect(&vault, Some("globex-decryptor")).await?;
    let refused = other.call::<_, v1::DecryptResponse>(MethodId::Decrypt, open()).await;
    assert_eq!(code(&refused.err().ok_or("another tenant may read")?), "not_found");

    let large = Request::new(field(vec![7; 1 << 20]));
    let refused = encryptor.call::<_, v1::EncryptResponse>(MethodId::Encrypt, large).await;
    let refused = refused.err().ok_or("there is no cap")?;
    assert_eq!((refused.code(), code(&refused).as_str()), (Code::ResourceExhausted, "payload_too_large"));

    let mut hurried = Request::new(field(b"note".to_vec()));
    hurried.set_timeout(Duration::from_micros(1));
    let late = encryptor.call::<_, v1::EncryptResponse>(MethodId::Encrypt, hurried).await;
    let late = late.err().ok_or("there was time")?.code();
    // tonic's own clock says Cancelled where the vault's says DeadlineExceeded.
    assert!(matches!(late, Code::DeadlineExceeded | Code::Cancelled), "{late}");
    Ok(())
}

#[tokio::test]
async fn strangers_do_not_come_as_far_as_a_method() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    for method in METHODS {
        let Ok(mut stranger) = Client::connect(&vault, None).await else { continue };
        let request = Request::new(v1::EncryptRequest::default());
        let answer = stranger.call::<_, v1::EncryptResponse>(method.id, request).await;
        assert!(answer.is_err(), "{} answers strangers", method.path);
    }
    assert!(!vault.log().contains("grpc_"), "a stranger came as far as a method");
    Ok(())
}
