//! Every route: closed without identity, closed without permission, open to its role, on record, capped.

use serde_json::{Value, json};
use strongroom_api::ROUTES;
use strongroom_e2e::{Caller, Outcome, VaultProcess, at, card_numbers};

/// A route as it is tried: by whom, with what, and what it answers.
struct Case {
    route: &'static str,
    identity: &'static str,
    /// An identity of the same tenant that may not.
    refused: &'static str,
    path: String,
    body: Option<Value>,
    status: u16,
    action: &'static str,
}

/// What the cases need to be there.
struct Things {
    token: String,
    spare: String,
    ciphertext: String,
    mac: String,
    signature: String,
    document: Value,
    grant: String,
    kid: String,
    decoy: String,
    honeytoken: String,
}

#[tokio::test]
async fn every_route_is_closed_audited_and_capped() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let things = prepare(&vault).await?;
    let cases = cases(&things)?;
    for route in ROUTES {
        let name = format!("{} {}", route.method, route.path);
        let case =
            cases.iter().find(|case| case.route == name).ok_or_else(|| format!("{name} is not covered"))?;
        without_identity(&vault, case).await?;
        if route.action.is_some() {
            without_permission(&vault, case).await?;
        }
        let answer = ask(&vault.caller(case.identity)?, case).await?;
        assert_eq!(answer.status.as_u16(), case.status, "{name}: {}", answer.text);
        if let Some(action) = route.action {
            assert_eq!(action.as_str(), case.action, "{name}");
            let outcome = if answer.status.is_success() { "success".to_owned() } else { answer.code() };
            on_record(&vault, case, &answer.headers, &outcome).await?;
        }
        if case.body.is_some() {
            over_the_cap(&vault, case, route.body_cap).await?;
        }
    }
    assert_eq!(cases.len(), ROUTES.len());
    Ok(())
}

/// The public key of RFC 7517, appendix A.1.
const RFC_7517_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"enc"}"#;

