//! The contract, on every rung that SoftHSM can be brought to.

use strongroom_core::ports::{Hsm, HsmError, HsmKey, HsmKeyKind};
use strongroom_crypto::wrapped_key_v1::Mechanism;
use strongroom_pkcs11::HiddenMechanism as Hidden;
use strongroom_pkcs11::Pkcs11Hsm;
use strongroom_softhsm::TokenAddress;

use crate::bench::{config, connect, connect_without, create, material, mechanism, prove, wait};

pub(crate) fn keeps_the_contract(token: &TokenAddress) {
    let hsm = connect(token);
    for (usage, expected) in [
        ("data", "aes-gcm"),
        ("wrap", "aes-key-wrap"),
        ("mac", "sha256-hmac"),
        ("sign", "ecdsa-p256"),
        ("check value", "aes-cbc"),
        ("proven by", "known answers"),
    ] {
        assert_eq!(mechanism(&hsm, usage), expected, "{usage}");
    }
    wait(strongroom_contract::hsm::run_all(&hsm));
}

pub(crate) fn keeps_the_contract_with_cbc_and_hmac(token: &TokenAddress) {
    let hsm = connect_without(token, &[Hidden::AesGcm]);
    assert_eq!(mechanism(&hsm, "data"), "aes-cbc-hmac-sha256");
    wait(strongroom_contract::hsm::run_all(&hsm));
}

pub(crate) fn keeps_the_contract_with_padded_key_wrap(token: &TokenAddress) {
    let hsm = connect_without(token, &[Hidden::AesKeyWrap]);
    assert_eq!(mechanism(&hsm, "wrap"), "aes-key-wrap-pad");
    wait(strongroom_contract::hsm::run_all(&hsm));
}

pub(crate) fn keeps_the_contract_on_a_module_without_key_wrap(token: &TokenAddress) {
    let hsm = connect(token);
    assert_eq!(mechanism(&hsm, "wrap"), "aes-key-wrap-pad");
    wait(strongroom_contract::hsm::run_all(&hsm));
}

pub(crate) fn keeps_the_contract_where_no_key_can_be_imported(token: &TokenAddress) {
    let hsm = connect_without(token, &[Hidden::KeyImport]);
    assert_eq!(mechanism(&hsm, "proven by"), "round trips");
    assert_eq!((mechanism(&hsm, "data"), mechanism(&hsm, "wrap")), ("aes-gcm", "aes-key-wrap"));
    wait(strongroom_contract::hsm::run_all(&hsm));
}

pub(crate) fn keeps_the_contract_with_ecb_check_values(token: &TokenAddress) {
    let recorded = create(&connect(token), HsmKeyKind::KekData);
    let hsm = connect_without(token, &[Hidden::AesCbc]);
    assert_eq!(mechanism(&hsm, "check value"), "aes-ecb");
    assert_eq!(prove(&hsm, &recorded), Ok(()), "a value made with CBC is the same made with ECB");
    wait(strongroom_contract::hsm::run_all(&hsm));
}

pub(crate) fn without_single_blocks_the_tokens_own_check_values_serve(token: &TokenAddress) {
    let hsm = connect_without(token, &[Hidden::AesCbc, Hidden::AesEcb, Hidden::KeyImport]);
    assert_eq!(mechanism(&hsm, "check value"), "cka-check-value");
    let (one, other) =
        (create(&hsm, HsmKeyKind::KekData), wait(hsm.create_key(HsmKeyKind::KekData, "other")).unwrap());
    let values = HsmKey { check_value: other.check_value.clone(), ..one.clone() };
    assert_eq!((prove(&hsm, &one), prove(&hsm, &other)), (Ok(()), Ok(())));
    let refused = HsmError::NotTheRecordedKey { kind: HsmKeyKind::KekData, reason: "its check value" };
    assert_eq!(prove(&hsm, &values), Err(refused));
    let sealed = wait(hsm.seal(&one, b"place", &material())).unwrap();
    assert!(wait(hsm.open(&one, b"place", &sealed)).unwrap().ct_eq(&[0x42; 32]));
    // SoftHSM gives unwrapped keys no check value, so wrapping cannot be proven to work, and is not used.
    assert_eq!(mechanism(&hsm, "wrap"), "none");
    drop(hsm);
    assert_eq!(prove(&connect(token), &one), Ok(()), "made again in the way it was recorded");
}

