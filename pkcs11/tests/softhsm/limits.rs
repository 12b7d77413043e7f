//! Too much at once, too little time, and failures in a crowd.

use std::time::{Duration, Instant};

use strongroom_core::ports::{Hsm, HsmError, HsmHealth, HsmKeyKind};
use strongroom_pkcs11::Pkcs11Hsm;
use strongroom_softhsm::TokenAddress;

use crate::bench::{config, connect, create, material, wait};

pub(crate) fn a_full_queue_refuses_at_once(token: &TokenAddress) {
    let mut small = config(token);
    small.sessions = 1;
    small.queue_bound = 2;
    let hsm = Pkcs11Hsm::connect(small, token.pin().clone()).unwrap();
    let crowd = std::iter::repeat_with(|| hsm.random(500_000)).take(50);
    let outcomes = wait(all(crowd));
    let refused = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(HsmError::Unavailable(text)) if text.contains("queue")));
    let (refused, served) = (refused.count(), outcomes.iter().filter(|outcome| outcome.is_ok()).count());
    assert_eq!(refused + served, 50);
    assert!(served >= 2, "what fitted was served");
    assert!(refused >= 40, "the rest was refused: {refused}");
    assert!(wait(hsm.random(32)).is_ok(), "and then it goes on");
}

pub(crate) fn a_call_without_time_is_late(token: &TokenAddress) {
    let mut hurried = config(token);
    hurried.sessions = 1;
    hurried.deadline = Duration::from_millis(40);
    let hsm = Pkcs11Hsm::connect(hurried, token.pin().clone()).unwrap();
    let begun = Instant::now();
    // Far more than the deadline's worth of work: what cannot be done in time is given up, by the caller and in the queue.
    let outcomes = wait(all(std::iter::repeat_with(|| hsm.random(4_000_000)).take(40)));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let late = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(HsmError::Unavailable(text)) if text.contains("in time")));
    assert!(late.count() >= 20);
    let end = Instant::now() + Duration::from_secs(5);
    while wait(hsm.random(32)).is_err() {
        assert!(Instant::now() < end, "it serves again");
    }
}

pub(crate) fn failures_under_load_do_not_shake_it(token: &TokenAddress) {
    let hsm = connect(token);
    let key = create(&hsm, HsmKeyKind::KekData);
    let sealed = wait(hsm.seal(&key, b"place", &material())).unwrap();
    // Each refusal retires a session: thousands of them must neither crash the module nor exhaust it.
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    for _ in 0..10 {
        let crowd = (0..200).map(|caller| {
            let (hsm, key, sealed) = (&hsm, &key, &sealed);
            async move {
                if caller % 2 == 0 {
                    hsm.open(key, b"elsewhere", sealed).await.err() == Some(HsmError::Integrity)
                } else {
                    hsm.open(key, b"place", sealed).await.is_ok_and(|bytes| bytes.ct_eq(&[0x42; 32]))
                }
            }
        });
        assert!(runtime.block_on(all(crowd)).into_iter().all(|right| right));
    }
    assert_eq!(hsm.health(), HsmHealth::Ready);
}

pub(crate) fn labels_are_checked(token: &TokenAddress) {
    let hsm = connect(token);
    let long = "x".repeat(65);
    for label in ["", "with space", "naïve", "line\nbreak", "kek/binding", &long] {
        let refusal = wait(hsm.create_key(HsmKeyKind::KekData, label)).err().unwrap();
        assert!(matches!(refusal, HsmError::Unsupported(_)), "{refusal}");
    }
    assert!(!wait(hsm.holds_keys("")).unwrap());
}

async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(futures).await
}