async fn prepare(vault: &VaultProcess) -> Outcome<Things> {
    let tokenizer = vault.caller("acme-tokenizer")?;
    let mut tokens = Vec::new();
    for number in card_numbers(4) {
        let body = json!({"type": "card", "card": {"number": number}});
        tokens.push(tokenizer.post("/v1/tokens", &body).await?.expect(201)?.text_at("/token")?);
    }
    let key = json!({"name": "notes", "purpose": "field-encryption"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &key).await?.expect(201)?;
    let deterministic = json!({"name": "emails", "purpose": "deterministic-encryption"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &deterministic).await?.expect(201)?;
    let mac = json!({"name": "orders", "purpose": "mac"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &mac).await?.expect(201)?;
    let data = json!({"data": "aGVsbG8="});
    let mac = vault.caller("acme-encryptor")?.post("/v1/keys/orders/mac", &data).await?.expect(200)?;
    let sign = json!({"name": "letters", "purpose": "sign", "protection": "hsm"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &sign).await?.expect(201)?;
    let message = json!({"message": "aGVsbG8="});
    let signed =
        vault.caller("acme-encryptor")?.post("/v1/keys/letters/sign", &message).await?.expect(200)?;
    let browsers = json!({"name": "browsers", "purpose": "client-encryption"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &browsers).await?.expect(201)?;
    let plaintext = json!({"plaintext": "aGVsbG8="});
    let sealed =
        vault.caller("acme-encryptor")?.post("/v1/keys/notes/encrypt", &plaintext).await?.expect(200)?;
    let document = json!({"key": "notes", "fields": ["/name"], "document": {"name": "A N Other"}});
    let document =
        vault.caller("acme-encryptor")?.post("/v1/documents/encrypt", &document).await?.expect(200)?.json();
    let admin = vault.caller("acme-identity-admin")?;
    let identity = json!({"service": "till", "reason": "a new till"});
    admin.post("/v1/identities", &identity).await?.expect(201)?;
    let grant = json!({"role": "tokenizer", "reason": "it takes cards"});
    let grant = admin.post("/v1/identities/till/grants", &grant).await?.expect(201)?;
    let key = json!({"jwk": RFC_7517_KEY.parse::<Value>()?, "reason": "it opens cards itself"});
    let key = admin.post("/v1/identities/gateway/encryption-keys", &key).await?.expect(201)?;
    let mut tokens = tokens.into_iter();
    let marked = json!({"token": tokens.next(), "reason": "nobody has business with it"});
    let marked = admin.post("/v1/honeytokens", &marked).await?.expect(201)?;
    Ok(Things {
        token: tokens.next().ok_or("no token")?,
        spare: tokens.next().ok_or("no token")?,
        ciphertext: sealed.text_at("/ciphertext")?,
        mac: mac.text_at("/mac")?,
        document: at(&document, "/document").clone(),
        signature: signed.text_at("/signature")?,
        grant: grant.text_at("/id")?,
        kid: key.text_at("/kid")?,
        decoy: tokens.next().ok_or("no token")?,
        honeytoken: marked.text_at("/id")?,
    })
}

fn cases(things: &Things) -> Outcome<Vec<Case>> {
    let number = card_numbers(1).pop().ok_or("no number")?;
    let card = json!({"type": "card", "card": {"number": number}});
    let token = &things.token;
    let plain = json!({"plaintext": "aGVsbG8="});
    let sealed = json!({"ciphertext": things.ciphertext});
    let reveal = json!({"purpose": "display", "reveal": "masked"});
    let case = |route: &'static str, who: (&'static str, &'static str), path: &str, body, status, action| {
        Case { route, identity: who.0, refused: who.1, path: path.to_owned(), body, status, action }
    };
    let tokenizer = ("acme-tokenizer", "acme-key-admin");
    let detokenizer = ("acme-detokenizer", "acme-tokenizer");
    let key_admin = ("acme-key-admin", "acme-tokenizer");
    let encryptor = ("acme-encryptor", "acme-decryptor");
    let decryptor = ("acme-decryptor", "acme-encryptor");
    let identity_admin = ("acme-identity-admin", "acme-key-admin");
    let auditor = ("acme-auditor", "acme-operator");
    Ok(vec![
        case("POST /v1/tokens", tokenizer, "/v1/tokens", Some(card.clone()), 201, "token.create"),
        case("GET /v1/tokens", tokenizer, "/v1/tokens?limit=2", None, 200, "token.list"),
        case(
            "PATCH /v1/tokens/{token}",
            tokenizer,
            &format!("/v1/tokens/{token}"),
            Some(json!({"metadata": {"order": "43"}})),
            200,
            "token.update",
        ),
        case(
            "POST /v1/tokens/batch",
            tokenizer,
            "/v1/tokens/batch",
            Some(json!({"items": [card]})),
            200,
            "token.create",
        ),
        case(
            "POST /v1/tokens/detokenize",
            detokenizer,
            "/v1/tokens/detokenize",
            Some(json!({"purpose": "display", "reveal": "masked", "items": [token]})),
            200,
            "token.detokenize",
        ),
        case(
            "POST /v1/tokens/search",
            tokenizer,
            "/v1/tokens/search",
            Some(card.clone()),
            200,
            "token.search",
        ),
        case("GET /v1/tokens/{token}", tokenizer, &format!("/v1/tokens/{token}"), None, 200, "token.get"),
        case(
            "DELETE /v1/tokens/{token}",
            tokenizer,
            &format!("/v1/tokens/{}", things.spare),
            None,
            204,
            "token.delete",
        ),
        case(
            "POST /v1/tokens/{token}/detokenize",
            detokenizer,
            &format!("/v1/tokens/{token}/detokenize"),
            Some(reveal),
            200,
            "token.detokenize",
        ),
        case(
            "POST /v1/tokens/{token}/security-code",
            tokenizer,
            &format!("/v1/tokens/{token}/security-code"),
            Some(json!({"security_code": "123", "ttl_seconds": 60})),
            201,
            "token.put-security-code",
        ),
        case(
            "POST /v1/tokens/{token}/security-code/result",
            tokenizer,
            &format!("/v1/tokens/{token}/security-code/result"),
            Some(json!({"result": "approved"})),
            204,
            "token.report-authorisation",
        ),
        case(
            "POST /v1/keys",
            key_admin,
            "/v1/keys",
            Some(json!({"name": "more", "purpose": "field-encryption"})),
            201,
            "key.create",
        ),
        case("GET /v1/keys", key_admin, "/v1/keys", None, 200, "key.list"),
        case("GET /v1/keys/{key}", key_admin, "/v1/keys/notes", None, 200, "key.get"),
        case("POST /v1/keys/{key}/rotate", key_admin, "/v1/keys/notes/rotate", None, 200, "key.rotate"),
        case(
            "POST /v1/keys/{key}/encrypt",
            encryptor,
            "/v1/keys/notes/encrypt",
            Some(plain.clone()),
            200,
            "crypto.encrypt",
        ),
        case(
            "POST /v1/keys/{key}/lookup",
            ("acme-encryptor", "acme-tokenizer"),
            "/v1/keys/emails/lookup",
            Some(plain),
            200,
            "crypto.lookup",
        ),
        case(
            "POST /v1/keys/{key}/data-key",
            encryptor,
            "/v1/keys/notes/data-key",
            Some(json!({"length": 32})),
            200,
            "crypto.data-key",
        ),
        case(
            "POST /v1/keys/{key}/mac",
            encryptor,
            "/v1/keys/orders/mac",
            Some(json!({"data": "aGVsbG8="})),
            200,
            "crypto.mac",
        ),
        case(
            "POST /v1/keys/{key}/verify-mac",
            ("acme-decryptor", "acme-tokenizer"),
            "/v1/keys/orders/verify-mac",
            Some(json!({"data": "aGVsbG8=", "mac": things.mac})),
            200,
            "crypto.verify-mac",
        ),
        case(
            "GET /v1/keys/{key}/jwks",
            ("acme-tokenizer", "acme-detokenizer"),
            "/v1/keys/browsers/jwks",
            None,
            200,
            "key.public-keys",
        ),
        case(
            "POST /v1/documents/encrypt",
            encryptor,
            "/v1/documents/encrypt",
            Some(json!({"key": "notes", "fields": ["/a"], "document": {"a": 1}})),
            200,
            "crypto.encrypt",
        ),
        case(
            "POST /v1/documents/decrypt",
            decryptor,
            "/v1/documents/decrypt",
            Some(json!({"key": "notes", "fields": ["/name"], "document": things.document})),
            200,
            "crypto.decrypt",
        ),
        case(
            "POST /v1/documents/reencrypt",
            ("acme-encryptor", "acme-tokenizer"),
            "/v1/documents/reencrypt",
            Some(json!({"key": "notes", "fields": ["/name"], "document": things.document})),
            200,
            "crypto.reencrypt",
        ),
        case(
            "POST /v1/proxy",
            // Where it goes to there is nobody; tests/forward.rs tells what becomes of it elsewhere.
            ("acme-gateway", "acme-detokenizer"),
            "/v1/proxy",
            Some(json!({
                "destination": "nowhere", "method": "GET", "path": "/v1/payments", "purpose": "authorisation",
                "tokens": {"card": token}
            })),
            422,
            "proxy.forward",
        ),
        case(
            "POST /v1/keys/{key}/sign",
            encryptor,
            "/v1/keys/letters/sign",
            Some(json!({"message": "aGVsbG8="})),
            200,
            "crypto.sign",
        ),
        case(
            "POST /v1/keys/{key}/verify",
            ("acme-decryptor", "acme-tokenizer"),
            "/v1/keys/letters/verify",
            Some(json!({"message": "aGVsbG8=", "signature": things.signature, "key_version": 1})),
            200,
            "crypto.verify",
        ),
        case(
            "GET /v1/keys/{key}/public-keys",
            ("acme-auditor", "acme-detokenizer"),
            "/v1/keys/letters/public-keys",
            None,
            200,
            "key.public-keys",
        ),
        case(
            "POST /v1/keys/{key}/decrypt",
            decryptor,
            "/v1/keys/notes/decrypt",
            Some(sealed.clone()),
            200,
            "crypto.decrypt",
        ),
        case(
            "POST /v1/keys/{key}/reencrypt",
            ("acme-decryptor", "acme-tokenizer"),
            "/v1/keys/notes/reencrypt",
            Some(sealed),
            200,
            "crypto.reencrypt",
        ),
        case(
            "POST /v1/token-profiles",
            key_admin,
            "/v1/token-profiles",
            Some(json!({"name": "cards", "format": "card", "keep": "6/4"})),
            201,
            "profile.create",
        ),
        case(
            "GET /v1/token-profiles",
            ("acme-key-admin", "acme-encryptor"),
            "/v1/token-profiles",
            None,
            200,
            "profile.list",
        ),
        case(
            "GET /v1/token-profiles/{profile}",
            ("acme-key-admin", "acme-encryptor"),
            "/v1/token-profiles/default",
            None,
            200,
            "profile.get",
        ),
        case(
            "POST /v1/identities",
            identity_admin,
            "/v1/identities",
            Some(json!({"service": "kiosk", "reason": "a new kiosk"})),
            201,
            "identity.create",
        ),
        case("GET /v1/identities", identity_admin, "/v1/identities", None, 200, "identity.list"),
        case(
            "GET /v1/identities/{service}/velocity-limits",
            identity_admin,
            "/v1/identities/till/velocity-limits",
            None,
            200,
            "velocity-limits.get",
        ),
        case(
            "PUT /v1/identities/{service}/velocity-limits",
            identity_admin,
            "/v1/identities/till/velocity-limits",
            Some(json!({"limits": [{"kind": "reveal", "items": 5, "window_seconds": 60}]})),
            200,
            "velocity-limits.set",
        ),
        case(
            "POST /v1/honeytokens",
            identity_admin,
            "/v1/honeytokens",
            Some(json!({"token": things.decoy, "reason": "nobody has business with it"})),
            201,
            "honeytoken.create",
        ),
        case("GET /v1/honeytokens", identity_admin, "/v1/honeytokens", None, 200, "honeytoken.list"),
        case(
            "POST /v1/honeytokens/{honeytoken}/withdraw",
            identity_admin,
            &format!("/v1/honeytokens/{}/withdraw", things.honeytoken),
            None,
            200,
            "honeytoken.withdraw",
        ),
        case(
            "GET /v1/identities/{service}",
            identity_admin,
            "/v1/identities/till",
            None,
            200,
            "identity.get",
        ),
        case(
            "POST /v1/identities/{service}/disable",
            identity_admin,
            "/v1/identities/kiosk/disable",
            None,
            200,
            "identity.disable",
        ),
        case(
            "POST /v1/identities/{service}/grants",
            identity_admin,
            "/v1/identities/till/grants",
            Some(json!({"role": "detokenizer", "reason": "it gives money back"})),
            201,
            "grant.create",
        ),
        case(
            "POST /v1/identities/{service}/grants/{grant}/revoke",
            identity_admin,
            &format!("/v1/identities/till/grants/{}/revoke", things.grant),
            None,
            200,
            "grant.revoke",
        ),
        case(
            "POST /v1/identities/{service}/encryption-keys",
            identity_admin,
            "/v1/identities/till/encryption-keys",
            Some(json!({"jwk": RFC_7517_KEY.parse::<Value>()?, "reason": "it opens cards itself"})),
            201,
            "encryption-key.create",
        ),
        case(
            "GET /v1/identities/{service}/encryption-keys",
            identity_admin,
            "/v1/identities/gateway/encryption-keys",
            None,
            200,
            "encryption-key.list",
        ),
        case(
            "POST /v1/identities/{service}/encryption-keys/{kid}/revoke",
            identity_admin,
            &format!("/v1/identities/gateway/encryption-keys/{}/revoke", things.kid),
            None,
            200,
            "encryption-key.revoke",
        ),
        case("GET /v1/audit/events", auditor, "/v1/audit/events?limit=5", None, 200, "audit.search"),
        case("GET /v1/audit/export", auditor, "/v1/audit/export", None, 200, "audit.export"),
        case("GET /v1/audit/checkpoints", auditor, "/v1/audit/checkpoints", None, 200, "audit.export"),
        case("GET /v1/status", ("acme-operator", "acme-tokenizer"), "/v1/status", None, 200, "status.get"),
        case("GET /v1/openapi.json", tokenizer, "/v1/openapi.json", None, 200, ""),
    ])
}

async fn ask(caller: &Caller, case: &Case) -> Outcome<strongroom_e2e::Answer> {
    let method = case.route.split(' ').next().unwrap_or_default();
    let body = case.body.as_ref().map(|body| body.to_string().into_bytes());
    caller.send(method.parse()?, &case.path, body, &[]).await
}

/// Without a client certificate there is no TLS, so no HTTP and no answer.
async fn without_identity(vault: &VaultProcess, case: &Case) -> Outcome<()> {
    assert!(ask(&vault.stranger()?, case).await.is_err(), "{} answers strangers", case.route);
    Ok(())
}

async fn without_permission(vault: &VaultProcess, case: &Case) -> Outcome<()> {
    let answer = ask(&vault.caller(case.refused)?, case).await?;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (403, "permission_denied"),
        "{}",
        case.route
    );
    on_record(vault, case, &answer.headers, "permission_denied").await
}

/// The request, found by the id in its answer, is on record with its action and outcome.
async fn on_record(
    vault: &VaultProcess,
    case: &Case,
    headers: &reqwest::header::HeaderMap,
    outcome: &str,
) -> Outcome<()> {
    let request_id = headers.get("x-request-id").ok_or("no request id")?.to_str()?;
    let path = format!("/v1/audit/events?request_id={request_id}");
    let found = vault.caller("acme-auditor")?.get(&path).await?.expect(200)?.json();
    let events = at(&found, "/items").as_array().cloned().unwrap_or_default();
    assert_eq!(events.len(), 1, "{}: {} records", case.route, events.len());
    let event = events.first().cloned().unwrap_or_default();
    assert_eq!(at(&event, "/action"), case.action, "{}", case.route);
    assert_eq!(at(&event, "/outcome"), outcome, "{}", case.route);
    assert_eq!(at(&event, "/tenant"), "acme", "{}", case.route);
    Ok(())
}

async fn over_the_cap(vault: &VaultProcess, case: &Case, cap: usize) -> Outcome<()> {
    assert!(cap > 0, "{} takes a body but has no cap", case.route);
    let body = format!("{{\"padding\":\"{}\"}}", "x".repeat(cap));
    let method = case.route.split(' ').next().unwrap_or_default();
    let caller = vault.caller(case.identity)?;
    let answer = caller.send(method.parse()?, &case.path, Some(body.into_bytes()), &[]).await?;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (413, "payload_too_large"),
        "{}",
        case.route
    );
    Ok(())
}
