//! The program as a process: what it exits with, and what it keeps to itself.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail it")]

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

fn strongroom(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strongroom"));
    command.args(arguments).stdin(Stdio::null());
    // Whatever the machine is set up for, a test is not.
    for name in ["URL", "CA", "CERT", "KEY", "PROFILE", "CONFIG"] {
        command.env_remove(format!("STRONGROOM_{name}"));
    }
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    command
}

fn run(arguments: &[&str]) -> Output {
    strongroom(arguments).output().unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A certificate authority, a client's certificate and its key, as files.
struct Identity {
    folder: TempDir,
}

impl Identity {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["shop.invalid".to_owned()]).unwrap();
        for name in ["ca.pem", "shop.pem"] {
            fs::write(folder.path().join(name), made.cert.pem()).unwrap();
        }
        let key = folder.path().join("shop.key");
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = strongroom(arguments);
        command
            .env("STRONGROOM_URL", url)
            .env("STRONGROOM_CA", self.path("ca.pem"))
            .env("STRONGROOM_CERT", self.path("shop.pem"))
            .env("STRONGROOM_KEY", self.path("shop.key"));
        command
    }
}

/// A port at which nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("https://{}", listener.local_addr().unwrap())
}

#[test]
fn completions_know_the_commands() {
    for (shell, mark) in
        [("bash", "complete -F"), ("zsh", "#compdef strongroom"), ("fish", "complete -c strongroom")]
    {
        let output = run(&["completions", shell]);
        let script = String::from_utf8(output.stdout.clone()).unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(script.contains(mark), "{shell}");
        for word in ["detokenize", "reencrypt", "checkpoints", "fraud-review"] {
            assert!(script.contains(word), "{shell} does not complete {word}");
        }
    }
    assert_eq!(run(&["completions", "cobol"]).status.code(), Some(2));
}

#[test]
fn help_is_a_result_and_lists_the_exit_codes() {
    let output = run(&["--help"]);
    let help = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(help.contains("Exit codes:") && help.contains("130  interrupted"));
    assert_eq!(run(&["--version"]).status.code(), Some(0));
    assert_eq!(run(&[]).status.code(), Some(2));
    assert_eq!(run(&["tokens"]).status.code(), Some(2));
}

#[test]
fn a_card_number_among_the_arguments_is_refused_and_not_repeated() {
    for arguments in [
        &["tokens", "create", "4111111111111111"][..],
        &["tokens", "create", "--number", "4111111111111111"],
        &["tokens", "create", "--number=4111111111111111"],
        &["tokens", "search", "4111-1111-1111-1111"],
        &["tokens", "create", "--exp-month", "4111111111111111"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        assert!(!errors(&output).contains("4111"), "{}", errors(&output));
        assert_eq!(errors(&output).lines().count(), 1, "{}", errors(&output));
    }
    assert!(errors(&run(&["tokens", "create", "4111111111111111"])).contains("standard input"));
}

#[test]
fn a_key_file_that_others_can_use_is_refused_with_the_cure() {
    let identity = Identity::new();
    let key = identity.path("shop.key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let output = identity.command(&nobody(), &["status"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains(&format!("chmod 600 {}", key.display())), "{}", errors(&output));
}

#[test]
fn what_is_missing_is_named() {
    let output = run(&["status"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("STRONGROOM_CA"), "{}", errors(&output));

    let output = run(&["--ca", "/nonexistent/ca.pem", "--cert", "x", "--key", "/nonexistent/y", "status"]);
    assert_eq!(output.status.code(), Some(2));
    let output = run(&["--profile", "far", "status"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_key_in_place_of_its_certificate_is_refused_without_being_shown() {
    let identity = Identity::new();
    fs::copy(identity.path("shop.key"), identity.path("shop.pem")).unwrap();
    let output = identity.command(&nobody(), &["status"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let key = fs::read_to_string(identity.path("shop.key")).unwrap();
    let secret = key.lines().nth(1).unwrap();
    assert!(!errors(&output).contains(secret));
}

#[test]
fn a_vault_that_is_not_there_is_worth_another_try() {
    let identity = Identity::new();
    let output = identity.command(&nobody(), &["status"]).output().unwrap();
    assert_eq!(output.status.code(), Some(6), "{}", errors(&output));
    assert!(errors(&output).starts_with("error: the vault cannot be reached"), "{}", errors(&output));
}

#[test]
fn a_profile_of_the_configuration_file_is_enough() {
    let identity = Identity::new();
    let config = identity.path("config.toml");
    let url = nobody();
    fs::write(
        &config,
        format!(
            "[profiles.shop]\nurl = \"{url}\"\nca = \"ca.pem\"\ncert = \"shop.pem\"\nkey = \"shop.key\"\n"
        ),
    )
    .unwrap();
    let config = config.to_str().unwrap();
    let output = run(&["--config", config, "--profile", "shop", "status"]);
    assert_eq!(output.status.code(), Some(6), "{}", errors(&output));
    let output = run(&["--config", config, "--profile", "bank", "status"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("known: shop"), "{}", errors(&output));
}

#[test]
fn an_empty_input_is_refused_before_the_vault_is_asked() {
    let identity = Identity::new();
    let output = identity.command(&nobody(), &["tokens", "create"]).output().unwrap();
    assert_eq!(output.status.code(), Some(5), "{}", errors(&output));

    let mut command = identity.command(&nobody(), &["decrypt", "--key", "notes"]);
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"no base64: 4111111111111111").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5));
    assert!(!errors(&output).contains("4111"));
}

fn import(identity: &Identity, cards: &Path, results: &Path) -> Output {
    let paths = [cards.to_str().unwrap(), "--out", results.to_str().unwrap()];
    let mut arguments = vec!["tokens", "import"];
    arguments.extend(paths);
    identity.command("https://127.0.0.1:1", &arguments).output().unwrap()
}

#[test]
fn an_import_that_cannot_be_read_leaves_nothing_behind() {
    let identity = Identity::new();
    let (cards, results) = (identity.path("cards.csv"), identity.path("tokens.csv"));
    fs::write(&cards, "4111111111111111,12,2030\n").unwrap();
    let output = import(&identity, &cards, &results);
    assert_eq!(output.status.code(), Some(5), "{}", errors(&output));
    assert!(!errors(&output).contains("4111"), "{}", errors(&output));
    assert!(!results.exists() && !identity.path("tokens.csv.state").exists());
}
