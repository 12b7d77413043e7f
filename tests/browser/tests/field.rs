//! What has to hold for the card field; each test is a file of tests in JavaScript.

#![expect(clippy::panic, reason = "a test's helpers may fail it")]

use serde_json::json;
use strongroom_browser_tests::Script;
use strongroom_e2e::{Outcome, VaultProcess, free_port};

/// A failure is shown as the script wrote it.
fn passes(subject: &str) {
    if let Err(error) = Script::named(&format!("{subject}.test")).and_then(|script| script.passes()) {
        panic!("{error}");
    }
}

#[test]
fn a_card_goes_from_the_keyboard_to_a_jwe() {
    passes("flow");
}

#[test]
fn the_embedding_page_gets_no_number_and_gives_no_key() {
    passes("isolation");
}

#[test]
fn what_is_wrong_is_refused_and_told() {
    passes("refusals");
}

#[test]
fn everybody_can_use_it() {
    passes("accessibility");
}

#[test]
fn the_key_is_the_newest_of_the_vault() {
    passes("keys");
}

#[test]
fn jose_opens_what_is_encrypted() {
    passes("jwe");
}

#[test]
fn the_files_are_whole() {
    passes("files");
}

/// All of it at once: strongroomd's own listener with TLS serves the field, the shop of `deploy/shop` embeds it, a buyer pays,
/// the shop's server has a token, and behind it is the card.
#[tokio::test]
async fn a_shop_is_paid_with_a_card_that_it_never_sees() -> Outcome<()> {
    let port = free_port()?;
    let mut vault = VaultProcess::start_with_field(&format!("http://localhost:{port}"))?;
    let key = json!({"name": "browsers", "purpose": "client-encryption"});
    vault.caller("acme-key-admin")?.post("/v1/keys", &key).await?.expect(201)?;
    vault.stop()?;
    // The same vault as it would be run: with a certificate for the field.
    let (plain, field_port) = (vault.field_port().ok_or("no field")?, free_port()?);
    let (certificate, private_key) = (vault.path("server.pem"), vault.path("server.key"));
    let files = format!("certificate_file = {certificate:?}\nprivate_key_file = {private_key:?}");
    let mut node = vault.prepare_node(
        "field",
        &[
            ("danger_plain_http = true".to_owned(), files),
            (format!("http://127.0.0.1:{plain}"), format!("https://127.0.0.1:{field_port}")),
            (format!("\"127.0.0.1:{plain}\""), format!("\"127.0.0.1:{field_port}\"")),
        ],
    )?;
    node.launch()?;
    let field = format!("https://127.0.0.1:{field_port}");
    let asked = json!({
        "field": field, "vault": node.url(), "dev": vault.path(""), "port": port,
        "shots": std::env::var("STRONGROOM_TEST_SHOTS").ok(),
    });
    let answer = tokio::task::spawn_blocking(move || Script::named("daemon")?.ask(&asked)).await??;
    let tokens = answer["tokens"].as_array().ok_or("no tokens")?;
    assert_eq!(tokens.len(), 2);
    let detokenizer = node.caller("acme-detokenizer")?;
    for token in tokens {
        let path = format!("/v1/tokens/{}/detokenize", token.as_str().ok_or("no token")?);
        let full = json!({"purpose": "refund", "reveal": "full"});
        let card = detokenizer.post(&path, &full).await?.expect(200)?.json();
        assert_eq!(card["card"]["number"], "4929571382640175");
        assert_eq!((&card["card"]["exp_month"], &card["card"]["exp_year"]), (&json!(12), &json!(2030)));
    }
    node.stop()?;
    Ok(())
}
