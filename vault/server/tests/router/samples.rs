//! For each call a request that goes well, and who may make it.

use serde_json::{Value, json};
use strongroom_api::{Route, RouteId};
use strongroom_crypto::jwe::RecipientKey;
use strongroom_domain::Secret;

use crate::world::{CARD, World};

const OTHER_CARD: &str = "5555555555554444";

/// Things for the requests to be about.
pub(crate) struct Things {
    token: String,
    ciphertext: String,
    grant: String,
    kid: String,
    honeytoken: String,
    mac: String,
    signature: String,
    name: Value,
}

fn document(name: &Value) -> Value {
    json!({ "key": "notes", "fields": ["/name"], "document": { "name": name } })
}

/// A caller's pair of keys; another one for each number.
pub(crate) fn pair(number: u8) -> RecipientKey {
    RecipientKey::generate(&Secret::new([number; 48]))
}

/// Its public half.
pub(crate) fn public_key(number: u8) -> Value {
    serde_json::from_str(&pair(number).public().to_string()).unwrap()
}

/// A request that goes well.
pub(crate) struct Sample {
    pub(crate) caller: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
    pub(crate) status: u16,
}

impl Things {
    pub(crate) async fn in_world(world: &World) -> Self {
        let key = json!({ "name": "notes", "purpose": "field-encryption" });
        world.post("acme/keys", "/v1/keys", &key).await.expect(201);
        let deterministic = json!({ "name": "emails", "purpose": "deterministic-encryption" });
        world.post("acme/keys", "/v1/keys", &deterministic).await.expect(201);
        world.post("acme/keys", "/v1/keys", &json!({ "name": "orders", "purpose": "mac" })).await.expect(201);
        let field = json!({ "plaintext": "bm90ZQ==", "context": { "record": "42" } });
        let sealed = world.post("acme/shop", "/v1/keys/notes/encrypt", &field).await.expect(200);
        let grant = json!({ "role": "tokenizer", "reason": "for a test" });
        let grant = world.post("acme/people", "/v1/identities/nobody/grants", &grant).await.expect(201);
        let mac = json!({ "data": "bm90ZQ==" });
        let mac = world.post("acme/shop", "/v1/keys/orders/mac", &mac).await.expect(200);
        world
            .post("acme/keys", "/v1/keys", &json!({ "name": "letters", "purpose": "sign" }))
            .await
            .expect(201);
        let message = json!({ "message": "bm90ZQ==" });
        let signed = world.post("acme/shop", "/v1/keys/letters/sign", &message).await.expect(200);
        let browsers = json!({ "name": "browsers", "purpose": "client-encryption" });
        world.post("acme/keys", "/v1/keys", &browsers).await.expect(201);
        let named = document(&json!("A N Other"));
        let named = world.post("acme/shop", "/v1/documents/encrypt", &named).await.expect(200);
        let key = json!({ "jwk": public_key(1), "reason": "for a test" });
        let key = world.post("acme/people", "/v1/identities/nobody/encryption-keys", &key).await.expect(201);
        // Not the token that the samples are about: its use would be on record twice.
        let marked = world.token("acme/shop", OTHER_CARD).await;
        let marked = json!({ "token": marked, "reason": "for a test" });
        let marked = world.post("acme/people", "/v1/honeytokens", &marked).await.expect(201);
        let things = Self {
            kid: key["kid"].as_str().unwrap().to_owned(),
            token: world.token("acme/shop", CARD).await,
            ciphertext: sealed["ciphertext"].as_str().unwrap().to_owned(),
            grant: grant["id"].as_str().unwrap().to_owned(),
            honeytoken: marked["id"].as_str().unwrap().to_owned(),
            mac: mac["mac"].as_str().unwrap().to_owned(),
            name: named["document"]["name"].clone(),
            signature: signed["signature"].as_str().unwrap().to_owned(),
        };
        // So that nobody is nobody again.
        let revoke = format!("/v1/identities/nobody/grants/{}/revoke", things.grant);
        let revoked = world.send(
            &crate::world::Caller::Service("acme/people"),
            crate::world::request("POST", &revoke, None),
        );
        revoked.await.expect(200);
        things
    }

    pub(crate) fn sample(&self, route: &Route) -> Sample {
        let (caller, status, body) = self.parts(route.id);
        let key = match route.id {
            RouteId::Lookup => "emails",
            RouteId::Mac | RouteId::VerifyMac => "orders",
            RouteId::GetJwks => "browsers",
            RouteId::Sign | RouteId::VerifySignature | RouteId::ListPublicKeys => "letters",
            _ => "notes",
        };
        let path = route
            .path
            .replace("{token}", &self.token)
            .replace("{key}", key)
            .replace("{profile}", "default")
            .replace("{service}", "nobody")
            .replace("{grant}", &self.grant)
            .replace("{kid}", &self.kid)
            .replace("{honeytoken}", &self.honeytoken);
        Sample { caller, path, body, status }
    }

