//! Keys that never leave the HSM, on a real token; and signatures that others verify.

use std::fs;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use strongroom_e2e::{Outcome, VaultProcess, at};

#[tokio::test]
async fn fields_codes_and_signatures_are_made_on_the_token_across_a_restart() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    let admin = vault.caller("acme-key-admin")?;
    for (name, purpose) in [("notes", "field-encryption"), ("orders", "mac"), ("letters", "sign")] {
        let key = json!({ "name": name, "purpose": purpose, "protection": "hsm" });
        let made = admin.post("/v1/keys", &key).await?.expect(201)?.json();
        assert_eq!(at(&made, "/protection"), "hsm");
    }
    let encryptor = vault.caller("acme-encryptor")?;
    let field = json!({ "plaintext": STANDARD.encode("a note"), "context": { "record": "42" } });
    let sealed = encryptor.post("/v1/keys/notes/encrypt", &field).await?.expect(200)?.json();
    let data = json!({ "data": STANDARD.encode("order 42") });
    let code = encryptor.post("/v1/keys/orders/mac", &data).await?.expect(200)?.json();
    let message = json!({ "message": STANDARD.encode("dear reader") });
    let signed = encryptor.post("/v1/keys/letters/sign", &message).await?.expect(200)?.json();
    for name in ["notes", "orders", "letters"] {
        admin.send("POST".parse()?, &format!("/v1/keys/{name}/rotate"), None, &[]).await?.expect(200)?;
    }
    vault.stop()?;
    vault.launch()?;

    let decryptor = vault.caller("acme-decryptor")?;
    let stored = json!({ "ciphertext": at(&sealed, "/ciphertext"), "context": { "record": "42" } });
    let opened = decryptor.post("/v1/keys/notes/decrypt", &stored).await?.expect(200)?.json();
    assert_eq!(at(&opened, "/plaintext"), at(&field, "/plaintext"));
    let elsewhere = json!({ "ciphertext": at(&sealed, "/ciphertext"), "context": { "record": "43" } });
    let refused = decryptor.post("/v1/keys/notes/decrypt", &elsewhere).await?;
    assert_eq!(refused.code(), "context_mismatch");
    let checked = json!({ "data": at(&data, "/data"), "mac": at(&code, "/mac") });
    let checked = decryptor.post("/v1/keys/orders/verify-mac", &checked).await?.expect(200)?.json();
    assert_eq!((at(&checked, "/valid"), at(&checked, "/key_version")), (&json!(true), &json!(1)));
    let verified = json!({
        "message": at(&message, "/message"), "signature": at(&signed, "/signature"), "key_version": 1
    });
    let verified = decryptor.post("/v1/keys/letters/verify", &verified).await?.expect(200)?.json();
    assert_eq!(at(&verified, "/valid"), &json!(true));
    openssl_verifies(&vault, "letters", "dear reader", &signed).await
}

#[tokio::test]
async fn openssl_verifies_what_a_key_in_memory_signed() -> Outcome<()> {
    let vault = VaultProcess::start()?;
    let key = json!({ "name": "letters", "purpose": "sign" });
    vault.caller("acme-key-admin")?.post("/v1/keys", &key).await?.expect(201)?;
    let message = json!({ "message": STANDARD.encode("dear reader") });
    let signed =
        vault.caller("acme-encryptor")?.post("/v1/keys/letters/sign", &message).await?.expect(200)?.json();
    openssl_verifies(&vault, "letters", "dear reader", &signed).await
}

/// With the public key as the vault shows it, and OpenSSL, which takes signatures in DER.
async fn openssl_verifies(vault: &VaultProcess, key: &str, message: &str, signed: &Value) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let shown =
        vault.caller("acme-auditor")?.get(&format!("/v1/keys/{key}/public-keys")).await?.expect(200)?.json();
    let of_version = at(&shown, "/items").as_array().into_iter().flatten();
    let public = of_version
        .filter(|public| at(public, "/key_version") == at(signed, "/key_version"))
        .find_map(|public| at(public, "/pem").as_str())
        .ok_or("no public key of that version")?;
    let signature = STANDARD.decode(at(signed, "/signature").as_str().unwrap_or_default())?;
    fs::write(path("public.pem"), public)?;
    fs::write(path("signature.der"), der(&signature))?;
    for (text, verifies) in [(message, true), ("something else", false)] {
        fs::write(path("message"), text)?;
        let openssl = Command::new("openssl")
            .args(["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature.der", "message"])
            .current_dir(folder.path())
            .output()?;
        assert_eq!(openssl.status.success(), verifies, "{}", String::from_utf8_lossy(&openssl.stdout));
    }
    Ok(())
}

/// SEQUENCE of two INTEGERs, which are signed: no leading zeros but the one that keeps them positive.
fn der(signature: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let digits: Vec<u8> = half.iter().copied().skip_while(|byte| *byte == 0).collect();
        let zero: &[u8] = if digits.first().is_none_or(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
        let content = [zero, &digits].concat();
        [&[0x02, u8::try_from(content.len()).unwrap_or_default()], content.as_slice()].concat()
    };
    let (r, s) = signature.split_at(32);
    let both = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(both.len()).unwrap_or_default()], both.as_slice()].concat()
}
