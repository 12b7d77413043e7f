/// The operating system's generator failed. There is nothing to do but refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no randomness available")]
pub struct EntropyError;

/// Randomness for tokens, salts and ids. Key material never comes from here but from the HSM.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer with uniform random bytes.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError>;

    /// The same for what is told to everyone and need only be unique, like the name of a request. These bytes may have
    /// been drawn some time before, so they must never be a salt or a token: of a machine that is copied while it runs,
    /// both copies could hold the same.
    fn fill_name(&self, buffer: &mut [u8; 16]) -> Result<(), EntropyError> {
        self.fill(buffer)
    }
}
