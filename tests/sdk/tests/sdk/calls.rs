//! A step as a call of the Rust SDK: each method of the client stands here.

use std::collections::{BTreeSet, HashMap};
use std::pin::pin;

use futures_util::{Stream, TryStreamExt as _};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use strongroom_client::{
    Client, ClientError, CreateTokens, DetokenizationPurpose, EncryptTo, EventQuery, KeyName, KeyThumbprint,
    ListQuery, ProfileName, ReportAuthorisation, Reveal, ServiceName, Text, TokenListQuery, TokenReference,
};
use strongroom_e2e::{Outcome, at};

/// One call, with what it sends and what must come back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    #[serde(rename = "as")]
    pub(crate) identity: String,
    pub(crate) call: String,
    #[serde(default)]
    path: HashMap<String, String>,
    #[serde(default)]
    query: Map<String, Value>,
    #[serde(default)]
    all_pages: bool,
    pub(crate) idempotency_key: Option<String>,
    #[serde(default)]
    body: Value,
    pub(crate) answer: Option<Value>,
    pub(crate) refused: Option<Value>,
    pub(crate) keep: Option<String>,
}

/// The calls that take one item or many.
const ONE_OR_MANY: &[&str] =
    &["encrypt", "decrypt", "reencrypt", "lookup", "mac", "verify_mac", "sign", "verify"];

/// The method of the client that makes this call, by the names that all SDKs share.
pub(crate) fn method_of(step: &Step) -> String {
    if step.all_pages {
        return of_all_pages(&step.call);
    }
    let is_many = ONE_OR_MANY.contains(&step.call.as_str()) && step.body.get("items").is_some();
    if is_many { format!("{}_many", step.call) } else { step.call.clone() }
}

/// What a client can do by the API's document. All of it is used by some scenario.
pub(crate) fn methods(document: &Value) -> BTreeSet<String> {
    let mut methods = BTreeSet::from(["with_idempotency_key".to_owned()]);
    let paths = at(document, "/paths").as_object().into_iter().flatten();
    for call in paths.flat_map(|(_, calls)| calls.as_object().into_iter().flatten().map(|(_, call)| call)) {
        let name = at(call, "/operationId").as_str().unwrap_or_default();
        methods.insert(name.to_owned());
        if at(call, "/requestBody").to_string().contains("OrMany\"") {
            methods.insert(format!("{name}_many"));
        }
        if at(call, "/parameters").to_string().contains("\"cursor\"") {
            methods.insert(of_all_pages(name));
        }
    }
    methods
}

fn of_all_pages(call: &str) -> String {
    call.split_once('_').map_or(call, |(_, things)| things).to_owned()
}

/// What came back as JSON, or how the call failed.
pub(crate) async fn call(client: &Client, step: &Step) -> Outcome<Result<Value, ClientError>> {
    let method = method_of(step);
    match method.as_str() {
        "create_token" => json_of(client.create_token(&step.body()?).await),
        "create_tokens" => json_of(client.create_tokens(&CreateTokens { items: step.items()? }).await),
        "get_token" => json_of(client.get_token(&step.token()?).await),
        "list_tokens" => json_of(client.list_tokens(&step.listed_tokens()?).await),
        "tokens" => whole(client.tokens(&step.listed_tokens()?)).await,
        "search_tokens" => json_of(client.search_tokens(&step.body()?).await),
        "update_token" => json_of(client.update_token(&step.token()?, &step.body()?).await),
        "put_security_code" => json_of(client.put_security_code(&step.token()?, &step.body()?).await),
        "report_authorisation" => {
            let ReportAuthorisation { result } = step.body()?;
            json_of(client.report_authorisation(&step.token()?, result).await)
        }
        "delete_token" => json_of(client.delete_token(&step.token()?).await),
        "detokenize_token" => {
            let Wanted { purpose, reveal, encrypt_to, .. } = step.body()?;
            let token = step.token()?;
            match encrypt_to {
                None => json_of(client.detokenize_token(token, purpose.0, reveal.0).await),
                Some(to) => json_of(client.detokenize_token_encrypted(token, purpose.0, &to.0).await),
            }
        }
        "detokenize_tokens" => {
            let Wanted { purpose, reveal, encrypt_to, items } = step.body()?;
            let tokens: Vec<_> = items.into_iter().map(|item| item.0).collect();
            match encrypt_to {
                None => json_of(client.detokenize_tokens(&tokens, purpose.0, reveal.0).await),
                Some(to) => json_of(client.detokenize_tokens_encrypted(&tokens, purpose.0, &to.0).await),
            }
        }
        "create_key" => json_of(client.create_key(&step.body()?).await),
        "get_key" => json_of(client.get_key(&step.key()?).await),
        "list_keys" => json_of(client.list_keys(&step.page()?).await),
        "keys" => whole(client.keys()).await,
        "rotate_key" => json_of(client.rotate_key(&step.key()?).await),
        "encrypt" => json_of(client.encrypt(&step.key()?, step.body()?).await),
        "encrypt_many" => json_of(client.encrypt_many(&step.key()?, step.items()?).await),
        "decrypt" => json_of(client.decrypt(&step.key()?, step.body()?).await),
        "decrypt_many" => json_of(client.decrypt_many(&step.key()?, step.items()?).await),
        "reencrypt" => json_of(client.reencrypt(&step.key()?, step.body()?).await),
        "reencrypt_many" => json_of(client.reencrypt_many(&step.key()?, step.items()?).await),
        "lookup" => json_of(client.lookup(&step.key()?, step.body()?).await),
        "lookup_many" => json_of(client.lookup_many(&step.key()?, step.items()?).await),
        "create_data_key" => json_of(client.create_data_key(&step.key()?, &step.body()?).await),
        "mac" => json_of(client.mac(&step.key()?, step.body()?).await),
        "mac_many" => json_of(client.mac_many(&step.key()?, step.items()?).await),
        "verify_mac" => json_of(client.verify_mac(&step.key()?, step.body()?).await),
        "verify_mac_many" => json_of(client.verify_mac_many(&step.key()?, step.items()?).await),
        "sign" => json_of(client.sign(&step.key()?, step.body()?).await),
        "sign_many" => json_of(client.sign_many(&step.key()?, step.items()?).await),
        "verify" => json_of(client.verify(&step.key()?, step.body()?).await),
        "verify_many" => json_of(client.verify_many(&step.key()?, step.items()?).await),
        "list_public_keys" => json_of(client.list_public_keys(&step.key()?).await),
        "get_jwks" => json_of(client.get_jwks(&step.key()?).await),
        "encrypt_document" => json_of(client.encrypt_document(&step.body()?).await),
        "decrypt_document" => json_of(client.decrypt_document(&step.body()?).await),
        "reencrypt_document" => json_of(client.reencrypt_document(&step.body()?).await),
        "create_profile" => json_of(client.create_profile(&step.body()?).await),
        "get_profile" => json_of(client.get_profile(&step.profile()?).await),
        "list_profiles" => json_of(client.list_profiles(&step.page()?).await),
        "profiles" => whole(client.profiles()).await,
        "create_identity" => json_of(client.create_identity(&step.body()?).await),
        "get_identity" => json_of(client.get_identity(&step.service()?).await),
        "list_identities" => json_of(client.list_identities(&step.page()?).await),
        "identities" => whole(client.identities()).await,
        "disable_identity" => json_of(client.disable_identity(&step.service()?).await),
        "create_grant" => json_of(client.create_grant(&step.service()?, &step.body()?).await),
        "revoke_grant" => json_of(client.revoke_grant(&step.service()?, step.path("grant")?).await),
        "create_encryption_key" => {
            json_of(client.create_encryption_key(&step.service()?, &step.body()?).await)
        }
        "list_encryption_keys" => json_of(client.list_encryption_keys(&step.service()?).await),
        "revoke_encryption_key" => {
            let kid = KeyThumbprint::parse(step.path("kid")?)?;
            json_of(client.revoke_encryption_key(&step.service()?, &kid).await)
        }
        "forward" => json_of(client.forward(&step.body()?).await),
        "search_audit_events" => json_of(client.search_audit_events(&step.events()?).await),
        "audit_events" => whole(client.audit_events(&step.events()?)).await,
        "export_audit" => export_audit(client).await,
        "get_checkpoints" => json_of(client.get_checkpoints().await),
        "get_status" => json_of(client.get_status().await),
        "get_openapi" => json_of(client.get_openapi().await),
        _ => Err(format!("no method makes the call {method}").into()),
    }
}

