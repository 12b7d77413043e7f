//! The requests that works send.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::Outcome;
use crate::cards::Cards;
use crate::load::{Requests, post, same};
use crate::vault::Vault;

/// The key that fields are protected with, made by [`create_key`].
const KEY: &str = "bench";

pub(super) fn create_key(vault: &Vault) -> Outcome<()> {
    create_key_of(vault, "acme")
}

pub(super) fn create_key_of(vault: &Vault, tenant: &str) -> Outcome<()> {
    vault
        .ask_as(tenant, "key-admin", "/v1/keys", &json!({"name": KEY, "purpose": "field-encryption"}))
        .map(drop)
}

/// 64 bytes with a context of two entries.
pub(super) fn encrypt_body() -> Value {
    json!({"plaintext": STANDARD.encode([7_u8; 64]), "context": context()})
}

pub(super) fn encrypt() -> Requests {
    same(&format!("/v1/keys/{KEY}/encrypt"), &encrypt_body().to_string())
}

/// Decrypts what is encrypted now.
pub(super) fn decrypt(vault: &Vault) -> Outcome<Requests> {
    let sealed = vault.ask("encryptor", &format!("/v1/keys/{KEY}/encrypt"), &encrypt_body())?;
    let body = json!({"ciphertext": sealed.get("ciphertext"), "context": context()});
    Ok(same(&format!("/v1/keys/{KEY}/decrypt"), &body.to_string()))
}

/// Many encrypts in one request.
pub(super) fn encrypt_many(items: usize) -> Requests {
    let items: Vec<Value> = (0..items).map(|_| encrypt_body()).collect();
    same(&format!("/v1/keys/{KEY}/encrypt"), &json!({"items": items}).to_string())
}

/// A card nobody has sent before, each time.
pub(super) fn tokenize(cards: Cards) -> Requests {
    Arc::new(move |into| post(into, "/v1/tokens", &card_body(&cards)))
}

/// Reveals one after the other of these tokens in full.
pub(super) fn detokenize(tokens: Arc<Vec<String>>) -> Requests {
    // Steps of a large prime scatter neighbours, which were made together, over time.
    const STEP: usize = 7919;
    let next = AtomicUsize::new(0);
    Arc::new(move |into| {
        let at = next.fetch_add(STEP, Ordering::Relaxed) % tokens.len().max(1);
        let token = tokens.get(at).map_or("", String::as_str);
        let path = format!("/v1/tokens/{token}/detokenize");
        post(into, &path, r#"{"purpose":"authorisation","reveal":"full"}"#);
    })
}

/// Makes so many tokens, in batches.
pub(super) fn create_tokens(vault: &Vault, many: usize) -> Outcome<Arc<Vec<String>>> {
    const BATCH: usize = 500;
    let cards = Cards::starting_at(900_000_000);
    let requests = (0..many.div_ceil(BATCH)).map(|_| {
        let items: Vec<String> = (0..BATCH).map(|_| card_body(&cards)).collect();
        ("/v1/tokens/batch".to_owned(), format!(r#"{{"items":[{}]}}"#, items.join(",")))
    });
    let mut tokens = Vec::with_capacity(many);
    vault.ask_each("tokenizer", requests, |answer| {
        let answer: Value = serde_json::from_slice(answer)?;
        let items = answer.get("items").and_then(Value::as_array).ok_or("a batch without items")?;
        for item in items {
            let token = item.pointer("/token/token").and_then(Value::as_str);
            tokens.push(token.ok_or("an item without a token")?.to_owned());
        }
        Ok(())
    })?;
    Ok(Arc::new(tokens))
}

fn card_body(cards: &Cards) -> String {
    format!(r#"{{"type":"card","card":{{"number":"{}","exp_month":12,"exp_year":2030}}}}"#, cards.next())
}

fn context() -> Value {
    json!({"record": "42", "field": "note"})
}
