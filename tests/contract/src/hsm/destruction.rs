//! Keys that are there to be destroyed.

use strongroom_core::ports::{Hsm, HsmError, HsmKeyKind};

use super::{fresh_label, fresh_label_of, key, material, refusal};

const SHORT_LIVED: HsmKeyKind = HsmKeyKind::SecurityCode;

pub(super) async fn a_destroyed_key_is_gone_and_opens_nothing(hsm: &dyn Hsm) {
    let (doomed, other) = (key(hsm, SHORT_LIVED).await, key(hsm, SHORT_LIVED).await);
    let sealed = hsm.seal(&doomed, b"place", &material(&[7; 32])).await.unwrap();
    let kept = hsm.seal(&other, b"place", &material(&[8; 32])).await.unwrap();
    assert!(
        hsm.open(&doomed, b"place", &sealed).await.unwrap().ct_eq(&[7; 32]),
        "it opens as long as it lives"
    );
    assert_eq!(hsm.destroy_key(&doomed.label).await, Ok(()));
    let missing = HsmError::Missing(SHORT_LIVED);
    assert_eq!(refusal(hsm.open(&doomed, b"place", &sealed).await), missing);
    assert_eq!(refusal(hsm.seal(&doomed, b"place", &material(&[7; 32])).await), missing);
    assert_eq!(hsm.prove_key(&doomed).await, Err(missing));
    assert!(!hsm.holds_keys(&doomed.label).await.unwrap(), "no part of it remains");
    assert!(hsm.open(&other, b"place", &kept).await.unwrap().ct_eq(&[8; 32]), "the others live");
    assert_eq!(hsm.destroy_key(&doomed.label).await, Ok(()), "gone is gone");
    assert_eq!(hsm.destroy_key(&fresh_label_of(SHORT_LIVED)).await, Ok(()), "there never was one");
    let again = hsm.create_key(SHORT_LIVED, &doomed.label).await.unwrap();
    assert_ne!(again.check_value, doomed.check_value, "the same label is another key");
    assert!(hsm.open(&again, b"place", &sealed).await.is_err());
}

pub(super) async fn only_short_lived_keys_are_destroyed(hsm: &dyn Hsm) {
    for kind in HsmKeyKind::ALL.iter().filter(|kind| !kind.is_short_lived()) {
        let lasting = key(hsm, *kind).await;
        let refused = hsm.destroy_key(&lasting.label).await;
        assert!(matches!(refused, Err(HsmError::Unsupported(_))), "{refused:?}");
        assert_eq!(hsm.prove_key(&lasting).await, Ok(()));
    }
}

pub(super) async fn short_lived_keys_are_listed_by_their_labels(hsm: &dyn Hsm) {
    let prefix = fresh_label(&format!("listed{}", HsmKeyKind::SHORT_LIVED_MARK));
    assert!(hsm.short_lived_keys(&prefix).await.unwrap().is_empty());
    for name in ["a", "b"] {
        hsm.create_key(SHORT_LIVED, &format!("{prefix}.{name}")).await.unwrap();
    }
    let mut labels = hsm.short_lived_keys(&prefix).await.unwrap();
    labels.sort();
    assert_eq!(labels, [format!("{prefix}.a"), format!("{prefix}.b")], "each once");
    let lasting = key(hsm, HsmKeyKind::KekData).await;
    assert!(hsm.short_lived_keys(&lasting.label).await.unwrap().is_empty());
}

pub(super) async fn a_label_fits_its_kind(hsm: &dyn Hsm) {
    for kind in HsmKeyKind::ALL {
        let of_others = if kind.is_short_lived() { HsmKeyKind::KekData } else { SHORT_LIVED };
        let refused = hsm.create_key(*kind, &fresh_label_of(of_others)).await;
        assert!(matches!(refused, Err(HsmError::Unsupported(_))), "{kind:?}");
    }
}
