//! Tokens are made, found again, refused and removed; and each isolated case has one of its own.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test program")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use secrecy::ExposeSecret as _;
use strongroom_softhsm::isolated::{Case, run};
use strongroom_softhsm::{
    CONFIG_VARIABLE, DevelopmentToken, SoftHsmError, ThrowawayToken, TokenAddress, case, find_module,
    restart_with,
};

fn main() -> ExitCode {
    const CASES: &[Case] = &[
        case!(a_throwaway_token_is_initialised_and_removed),
        case!(a_hidden_mechanism_stands_in_the_configuration, without ["CKM_AES_GCM", "CKM_AES_KEY_WRAP"]),
        case!(a_development_token_is_made_once_and_kept),
        case!(a_development_token_without_its_pin_is_refused),
        case!(an_interrupted_development_token_is_made_again),
        case!(a_folder_open_to_others_is_refused),
        case!(a_program_restarts_itself_under_another_configuration),
    ];
    run(CASES)
}

fn a_throwaway_token_is_initialised_and_removed(_: &TokenAddress) {
    let token = ThrowawayToken::create("throwaway").unwrap();
    assert_eq!(token.module_path(), find_module().unwrap());
    assert_eq!(labels(&token.config_path()), ["throwaway"]);
    assert_eq!(mode(&token.pin_path()), 0o400);
    assert_eq!(fs::read_to_string(token.pin_path()).unwrap(), token.pin().expose_secret());
    let another = ThrowawayToken::create("throwaway").unwrap();
    assert_ne!(token.pin().expose_secret(), another.pin().expose_secret());
    let folder = token.config_path().parent().unwrap().to_owned();
    assert!(folder.exists());
    drop(token);
    assert!(!folder.exists());
}

fn a_hidden_mechanism_stands_in_the_configuration(token: &TokenAddress) {
    let config = std::env::var_os(CONFIG_VARIABLE).expect("the case runs under its configuration");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("slots.mechanisms = -CKM_AES_GCM,CKM_AES_GCM,CKM_AES_KEY_WRAP\n"));
    assert_eq!(labels(Path::new(&config)), [token.token_label()]);
}

fn a_development_token_is_made_once_and_kept(_: &TokenAddress) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("vault").join("softhsm");
    let made = DevelopmentToken::open_or_create(&place).unwrap();
    assert_eq!(mode(&place), 0o700);
    assert_eq!(mode(&made.pin_path()), 0o400);
    assert_eq!(labels(&made.config_path()), [DevelopmentToken::LABEL]);
    let files = entries(&place.join("tokens"));

    let opened = DevelopmentToken::open_or_create(&place).unwrap();
    assert_eq!(opened.pin().expose_secret(), made.pin().expose_secret());
    assert_eq!(labels(&opened.config_path()), [DevelopmentToken::LABEL]);
    assert_eq!(entries(&place.join("tokens")), files, "the same token, not another one");
}

fn a_development_token_without_its_pin_is_refused(_: &TokenAddress) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("softhsm");
    let pin = DevelopmentToken::open_or_create(&place).unwrap().pin_path();
    let files = entries(&place.join("tokens"));
    fs::remove_file(pin).unwrap();
    let refusal = DevelopmentToken::open_or_create(&place).err().unwrap();
    assert!(matches!(refusal, SoftHsmError::PinLost));
    assert_eq!(entries(&place.join("tokens")), files);
}

fn an_interrupted_development_token_is_made_again(_: &TokenAddress) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("softhsm");
    let pin = DevelopmentToken::open_or_create(&place).unwrap().pin().expose_secret().to_owned();
    // As it stands when the power goes after the PIN was written and before the token was complete.
    fs::rename(place.join("tokens"), place.join("tokens.unfinished")).unwrap();
    let again = DevelopmentToken::open_or_create(&place).unwrap();
    assert_eq!(again.pin().expose_secret(), pin);
    assert_eq!(labels(&again.config_path()), [DevelopmentToken::LABEL]);
    assert!(!place.join("tokens.unfinished").exists());
}

fn a_folder_open_to_others_is_refused(_: &TokenAddress) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("softhsm");
    fs::create_dir(&place).unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o750)).unwrap();
    let refusal = DevelopmentToken::open_or_create(&place).err().unwrap();
    assert!(matches!(refusal, SoftHsmError::FolderOpenToOthers));
    assert!(entries(&place).is_empty());
}

fn a_program_restarts_itself_under_another_configuration(token: &TokenAddress) {
    // This runs twice: the second time as the program that the first one has become.
    let place = token.tokens_path().parent().unwrap().join("development");
    let development = DevelopmentToken::open_or_create(&place).unwrap();
    let process = place.join("process");
    if std::env::var_os(CONFIG_VARIABLE).unwrap() != development.config_path().as_os_str() {
        fs::write(&process, std::process::id().to_string()).unwrap();
    }
    restart_with(&development.config_path()).unwrap();
    assert_eq!(std::env::var_os(CONFIG_VARIABLE).unwrap(), development.config_path().as_os_str());
    assert_eq!(fs::read_to_string(process).unwrap(), std::process::id().to_string(), "the same process");
}

/// The labels of the initialised tokens, as SoftHSM itself reports them.
fn labels(config: &Path) -> Vec<String> {
    let report =
        Command::new("softhsm2-util").arg("--show-slots").env(CONFIG_VARIABLE, config).output().unwrap();
    String::from_utf8(report.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Label:"))
        .map(|label| label.trim().to_owned())
        .filter(|label| !label.is_empty())
        .collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn entries(folder: &Path) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}
