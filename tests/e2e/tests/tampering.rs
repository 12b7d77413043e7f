//! What an administrator of the database can do to it is noticed: an integrity error, never another card.

use serde_json::json;
use strongroom_e2e::{Outcome, VaultProcess, card_numbers};

async fn two_tokens(vault: &VaultProcess) -> Outcome<Vec<String>> {
    let mut tokens = Vec::new();
    for (number, tenant) in card_numbers(2).iter().zip(["acme", "globex"]) {
        let caller = vault.caller(&format!("{tenant}-tokenizer"))?;
        let body = json!({"type": "card", "card": {"number": number}});
        tokens.push(caller.post("/v1/tokens", &body).await?.expect(201)?.text_at("/token")?);
    }
    Ok(tokens)
}

#[tokio::test]
async fn ciphertexts_swapped_between_rows_and_tenants_do_not_open() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    let mut tokens = two_tokens(&vault).await?;
    let caller = vault.caller("acme-tokenizer")?;
    for number in card_numbers(1) {
        let body = json!({"type": "card", "card": {"number": number}});
        tokens.push(caller.post("/v1/tokens", &body).await?.expect(201)?.text_at("/token")?);
    }
    vault.stop()?;
    let [ours, theirs, third] = tokens.as_slice() else { return Err("three tokens were made".into()) };
    for (to, from) in [(ours, theirs), (third, ours)] {
        vault.sql(&format!(
            "UPDATE tokens SET envelope = (SELECT envelope FROM tokens WHERE token = '{from}'), \
             bin = (SELECT bin FROM tokens WHERE token = '{from}'), \
             last_four = (SELECT last_four FROM tokens WHERE token = '{from}') WHERE token = '{to}'"
        ))?;
    }
    vault.launch()?;
    let detokenizer = vault.caller("acme-detokenizer")?;
    for token in [ours, third] {
        let path = format!("/v1/tokens/{token}/detokenize");
        for reveal in ["masked", "full"] {
            let answer =
                detokenizer.post(&path, &json!({"purpose": "authorisation", "reveal": reveal})).await?;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (500, "integrity_failure"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_altered_registry_refuses_to_start() -> Outcome<()> {
    // RFC 7517, appendix A.1; and another point on the curve, RFC 7518, appendix C.
    let key = json!({
        "kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"
    });
    for (name, statement) in [
        (
            "an encryption key swapped",
            "UPDATE encryption_keys SET jwk = replace(replace(jwk, 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4', \
             'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ'), '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM', \
             'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck')",
        ),
        ("an encryption key given to another", "UPDATE encryption_keys SET service = 'tokenizer'"),
        (
            "a role planted",
            "UPDATE role_grants SET role = 'detokenizer' WHERE tenant = 'acme' AND role = 'tokenizer'",
        ),
        ("a version revived", "UPDATE key_versions SET state = 'suspended' WHERE tenant = 'acme'"),
        ("a grant left out", "DELETE FROM role_grants WHERE tenant = 'acme' AND role = 'auditor'"),
        ("a profile loosened", "UPDATE token_profiles SET ttl_seconds = 5 WHERE tenant = 'acme'"),
    ] {
        let mut vault = VaultProcess::start()?;
        let key = json!({"jwk": key, "reason": "it opens cards itself"});
        let path = "/v1/identities/detokenizer/encryption-keys";
        vault.caller("acme-identity-admin")?.post(path, &key).await?.expect(201)?;
        vault.stop()?;
        vault.sql(statement)?;
        let said = vault.launch_refused()?;
        assert!(said.contains("registry failed its integrity check"), "{name}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn a_truncated_log_refuses_to_start() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    two_tokens(&vault).await?;
    vault.stop()?;
    vault.sql("DELETE FROM audit_bundles WHERE first_sequence >= 1")?;
    vault.launch_refused()?;
    Ok(())
}

#[tokio::test]
async fn a_token_without_the_cluster_keys_refuses_to_start_and_creates_nothing() -> Outcome<()> {
    let mut vault = VaultProcess::start()?;
    two_tokens(&vault).await?;
    vault.stop()?;
    let keys = objects(&vault)?;
    assert!(keys.len() >= 4, "SoftHSM keeps each key in a file");
    for key in &keys {
        std::fs::remove_file(key)?;
    }
    let said = vault.launch_refused()?;
    assert!(said.contains("the HSM holds no"), "{said}");
    let left = objects(&vault)?.len();
    assert_eq!(left, 0, "a KEK was created while data exist");
    Ok(())
}

/// SoftHSM's files of the objects on its token; `token.object` is the token itself.
fn objects(vault: &VaultProcess) -> Outcome<Vec<std::path::PathBuf>> {
    let mut files = vault.files()?;
    files.retain(|path| {
        let is_token = path.file_name().is_some_and(|name| name == "token.object");
        !is_token && path.extension().is_some_and(|kind| kind == "object")
    });
    Ok(files)
}