/// What is asked for when tokens are turned back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    purpose: Text<DetokenizationPurpose>,
    reveal: Text<Reveal>,
    encrypt_to: Option<Text<EncryptTo>>,
    #[serde(default)]
    items: Vec<Text<TokenReference>>,
}

fn json_of<T: Serialize>(answer: Result<T, ClientError>) -> Outcome<Result<Value, ClientError>> {
    answer
        .map(|answer| serde_json::to_value(answer).map_err(Into::into))
        .map_or_else(|error| Ok(Err(error)), |value| value.map(Ok))
}

/// All pages as one.
async fn whole<T: Serialize>(
    all: impl Stream<Item = Result<T, ClientError>>,
) -> Outcome<Result<Value, ClientError>> {
    let items: Result<Vec<T>, _> = pin!(all).try_collect().await;
    json_of(items.map(|items| json!({"items": items})))
}

async fn export_audit(client: &Client) -> Outcome<Result<Value, ClientError>> {
    let export = match client.export_audit().await {
        Ok(export) => export,
        Err(error) => return Ok(Err(error)),
    };
    let mut text = Vec::new();
    export.write_to(&mut text).await?;
    let lines: Result<Vec<Value>, _> = serde_json::Deserializer::from_slice(&text).into_iter().collect();
    Ok(Ok(json!({"items": lines?})))
}

impl Step {
    fn body<T: DeserializeOwned>(&self) -> Outcome<T> {
        Ok(serde_json::from_str(&self.body.to_string())?)
    }

    fn items<T: DeserializeOwned>(&self) -> Outcome<Vec<T>> {
        Ok(serde_json::from_str(&at(&self.body, "/items").to_string())?)
    }

    fn page(&self) -> Outcome<ListQuery> {
        self.query()
    }

    fn events(&self) -> Outcome<EventQuery> {
        self.query()
    }

    /// Queries consist of texts.
    fn query<T: DeserializeOwned>(&self) -> Outcome<T> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let texts = self.query.iter().map(|(name, value)| (name.clone(), Value::String(text(value))));
        Ok(serde_json::from_value(Value::Object(texts.collect()))?)
    }

    fn path(&self, name: &str) -> Outcome<&str> {
        let part = self.path.get(name).ok_or_else(|| format!("{} needs {name} in its path", self.call))?;
        Ok(part)
    }

    fn listed_tokens(&self) -> Outcome<TokenListQuery> {
        self.query()
    }

    fn token(&self) -> Outcome<TokenReference> {
        Ok(TokenReference::parse(self.path("token")?)?)
    }

    fn key(&self) -> Outcome<KeyName> {
        Ok(KeyName::parse(self.path("key")?)?)
    }

    fn profile(&self) -> Outcome<ProfileName> {
        Ok(ProfileName::parse(self.path("profile")?)?)
    }

    fn service(&self) -> Outcome<ServiceName> {
        Ok(ServiceName::parse(self.path("service")?)?)
    }
}
