//! The PIN, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use secrecy::SecretString;
use strongroom_core::ports::{Hsm, HsmError, HsmHealth, HsmKeyKind};
use strongroom_pkcs11::Pkcs11Hsm;
use strongroom_softhsm::TokenAddress;

use crate::bench::{Intruder, config, connect, create, material, prove, wait};

pub(crate) fn a_wrong_pin_is_tried_once(token: &TokenAddress) {
    let logins = Logins::default();
    let outcome = metrics::with_local_recorder(&logins, || {
        Pkcs11Hsm::connect(config(token), SecretString::from("not the PIN at all"))
    });
    let refusal = outcome.err().unwrap();
    assert_eq!(refusal, HsmError::Pin("incorrect"));
    assert!(!refusal.is_retryable());
    assert!(!format!("{refusal} {refusal:?}").contains("not the PIN"));
    assert_eq!(logins.0.load(Ordering::SeqCst), 1, "one try and no more");

    // An operator who sets the right PIN and starts again gets in.
    let hsm = connect(token);
    assert_eq!(hsm.health(), HsmHealth::Ready);
}

pub(crate) fn a_logout_behind_its_back_is_mended(token: &TokenAddress) {
    let hsm = connect(token);
    let intruder = Intruder::enter(token);
    let data = create(&hsm, HsmKeyKind::KekData);
    let mac = create(&hsm, HsmKeyKind::RegistryMac);
    for _ in 0..3 {
        let sealed = wait(hsm.seal(&data, b"place", &material())).unwrap();
        intruder.session().logout().unwrap();
        assert!(wait(hsm.open(&data, b"place", &sealed)).unwrap().ct_eq(&[0x42; 32]));
        intruder.session().logout().unwrap();
        assert!(wait(hsm.mac(&mac, b"message")).is_ok());
        intruder.session().logout().unwrap();
        assert_eq!(prove(&hsm, &data), Ok(()));
    }
    assert_eq!(hsm.health(), HsmHealth::Ready);
}

pub(crate) fn a_logout_behind_its_back_hides_no_keys(token: &TokenAddress) {
    let hsm = connect(token);
    let intruder = Intruder::enter(token);
    let key = create(&hsm, HsmKeyKind::KekData);
    intruder.session().logout().unwrap();
    assert!(wait(hsm.holds_keys("kek")).unwrap(), "unseen is not absent");
    intruder.session().logout().unwrap();
    let taken = wait(hsm.create_key(HsmKeyKind::KekData, &key.label));
    assert_eq!(taken, Err(HsmError::Ambiguous(HsmKeyKind::KekData)));
    intruder.session().logout().unwrap();
    let another = wait(hsm.create_key(HsmKeyKind::KekData, "another")).unwrap();
    assert_eq!(intruder.objects_of(&another).len(), 2, "the key and its binding key, made once");
    assert_eq!((prove(&hsm, &key), prove(&hsm, &another)), (Ok(()), Ok(())));
}

/// Counts logins, whatever their outcome.
#[derive(Default)]
struct Logins(Arc<AtomicU64>);

impl Recorder for Logins {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        match key.name() {
            "strongroom_hsm_logins_total" => Counter::from_arc(Arc::clone(&self.0)),
            _ => Counter::noop(),
        }
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
