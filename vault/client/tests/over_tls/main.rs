//! The SDK against a server over real TLS: what it sends, when it sends it again, and what it says when it gives up.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail it")]

mod stand_in;

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use stand_in::{Reply, StandIn, issue, issuer};
use strongroom_client::{
    CardInput, Client, ClientError, CreateKey, CreateToken, DetokenizationPurpose, EncryptItem, ErrorCode,
    IdempotencyKey, KeyName, KeyPurpose, Problem, Reveal, SecretBytes, SecretText, Text, Token,
    TokenListQuery, TransportFailure,
};

const H2: &[&[u8]] = &[b"h2", b"http/1.1"];
const H1: &[&[u8]] = &[b"http/1.1"];
const TOKEN: &str = "tok_0123456789abcdefghjkmnpqrstvwxyz";

fn answer(status: u16, body: &Value) -> Reply {
    let response = Response::builder().status(status).header("content-type", "application/json");
    Reply::Answer(response.body(Body::from(body.to_string())).unwrap())
}

fn problem(code: ErrorCode, retry_after: Option<&str>) -> Reply {
    let mut response = Response::builder()
        .status(code.status())
        .header("content-type", "application/problem+json; charset=utf-8");
    if let Some(seconds) = retry_after {
        response = response.header("retry-after", seconds);
    }
    let body = serde_json::to_string(&Problem::new(code, "as it is", "req_0001")).unwrap();
    Reply::Answer(response.body(Body::from(body)).unwrap())
}

fn key_view() -> Value {
    json!({
        "id": "key_0123456789abcdef", "name": "notes", "purpose": "field-encryption", "protection": "envelope",
        "rotation_days": 365, "created_at": "2026-11-22T15:00:00Z", "current_version": 1, "versions": [],
        "of_a_newer_vault": true
    })
}

fn create_key() -> CreateKey {
    CreateKey {
        name: Text(KeyName::parse("notes").unwrap()),
        purpose: Text(KeyPurpose::FieldEncryption),
        protection: None,
        value_format: None,
        rotation_days: None,
    }
}

fn revealed() -> Value {
    json!({"token": TOKEN, "type": "card", "card": {"number": "4111111111111111", "holder": "A N Other"}})
}

#[tokio::test]
async fn speaks_http_2_where_it_can_and_http_1_where_it_must() {
    for (alpn, http2) in [(H2, true), (H1, false)] {
        let vault = StandIn::with(vec![answer(200, &key_view()), answer(200, &key_view())], alpn).await;
        let client = vault.client().build().unwrap();
        let name = KeyName::parse("notes").unwrap();
        let key = client.get_key(&name).await.unwrap();
        assert_eq!((key.name.as_str(), key.current_version), ("notes", 1));
        client.get_key(&name).await.unwrap();
        for asked in vault.asked() {
            assert_eq!((asked.method.as_str(), asked.target.as_str()), ("GET", "/v1/keys/notes"));
            assert_eq!((asked.http2, asked.idempotency_key), (http2, None));
        }
    }
}

/// Calls must be usable from tasks, which move between threads.
#[tokio::test]
async fn calls_and_streams_can_be_spawned() {
    fn spawnable<T: Send + 'static>(_: &T) {}
    let client = StandIn::with(Vec::new(), H2).await.client().build().unwrap();
    spawnable(&client.tokens(&TokenListQuery::default()));
    spawnable(&client.export_audit().await.map(strongroom_client::AuditExport::into_parts));
    spawnable(&async move { client.create_key(&create_key()).await.map(drop) });
}

#[tokio::test]
async fn a_creating_call_is_repeated_under_one_key() {
    for hindrance in [problem(ErrorCode::HsmUnavailable, Some("0")), Reply::HangUp] {
        let vault = StandIn::with(vec![hindrance, answer(201, &key_view())], H1).await;
        let client = vault.client().build().unwrap();
        client.create_key(&create_key()).await.unwrap();

        let asked = vault.asked();
        assert_eq!(asked.len(), 2);
        let keys: Vec<_> = asked.iter().filter_map(|asked| asked.idempotency_key.clone()).collect();
        assert_eq!(keys.len(), 2);
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(asked[0].body, asked[1].body);
        let sent: Value = serde_json::from_slice(&asked[0].body).unwrap();
        assert_eq!(sent, json!({"name": "notes", "purpose": "field-encryption"}));
    }
}

#[tokio::test]
async fn a_key_of_the_callers_own_is_sent_as_it_is() {
    let vault = StandIn::with(vec![answer(200, &key_view())], H2).await;
    let client = vault.client().build().unwrap();
    let key = IdempotencyKey::parse("order-4711").unwrap();
    client.with_idempotency_key(key).rotate_key(&KeyName::parse("notes").unwrap()).await.unwrap();
    let asked = vault.asked();
    assert_eq!(asked[0].idempotency_key.as_deref(), Some("order-4711"));
    assert_eq!((asked[0].target.as_str(), asked[0].body.len()), ("/v1/keys/notes/rotate", 0));
}