pub(crate) fn keeps_the_contract_with_one_session(token: &TokenAddress) {
    let mut config = config(token);
    config.sessions = 1;
    let hsm = Pkcs11Hsm::connect(config, token.pin().clone()).unwrap();
    wait(strongroom_contract::hsm::run_all(&hsm));
}

#[expect(clippy::disallowed_methods, reason = "codes of test messages")]
pub(crate) fn without_hmac_the_registry_is_under_cmac(token: &TokenAddress) {
    let hmac_key = create(&connect(token), HsmKeyKind::RegistryMac);
    let hsm = connect_without(token, &[Hidden::Sha256Hmac]);
    assert_eq!((mechanism(&hsm, "mac"), mechanism(&hsm, "wrap")), ("aes-cmac", "none"));
    let cmac_key = wait(hsm.create_key(HsmKeyKind::RegistryMac, "cmac")).unwrap();
    let lengths = |hsm: &Pkcs11Hsm| {
        [&hmac_key, &cmac_key].map(|key| wait(hsm.mac(key, b"message")).unwrap().expose().len())
    };
    assert_eq!(lengths(&hsm), [32, 16], "how a key makes MACs was fixed when it was created");
    let data_key = create(&hsm, HsmKeyKind::KekData);
    let sealed = wait(hsm.seal(&data_key, b"place", &material())).unwrap();
    assert!(wait(hsm.open(&data_key, b"place", &sealed)).unwrap().ct_eq(&[0x42; 32]));
    drop(hsm);

    let hsm = connect(token);
    assert_eq!(lengths(&hsm), [32, 16]);
    assert_eq!(prove(&hsm, &data_key), Ok(()), "a key made without a binding key stays proven without one");
}

pub(crate) fn where_no_rung_is_left_it_refuses(token: &TokenAddress) {
    let before = connect(token);
    let (data, wrap) = (create(&before, HsmKeyKind::KekData), create(&before, HsmKeyKind::KekWrap));
    drop(before);
    let hidden = [Hidden::AesGcm, Hidden::AesCbcPad, Hidden::AesKeyWrap, Hidden::AesKeyWrapPad];
    let hsm = connect_without(token, &hidden);
    assert_eq!((mechanism(&hsm, "data"), mechanism(&hsm, "wrap")), ("none", "none"));
    let unsupported = |error: Option<HsmError>| matches!(error, Some(HsmError::Unsupported(_)));
    assert!(unsupported(wait(hsm.seal(&data, b"place", &material())).err()));
    assert!(unsupported(wait(hsm.generate_wrapped(&wrap, b"place")).err()));
    for kind in [HsmKeyKind::KekData, HsmKeyKind::KekWrap] {
        assert!(unsupported(wait(hsm.create_key(kind, "new")).err()));
    }
    assert!(!wait(hsm.holds_keys("new")).unwrap(), "nothing is left behind");
}

pub(crate) fn a_key_sealed_on_one_rung_opens_after_the_token_has_climbed(token: &TokenAddress) {
    let poor = connect_without(token, &[Hidden::AesGcm, Hidden::AesKeyWrap]);
    let (data, wrap) = (create(&poor, HsmKeyKind::KekData), create(&poor, HsmKeyKind::KekWrap));
    let sealed = wait(poor.seal(&data, b"place", &material())).unwrap();
    let (wrapped, check_value) = wait(poor.generate_wrapped(&wrap, b"place")).unwrap();
    assert_eq!(sealed.mechanism, Mechanism::AesCbcHmacSha256);
    assert_eq!(wrapped.mechanism, Mechanism::AesKeyWrapPad);
    drop(poor);

    let rich = connect(token);
    assert_eq!((prove(&rich, &data), prove(&rich, &wrap)), (Ok(()), Ok(())));
    assert!(wait(rich.open(&data, b"place", &sealed)).unwrap().ct_eq(&[0x42; 32]));
    assert_eq!(wait(rich.unwrap_and_check(&wrap, b"place", &wrapped)), Ok(check_value));
    assert_eq!(wait(rich.seal(&data, b"place", &material())).unwrap().mechanism, Mechanism::AesGcm);
}
