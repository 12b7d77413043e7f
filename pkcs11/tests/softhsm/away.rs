//! The device goes away and comes back. Moving the folder of the token's files away is SoftHSM's way of being unplugged.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use strongroom_core::ports::{Hsm, HsmHealth, HsmKeyKind};
use strongroom_softhsm::TokenAddress;

use crate::bench::{becomes, connect, create, material, prove, wait};
use crate::tokens::make_another_token;

pub(crate) fn a_token_that_goes_away_is_refused_quickly_and_comes_back(token: &TokenAddress) {
    let hsm = connect(token);
    let data = create(&hsm, HsmKeyKind::KekData);
    let wrap = create(&hsm, HsmKeyKind::KekWrap);
    let mac = create(&hsm, HsmKeyKind::RegistryMac);
    let sealed = wait(hsm.seal(&data, b"place", &material())).unwrap();
    let (wrapped, check_value) = wait(hsm.generate_wrapped(&wrap, b"place")).unwrap();
    for _ in 0..2 {
        let away = unplug(token);
        let begun = Instant::now();
        let refusal = wait(hsm.open(&data, b"place", &sealed)).err().unwrap();
        assert!(refusal.is_retryable(), "{refusal}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert_eq!(hsm.health(), HsmHealth::Recovering);
        for refusal in [
            prove(&hsm, &data).err(),
            wait(hsm.mac(&mac, b"message")).err(),
            wait(hsm.holds_keys("")).err(),
            wait(hsm.create_key(HsmKeyKind::KekData, "new")).err(),
        ] {
            assert!(refusal.is_some_and(|error| error.is_retryable()), "nothing is answered wrongly");
        }
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!(hsm.health(), HsmHealth::Recovering);

        let back = Instant::now();
        plug_in(token, away);
        assert!(becomes(Duration::from_secs(5), || hsm.health() == HsmHealth::Ready));
        assert!(back.elapsed() < Duration::from_secs(5));
        assert!(wait(hsm.open(&data, b"place", &sealed)).unwrap().ct_eq(&[0x42; 32]));
        assert_eq!(wait(hsm.unwrap_and_check(&wrap, b"place", &wrapped)).as_ref(), Ok(&check_value));
        assert!(wait(hsm.mac(&mac, b"message")).is_ok());
        assert!(!wait(hsm.holds_keys("new")).unwrap());
    }
}

pub(crate) fn a_token_that_comes_back_without_its_keys_stays_away(token: &TokenAddress) {
    let hsm = connect(token);
    // As a backup taken before the ceremony.
    let folder = token.tokens_path();
    let backup = folder.with_extension("backup");
    copy(folder, &backup);
    let key = create(&hsm, HsmKeyKind::KekData);

    let away = unplug(token);
    assert!(wait(hsm.seal(&key, b"place", &material())).err().unwrap().is_retryable());
    fs::rename(&backup, folder).unwrap();
    assert!(!becomes(Duration::from_millis(500), || hsm.health() == HsmHealth::Ready));
    assert!(wait(hsm.seal(&key, b"place", &material())).err().unwrap().is_retryable());

    // The right one after all.
    fs::rename(folder, &backup).unwrap();
    plug_in(token, away);
    assert!(becomes(Duration::from_secs(5), || hsm.health() == HsmHealth::Ready));
    assert_eq!(prove(&hsm, &key), Ok(()));
}

pub(crate) fn another_token_of_the_same_label_is_not_taken_for_it(token: &TokenAddress) {
    let hsm = connect(token);
    let key = create(&hsm, HsmKeyKind::KekData);
    let away = unplug(token);
    fs::create_dir(token.tokens_path()).unwrap();
    make_another_token(token.token_label());
    assert!(wait(hsm.seal(&key, b"place", &material())).err().unwrap().is_retryable());
    assert!(!becomes(Duration::from_millis(500), || hsm.health() != HsmHealth::Recovering));

    fs::rename(token.tokens_path(), token.tokens_path().with_extension("impostor")).unwrap();
    plug_in(token, away);
    assert!(becomes(Duration::from_secs(5), || hsm.health() == HsmHealth::Ready));
    assert_eq!(prove(&hsm, &key), Ok(()));
}

pub(crate) fn it_can_be_dropped_while_the_token_is_away(token: &TokenAddress) {
    let hsm = connect(token);
    let key = create(&hsm, HsmKeyKind::KekData);
    let away = unplug(token);
    assert!(wait(hsm.seal(&key, b"place", &material())).err().unwrap().is_retryable());
    let begun = Instant::now();
    drop(hsm);
    assert!(begun.elapsed() < Duration::from_secs(5));
    plug_in(token, away);
    assert_eq!(prove(&connect(token), &key), Ok(()));
}

fn unplug(token: &TokenAddress) -> PathBuf {
    let away = token.tokens_path().with_extension("away");
    fs::rename(token.tokens_path(), &away).unwrap();
    away
}

fn plug_in(token: &TokenAddress, away: PathBuf) {
    fs::rename(away, token.tokens_path()).unwrap();
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
