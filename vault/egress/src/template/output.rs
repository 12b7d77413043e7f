//! Where filled texts grow: within a limit, and without leaving copies behind.

use zeroize::Zeroizing;

/// A text in the making.
pub(super) struct Output {
    bytes: Zeroizing<Vec<u8>>,
    limit: usize,
}

/// More than the limit.
pub(super) struct Full;

impl Output {
    pub(super) fn with_limit(limit: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::new()), limit }
    }

    pub(super) fn push(&mut self, more: &[u8]) -> Result<(), Full> {
        let needed = self.bytes.len().saturating_add(more.len());
        if needed > self.limit {
            return Err(Full);
        }
        if needed > self.bytes.capacity() {
            // A vector that grows by itself frees its old memory as it is.
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2)));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(more);
        Ok(())
    }

    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}