    fn parts(&self, id: RouteId) -> (&'static str, u16, Option<Value>) {
        let new_token = json!({ "type": "card", "card": { "number": CARD } });
        let field = json!({ "plaintext": "bm90ZQ==", "context": { "record": "42" } });
        let sealed = json!({ "ciphertext": self.ciphertext, "context": { "record": "42" } });
        let reveal = json!({ "purpose": "refund", "reveal": "masked" });
        match id {
            RouteId::CreateToken => ("acme/shop", 201, Some(new_token)),
            RouteId::ListTokens | RouteId::GetToken => ("acme/shop", 200, None),
            RouteId::CreateTokens => ("acme/shop", 200, Some(json!({ "items": [new_token] }))),
            RouteId::DetokenizeTokens => {
                let items = json!({ "purpose": "refund", "reveal": "masked", "items": [self.token] });
                ("acme/shop", 200, Some(items))
            }
            RouteId::SearchTokens => ("acme/shop", 200, Some(new_token)),
            RouteId::DeleteToken => ("acme/shop", 204, None),
            RouteId::PutSecurityCode => ("acme/shop", 201, Some(json!({ "security_code": "123" }))),
            RouteId::ReportAuthorisation => ("acme/shop", 204, Some(json!({ "result": "declined" }))),
            RouteId::DetokenizeToken => ("acme/shop", 200, Some(reveal)),
            RouteId::CreateKey => {
                ("acme/keys", 201, Some(json!({ "name": "more", "purpose": "field-encryption" })))
            }
            RouteId::ListKeys | RouteId::GetKey | RouteId::RotateKey => ("acme/keys", 200, None),
            RouteId::Encrypt | RouteId::Lookup => ("acme/shop", 200, Some(field)),
            RouteId::CreateDataKey => ("acme/shop", 200, Some(json!({ "length": 32 }))),
            RouteId::Mac => ("acme/shop", 200, Some(json!({ "data": "bm90ZQ==" }))),
            RouteId::VerifyMac => ("acme/shop", 200, Some(json!({ "data": "bm90ZQ==", "mac": self.mac }))),
            RouteId::UpdateToken => ("acme/shop", 200, Some(json!({ "metadata": { "order": "43" } }))),
            RouteId::EncryptDocument => ("acme/shop", 200, Some(document(&json!("A N Other")))),
            RouteId::DecryptDocument | RouteId::ReencryptDocument => {
                ("acme/shop", 200, Some(document(&self.name)))
            }
            RouteId::Sign => ("acme/shop", 200, Some(json!({ "message": "bm90ZQ==" }))),
            RouteId::VerifySignature => {
                let body = json!({ "message": "bm90ZQ==", "signature": self.signature, "key_version": 1 });
                ("acme/shop", 200, Some(body))
            }
            // There is nowhere to go: forwards.rs.
            RouteId::Forward => {
                let tokens = json!({ "card": self.token });
                let body = json!({ "destination": "acquirer", "method": "GET", "path": "/", "tokens": tokens, "purpose": "refund" });
                ("acme/gateway", 422, Some(body))
            }
            RouteId::ListPublicKeys | RouteId::GetJwks => ("acme/shop", 200, None),
            RouteId::Decrypt | RouteId::Reencrypt => ("acme/shop", 200, Some(sealed)),
            RouteId::CreateProfile => ("acme/keys", 201, Some(json!({ "name": "one-year" }))),
            RouteId::ListProfiles | RouteId::GetProfile => ("acme/keys", 200, None),
            RouteId::CreateIdentity => {
                ("acme/people", 201, Some(json!({ "service": "invoices", "reason": "new in March" })))
            }
            RouteId::ListIdentities | RouteId::GetIdentity => ("acme/people", 200, None),
            RouteId::DisableIdentity | RouteId::RevokeGrant => ("acme/people", 200, None),
            RouteId::GetVelocityLimits | RouteId::WithdrawHoneytoken | RouteId::ListHoneytokens => {
                ("acme/people", 200, None)
            }
            RouteId::SetVelocityLimits => {
                let limit =
                    json!({ "kind": "reveal", "purpose": "refund", "items": 5, "window_seconds": 60 });
                ("acme/people", 200, Some(json!({ "limits": [limit] })))
            }
            RouteId::CreateHoneytoken => {
                ("acme/people", 201, Some(json!({ "token": self.token, "reason": "for a test" })))
            }
            RouteId::CreateGrant => {
                ("acme/people", 201, Some(json!({ "role": "encryptor", "reason": "new in March" })))
            }
            RouteId::CreateEncryptionKey => {
                let key = json!({ "jwk": public_key(2), "reason": "new in March" });
                ("acme/people", 201, Some(key))
            }
            RouteId::ListEncryptionKeys | RouteId::RevokeEncryptionKey => ("acme/people", 200, None),
            RouteId::SearchAuditEvents | RouteId::ExportAudit | RouteId::GetCheckpoints => {
                ("acme/auditor", 200, None)
            }
            RouteId::GetStatus => ("acme/operator", 200, None),
            RouteId::GetOpenApi => ("acme/nobody", 200, None),
        }
    }
}
