/// The operating system's generator failed. There is nothing to do but refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no randomness available")]
pub struct EntropyError;

/// Randomness for tokens, salts and ids. Key material never comes from here but from the HSM.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer with uniform random bytes.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError>;
}
