//! The HSM in memory keeps every promise of an HSM, and fails when it is told to.
#![expect(clippy::unwrap_used, reason = "a test program")]

use strongroom_contract::MemoryHsm;
use strongroom_core::ports::{Hsm, HsmError, HsmHealth, HsmKey, HsmKeyKind};
use strongroom_domain::Secret;

#[tokio::test]
async fn keeps_the_contract() {
    strongroom_contract::hsm::run_all(&MemoryHsm::new(1)).await;
}

#[tokio::test]
async fn the_same_seed_gives_the_same_answers() {
    let (one, same, other) = (MemoryHsm::new(7), MemoryHsm::new(7), MemoryHsm::new(8));
    let (first, second) = (key(&one, HsmKeyKind::KekData).await, key(&same, HsmKeyKind::KekData).await);
    assert_eq!(first, second);
    assert_ne!(first, key(&other, HsmKeyKind::KekData).await);
    let material = Secret::new(vec![3; 32]);
    let sealed = one.seal(&first, b"place", &material).await.unwrap();
    assert_eq!(same.seal(&second, b"place", &material).await.unwrap(), sealed);
}

#[tokio::test]
async fn every_call_fails_until_told_otherwise() {
    let hsm = MemoryHsm::new(1);
    let kek = key(&hsm, HsmKeyKind::KekData).await;
    let away = HsmError::Unavailable("gone fishing");
    hsm.fail_with(Some(away.clone()));
    assert_eq!(hsm.health(), HsmHealth::Recovering);
    assert_eq!(hsm.random(1).await.err(), Some(away.clone()));
    assert_eq!(hsm.prove_key(&kek).await, Err(away.clone()));
    assert_eq!(hsm.holds_keys("").await, Err(away.clone()));
    assert_eq!(hsm.create_key(HsmKeyKind::KekWrap, "new").await, Err(away));
    hsm.fail_with(Some(HsmError::Pin("locked")));
    assert_eq!(hsm.health(), HsmHealth::Failed);
    hsm.fail_with(None);
    assert_eq!((hsm.health(), hsm.prove_key(&kek).await), (HsmHealth::Ready, Ok(())));
    assert_eq!(hsm.holds_keys("new").await, Ok(false), "what failed did not happen");
}

#[tokio::test]
async fn keys_are_lost_doubled_and_exchanged_on_demand() {
    for kind in HsmKeyKind::ALL {
        let hsm = MemoryHsm::new(1);
        let untouched = key(&hsm, other_than(*kind)).await;
        let lost = key(&hsm, *kind).await;
        hsm.duplicate_key(*kind);
        assert_eq!(hsm.prove_key(&lost).await, Err(HsmError::Ambiguous(*kind)));
        hsm.forget_key(*kind);
        assert_eq!(hsm.prove_key(&lost).await, Err(HsmError::Missing(*kind)));
        let exchanged = key(&hsm, *kind).await;
        hsm.alter_check_value(*kind);
        let refusal = hsm.prove_key(&exchanged).await;
        assert!(matches!(refusal, Err(HsmError::NotTheRecordedKey { .. })), "{refusal:?}");
        assert_eq!(hsm.prove_key(&untouched).await, Ok(()));
    }
}

async fn key(hsm: &MemoryHsm, kind: HsmKeyKind) -> HsmKey {
    let mark = if kind.is_short_lived() { HsmKeyKind::SHORT_LIVED_MARK } else { "" };
    hsm.create_key(kind, &format!("{}{mark}", kind.as_str())).await.unwrap()
}

fn other_than(kind: HsmKeyKind) -> HsmKeyKind {
    HsmKeyKind::ALL.iter().copied().find(|other| other.form() != kind.form()).unwrap()
}
