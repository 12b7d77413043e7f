//! Creation and proof.

use strongroom_core::ports::{Hsm, HsmError, HsmKey, HsmKeyKind, KeyCheckValue};

use super::{each_with_a_changed_byte, fresh_label, fresh_label_of, is_another_key, key, material, refusal};

pub(super) async fn it_holds_no_keys_before_there_are_any(hsm: &dyn Hsm) {
    let prefix = fresh_label("holds");
    assert!(!hsm.holds_keys(&prefix).await.unwrap());
    let key = hsm.create_key(HsmKeyKind::RegistryMac, &format!("{prefix}/mac")).await.unwrap();
    assert!(hsm.holds_keys(&prefix).await.unwrap());
    assert!(hsm.holds_keys(&key.label).await.unwrap());
    assert!(!hsm.holds_keys(&format!("{prefix}/mac/more")).await.unwrap());
    assert!(!hsm.holds_keys("olds").await.unwrap(), "the beginning of a label, not any part of it");
}

pub(super) async fn created_keys_are_proven_and_distinct(hsm: &dyn Hsm) {
    for kind in HsmKeyKind::ALL {
        let label = fresh_label_of(*kind);
        let first = hsm.create_key(*kind, &label).await.unwrap();
        assert_eq!((first.kind, first.label.as_str()), (*kind, label.as_str()));
        assert!(first.check_value.0.len() >= 3);
        let second = key(hsm, *kind).await;
        assert_ne!(first.id, second.id);
        assert_ne!(first.check_value, second.check_value);
        assert_eq!(hsm.prove_key(&first).await, Ok(()));
        assert_eq!(hsm.prove_key(&second).await, Ok(()));
        assert_eq!(hsm.prove_key(&first).await, Ok(()), "a proof can be repeated");
    }
}

pub(super) async fn a_label_is_given_once(hsm: &dyn Hsm) {
    let first = key(hsm, HsmKeyKind::KekData).await;
    let again = hsm.create_key(HsmKeyKind::KekData, &first.label).await;
    assert_eq!(again, Err(HsmError::Ambiguous(HsmKeyKind::KekData)));
    assert_eq!(hsm.prove_key(&first).await, Ok(()), "the first one stands as before");
}

pub(super) async fn a_missing_key_is_called_missing(hsm: &dyn Hsm) {
    for kind in HsmKeyKind::ALL {
        let mut absent = key(hsm, *kind).await;
        absent.id = [0x5a; 16];
        assert_eq!(hsm.prove_key(&absent).await, Err(HsmError::Missing(*kind)));
    }
    let mut absent = key(hsm, HsmKeyKind::KekData).await;
    absent.id = [0x5a; 16];
    let refused = refusal(hsm.seal(&absent, b"place", &material(&[7; 32])).await);
    assert_eq!(refused, HsmError::Missing(HsmKeyKind::KekData));
}

pub(super) async fn a_key_of_another_kind_is_not_the_recorded_one(hsm: &dyn Hsm) {
    for real in HsmKeyKind::ALL {
        let key = key(hsm, *real).await;
        for claimed in HsmKeyKind::ALL.iter().filter(|kind| kind.form() != real.form()) {
            let disguised = HsmKey { kind: *claimed, ..key.clone() };
            let refused = refusal(hsm.prove_key(&disguised).await);
            assert!(is_another_key(&refused), "{real:?} as {claimed:?}: {refused}");
        }
    }
}

pub(super) async fn another_check_value_or_label_is_not_the_recorded_key(hsm: &dyn Hsm) {
    for kind in HsmKeyKind::ALL {
        let real = key(hsm, *kind).await;
        let values = each_with_a_changed_byte(&real.check_value.0).into_iter().chain([vec![]]);
        for value in values {
            let changed = HsmKey { check_value: KeyCheckValue(value), ..real.clone() };
            let refused = refusal(hsm.prove_key(&changed).await);
            assert!(
                matches!(refused, HsmError::NotTheRecordedKey { .. } | HsmError::Unsupported(_)),
                "{refused}"
            );
        }
        let renamed = HsmKey { label: fresh_label_of(*kind), ..real.clone() };
        assert!(is_another_key(&refusal(hsm.prove_key(&renamed).await)));
        assert_eq!(hsm.prove_key(&real).await, Ok(()));
    }
    // Nor can it be used under a false record.
    let real = key(hsm, HsmKeyKind::KekData).await;
    let value = each_with_a_changed_byte(&real.check_value.0).pop().unwrap();
    let changed = HsmKey { check_value: KeyCheckValue(value), ..real };
    assert!(is_another_key(&refusal(hsm.seal(&changed, b"place", &material(&[7; 32])).await)));
}

pub(super) async fn a_key_serves_its_kind_only(hsm: &dyn Hsm) {
    let data = key(hsm, HsmKeyKind::KekData).await;
    let wrap = key(hsm, HsmKeyKind::KekWrap).await;
    let mac = key(hsm, HsmKeyKind::RegistryMac).await;
    let sign = key(hsm, HsmKeyKind::AuditSigning).await;
    for other in [&wrap, &mac, &sign] {
        assert!(is_another_key(&refusal(hsm.seal(other, b"place", &material(&[7; 32])).await)));
    }
    for other in [&data, &mac, &sign] {
        assert!(is_another_key(&refusal(hsm.generate_wrapped(other, b"place").await)));
    }
    for other in [&data, &wrap, &sign] {
        assert!(is_another_key(&refusal(hsm.mac(other, b"message").await)));
    }
    for other in [&data, &wrap, &mac] {
        assert!(is_another_key(&refusal(hsm.sign(other, b"message").await)));
        assert!(is_another_key(&refusal(hsm.public_key(other).await)));
    }
}
