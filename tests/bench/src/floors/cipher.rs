//! AES-256-GCM alone.

use std::time::{Duration, Instant};

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};

use crate::Outcome;

/// Seals of 64 bytes a second on one core, key ready.
pub(crate) fn seals_per_second(seconds: Duration) -> Outcome<f64> {
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from([7; 32]));
    let mut buffer = [1_u8; 64];
    let mut counter = 0_u64;
    let began = Instant::now();
    while began.elapsed() < seconds {
        for _ in 0..1000 {
            counter += 1;
            let mut nonce = [0; 12];
            nonce.iter_mut().zip(counter.to_be_bytes()).for_each(|(to, from)| *to = from);
            cipher
                .encrypt_inout_detached(&Nonce::from(nonce), &[0; 32], buffer.as_mut_slice().into())
                .map_err(|_| "seal failed")?;
        }
    }
    Ok(counter as f64 / began.elapsed().as_secs_f64())
}
