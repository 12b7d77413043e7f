use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ports::{Entropy, EntropyError};

/// Randomness for a batch, drawn from the generator in one call: a call for each salt would cost more than the salt's
/// use. Every byte is handed out once, and there is an end of it. Salts stand in clear in what they help to seal.
pub(in crate::operations) struct Drawn {
    bytes: Vec<u8>,
    used: AtomicUsize,
}

impl Drawn {
    /// Draws the salts of so many envelopes.
    pub(in crate::operations) fn salts(count: usize, source: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut bytes = vec![0; count.saturating_mul(SALT_LENGTH)];
        source.fill(&mut bytes)?;
        Ok(Self { bytes, used: AtomicUsize::new(0) })
    }
}

impl Entropy for Drawn {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let from = self.used.fetch_add(buffer.len(), Ordering::Relaxed);
        let end = from.checked_add(buffer.len()).ok_or(EntropyError)?;
        buffer.copy_from_slice(self.bytes.get(from..end).ok_or(EntropyError)?);
        Ok(())
    }
}

/// Of an envelope.
const SALT_LENGTH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts its calls, and gives bytes that never come again.
    struct Counting(AtomicUsize);

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            for (at, byte) in buffer.iter_mut().enumerate() {
                *byte = u8::try_from(at).unwrap();
            }
            Ok(())
        }
    }

    #[test]
    fn asks_once_and_hands_every_byte_out_once() {
        let source = Counting(AtomicUsize::new(0));
        let drawn = Drawn::salts(3, &source).unwrap();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let mut salt = [0; SALT_LENGTH];
            drawn.fill(&mut salt).unwrap();
            seen.extend_from_slice(&salt);
        }
        assert_eq!(seen, (0..48).collect::<Vec<u8>>());
        assert_eq!(source.0.load(Ordering::Relaxed), 1);
        assert_eq!(drawn.fill(&mut [0; 1]), Err(EntropyError));
    }
}
