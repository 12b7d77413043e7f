//! Which token, which module.

use std::process::Command;

use strongroom_core::ports::{Hsm, HsmError, HsmHealth, HsmKeyKind};
use strongroom_pkcs11::{Pkcs11Config, Pkcs11Hsm};
use strongroom_softhsm::TokenAddress;

use crate::bench::{config, connect, create, prove};

pub(crate) fn another_label_is_not_the_token(token: &TokenAddress) {
    let other = Pkcs11Config::new(token.module_path(), "another label");
    let refusal = Pkcs11Hsm::connect(other, token.pin().clone()).err().unwrap();
    assert!(matches!(refusal, HsmError::Unavailable(_)), "{refusal}");
    let mut other = config(token);
    other.token_serial = Some("0000000000000000".to_owned());
    let refusal = Pkcs11Hsm::connect(other, token.pin().clone()).err().unwrap();
    assert!(matches!(refusal, HsmError::Unavailable(_)), "{refusal}");
    assert_eq!(connect(token).describe().token_label, token.token_label());
}

pub(crate) fn of_two_tokens_with_one_label_the_serial_decides(token: &TokenAddress) {
    let first = connect(token);
    let serial = first.describe().token_serial;
    let key = create(&first, HsmKeyKind::KekData);
    drop(first);
    make_another_token(token.token_label());

    let refusal = Pkcs11Hsm::connect(config(token), token.pin().clone()).err().unwrap();
    assert!(matches!(&refusal, HsmError::Failed(text) if text.contains("serial")), "{refusal}");
    let mut with_serial = config(token);
    with_serial.token_serial = Some(serial);
    let hsm = Pkcs11Hsm::connect(with_serial, token.pin().clone()).unwrap();
    assert_eq!(prove(&hsm, &key), Ok(()));
}

pub(crate) fn a_module_serves_one_connection_at_a_time(token: &TokenAddress) {
    let first = connect(token);
    // The same file under another name is the same module.
    let folder = token.tokens_path().parent().unwrap();
    let link = folder.join("link.so");
    std::os::unix::fs::symlink(token.module_path(), &link).unwrap();
    for path in [token.module_path(), &link] {
        let second = Pkcs11Config::new(path, token.token_label());
        let refusal = Pkcs11Hsm::connect(second, token.pin().clone()).err().unwrap();
        assert!(
            matches!(&refusal, HsmError::Failed(text) if text.contains("already connected")),
            "{refusal}"
        );
    }
    assert_eq!(first.health(), HsmHealth::Ready);
    let key = create(&first, HsmKeyKind::KekData);
    drop(first);
    for _ in 0..3 {
        let next = connect(token);
        assert_eq!(prove(&next, &key), Ok(()));
    }
}

pub(crate) fn a_file_that_is_no_module_is_refused(token: &TokenAddress) {
    let folder = token.tokens_path().parent().unwrap();
    let text = folder.join("text.so");
    std::fs::write(&text, "not a library").unwrap();
    for path in [folder.join("absent.so"), text] {
        let refusal = Pkcs11Hsm::connect(Pkcs11Config::new(path, "any"), token.pin().clone()).err().unwrap();
        assert!(matches!(refusal, HsmError::Failed(_)), "{refusal}");
        assert!(!refusal.to_string().contains("absent"), "no path in it");
    }
}

pub(crate) fn what_it_is_can_be_shown_as_evidence(token: &TokenAddress) {
    let description = connect(token).describe();
    assert_eq!(description.library, "Implementation of PKCS11 2.6");
    assert_eq!(description.token_model, "SoftHSM v2");
    assert_eq!(description.token_serial.len(), 16);
    assert_eq!(description.mechanisms.len(), 6);
}

pub(crate) fn make_another_token(label: &str) {
    let outcome = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", label, "--so-pin", "87654321", "--pin", "12345678"])
        .output()
        .unwrap();
    assert!(outcome.status.success());
}
