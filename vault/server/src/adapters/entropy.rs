use strongroom_core::ports::{Entropy, EntropyError};

/// The kernel's generator.
#[derive(Debug, Clone, Copy)]
pub struct OperatingSystemEntropy;

impl Entropy for OperatingSystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(buffer).map_err(|_| EntropyError)
    }
}
