//! What has to hold for the card field; each test is a file of tests in JavaScript.

#![expect(clippy::panic, reason = "a test's helpers may fail it")]

use strongroom_browser_tests::Script;

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
