//! Many callers at once.

use futures_util::future::join_all;
use strongroom_core::ports::{Hsm, HsmError, HsmKeyKind};

use super::{key, material, refusal};

#[expect(clippy::disallowed_methods, reason = "codes of test messages")]
pub(super) async fn many_calls_at_once_do_not_mix(hsm: &dyn Hsm) {
    let data = key(hsm, HsmKeyKind::KekData).await;
    let wrap = key(hsm, HsmKeyKind::KekWrap).await;
    let mac = key(hsm, HsmKeyKind::RegistryMac).await;
    let alone = hsm.mac(&mac, b"message").await.unwrap();
    let callers = (0..64_u8).map(|caller| {
        let (data, wrap, mac, alone) = (&data, &wrap, &mac, &alone);
        async move {
            for round in 0..4_u8 {
                let (place, bytes) = ([caller, round], [caller; 32]);
                let sealed = hsm.seal(data, &place, &material(&bytes)).await.unwrap();
                assert!(hsm.open(data, &place, &sealed).await.unwrap().ct_eq(&bytes));
                match caller % 4 {
                    0 => {
                        let (wrapped, value) = hsm.generate_wrapped(wrap, &place).await.unwrap();
                        assert_eq!(hsm.unwrap_and_check(wrap, &place, &wrapped).await, Ok(value));
                    }
                    // Refusals among good calls: a session that failed must not spoil another call.
                    1 => assert_eq!(refusal(hsm.open(data, b"no", &sealed).await), HsmError::Integrity),
                    2 => assert!(hsm.mac(mac, b"message").await.unwrap().ct_eq(alone.expose())),
                    _ => assert_eq!(hsm.random(32).await.unwrap().expose().len(), 32),
                }
            }
        }
    });
    join_all(callers).await;
    for kek in [&data, &wrap, &mac] {
        assert_eq!(hsm.prove_key(kek).await, Ok(()));
    }
}