#[tokio::test]
async fn a_lost_reveal_is_not_asked_for_again() {
    for loss in [Reply::HangUp, Reply::Silence] {
        let vault = StandIn::with(vec![loss, answer(200, &revealed())], H1).await;
        let client = vault.client().attempt_timeout(Duration::from_millis(500)).build().unwrap();
        let token = Token::parse(TOKEN).unwrap();
        let lost = client.detokenize_token(&token, DetokenizationPurpose::Refund, Reveal::Full).await;
        let error = lost.err().unwrap();
        assert!(
            matches!(
                error,
                ClientError::Transport {
                    failure: TransportFailure::Interrupted | TransportFailure::Timeout,
                    ..
                }
            ),
            "{error}"
        );
        assert!(!format!("{error} {error:?}").contains(TOKEN), "an address got into {error:?}");
        assert_eq!(vault.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_that_says_later_is_tried_four_times_and_then_told() {
    let replies = (0..9).map(|_| problem(ErrorCode::Overloaded, None)).collect();
    let vault = StandIn::with(replies, H2).await;
    let client = vault.client().build().unwrap();
    let token = Token::parse(TOKEN).unwrap();
    let refused = client.detokenize_token(&token, DetokenizationPurpose::Refund, Reveal::Full).await;
    let error = refused.err().unwrap();
    assert_eq!(error.code(), Some(ErrorCode::Overloaded));
    assert_eq!(error.to_string(), "overloaded: as it is (req_0001)");
    assert_eq!(vault.asked().len(), 4);
}

#[tokio::test]
async fn a_refusal_for_good_is_told_at_once() {
    let vault = StandIn::with(vec![problem(ErrorCode::NotFound, None), answer(200, &key_view())], H2).await;
    let client = vault.client().build().unwrap();
    let error = client.get_key(&KeyName::parse("notes").unwrap()).await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::NotFound));
    assert_eq!(vault.asked().len(), 1);
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let vault =
        StandIn::with(vec![problem(ErrorCode::Overloaded, Some("1")), answer(200, &key_view())], H2).await;
    let client = vault.client().build().unwrap();
    let begun = Instant::now();
    client.get_key(&KeyName::parse("notes").unwrap()).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn all_tries_together_have_a_deadline() {
    let vault = StandIn::with((0..9).map(|_| Reply::Silence).collect(), H2).await;
    let client = vault
        .client()
        .attempts(9)
        .attempt_timeout(Duration::from_millis(300))
        .deadline(Duration::from_millis(700))
        .build()
        .unwrap();
    let begun = Instant::now();
    let error = client.get_status().await.unwrap_err();
    assert!(matches!(error, ClientError::Transport { failure: TransportFailure::Timeout, .. }), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!((2..=3).contains(&vault.asked().len()));
}

#[tokio::test]
async fn what_is_not_of_this_api_is_called_so() {
    let page =
        Response::builder().status(403).header("content-type", "text/html").body(Body::from("<p>4111</p>"));
    let half = answer(200, &json!({"name": "4111111111111111"}));
    let vault = StandIn::with(vec![Reply::Answer(page.unwrap()), half], H2).await;
    let client = vault.client().build().unwrap();
    for status in [403, 200] {
        let error = client.get_key(&KeyName::parse("notes").unwrap()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("the answer with status {status} is not one of this API"));
        assert!(!format!("{error:?}").contains("4111"));
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere =
        Response::builder().status(307).header("location", "https://localhost:1/").body(Body::empty());
    let vault = StandIn::with(vec![Reply::Answer(elsewhere.unwrap())], H2).await;
    let error = vault.client().build().unwrap().get_status().await.unwrap_err();
    assert!(matches!(error, ClientError::Answer { status: 307 }), "{error}");
}

#[tokio::test]
async fn cards_and_fields_go_there_and_come_back() {
    let encrypted = json!({"ciphertext": "AQI=", "key_version": 3});
    let vault =
        StandIn::with(vec![answer(200, &revealed()), answer(200, &encrypted), Reply::HangUp], H2).await;
    let client = vault.client().attempts(1).build().unwrap();
    let token = Token::parse(TOKEN).unwrap();
    let shown = client.detokenize_token(&token, DetokenizationPurpose::Refund, Reveal::Full).await.unwrap();
    let card = shown.card.unwrap();
    assert!(card.number.secret().ct_eq(b"4111111111111111"));
    assert!(card.holder.is_some_and(|holder| holder.secret().ct_eq(b"A N Other")));

    let item = EncryptItem { plaintext: SecretBytes::new(b"abc".to_vec()), context: Default::default() };
    let field = client.encrypt(&KeyName::parse("notes").unwrap(), item).await.unwrap();
    assert_eq!((field.ciphertext.0, field.key_version), (vec![1, 2], 3));

    let number = SecretText::new("4111 1111 1111 1111".to_owned());
    let error = client.create_token(&CreateToken::card(CardInput::new(number))).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("4111"));
    let asked = vault.asked();
    let bodies: Vec<Value> = asked.iter().map(|asked| serde_json::from_slice(&asked.body).unwrap()).collect();
    assert_eq!(bodies[0], json!({"purpose": "refund", "reveal": "full"}));
    assert_eq!(bodies[1], json!({"plaintext": "YWJj", "context": {}}));
    assert_eq!(bodies[2], json!({"type": "card", "card": {"number": "4111 1111 1111 1111"}}));
    assert_eq!(asked[0].target, format!("/v1/tokens/{TOKEN}/detokenize"));
}

#[tokio::test]
async fn a_stream_goes_over_all_pages() {
    let pages = vec![
        answer(200, &json!({"items": [key_view(), key_view()], "next_cursor": "a+b"})),
        answer(200, &json!({"items": [], "next_cursor": "c"})),
        answer(200, &json!({"items": [key_view()]})),
    ];
    let vault = StandIn::with(pages, H2).await;
    let client = vault.client().build().unwrap();
    let keys: Vec<_> = client.keys().try_collect().await.unwrap();
    assert_eq!(keys.len(), 3);
    let targets: Vec<_> = vault.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(targets, ["/v1/keys", "/v1/keys?cursor=a%2Bb", "/v1/keys?cursor=c"]);
}

fn stream_of(parts: Vec<Result<&'static str, &'static str>>) -> Reply {
    let parts = parts.into_iter().map(|part| part.map(Bytes::from).map_err(std::io::Error::other));
    // With pauses, so that the parts arrive one by one.
    let slowly = stream::iter(parts).then(|part| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        part
    });
    let response = Response::builder().header("content-type", "application/x-ndjson");
    Reply::Answer(response.body(Body::from_stream(slowly)).unwrap())
}

#[tokio::test]
async fn an_export_is_written_away_as_it_comes() {
    for alpn in [H1, H2] {
        let vault = StandIn::with(vec![stream_of(vec![Ok("{\"a\":1}\n"), Ok("{\"b\":2}\n")])], alpn).await;
        let client = vault.client().build().unwrap();
        let mut file = Vec::new();
        let export = client.export_audit().await.unwrap();
        assert_eq!(export.write_to(&mut file).await.unwrap(), 16);
        assert_eq!(file, b"{\"a\":1}\n{\"b\":2}\n");
    }
}

#[tokio::test]
async fn an_export_that_breaks_off_is_an_error() {
    for alpn in [H1, H2] {
        let vault = StandIn::with(vec![stream_of(vec![Ok("{\"a\":1}\n"), Err("gone")])], alpn).await;
        let client = vault.client().build().unwrap();
        let export = client.export_audit().await.unwrap();
        let parts: Vec<_> = export.into_parts().collect().await;
        assert!(parts.last().is_some_and(Result::is_err));
    }
}

#[tokio::test]
async fn strangers_are_told_apart_from_a_vault_that_is_away() {
    let vault = StandIn::with(vec![answer(200, &key_view())], H2).await;
    let failure = |client: Client| async move {
        match client.get_status().await {
            Err(ClientError::Transport { failure, .. }) => Some(failure),
            _ => None,
        }
    };

    // Another authority signed the vault's certificate than we trust.
    let other = issuer();
    let client = vault.client().ca_pem(other.pem()).build().unwrap();
    assert_eq!(failure(client).await, Some(TransportFailure::Tls));

    // Another authority signed our certificate than the vault trusts.
    let stranger = issue(&other, "stranger");
    let client = vault.client().identity_pem(stranger.certificate, stranger.key).build().unwrap();
    assert_eq!(failure(client).await, Some(TransportFailure::Tls));

    // Nobody is there.
    let client = vault.client().base_url("https://localhost:1").build().unwrap();
    assert_eq!(failure(client).await, Some(TransportFailure::Connect));
    assert!(vault.asked().is_empty());
}

#[tokio::test]
async fn what_makes_no_client_is_refused_by_name() {
    let vault = StandIn::with(Vec::new(), H2).await;
    let refusal =
        |builder: strongroom_client::ClientBuilder| builder.build().err().map(|error| error.to_string());
    for url in ["", "http://localhost", "localhost:8443", "https://localhost/?a=b", "mailto:a@b"] {
        let told = refusal(vault.client().base_url(url));
        assert_eq!(told.as_deref(), Some("base_url must be an https address without query"));
    }
    for pem in ["", "no pem", &vault.identity.key] {
        let told = refusal(vault.client().ca_pem(pem));
        assert_eq!(
            told.as_deref(),
            Some("ca_pem must hold the certificates of the vault's authority in PEM")
        );
    }
    let told = refusal(vault.client().identity_pem(vault.identity.certificate.as_bytes(), "no key"));
    assert_eq!(
        told.as_deref(),
        Some("identity_pem must hold a certificate chain and its private key in PEM")
    );
    let other = issue(&issuer(), "shop");
    let told = refusal(vault.client().identity_pem(vault.identity.certificate.as_bytes(), other.key));
    assert_eq!(told.as_deref(), Some("the certificate and the private key of the identity cannot be used"));
    assert!(refusal(vault.client().attempts(0)).is_some());
}
