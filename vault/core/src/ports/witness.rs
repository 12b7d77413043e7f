use async_trait::async_trait;

/// A witness could not take a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the witness did not take the checkpoint")]
pub struct WitnessError;

/// Keeps signed checkpoints where the operator of the database cannot reach them, so that a truncated or rewritten log
/// is found by whoever holds them.
#[async_trait]
pub trait Witness: Send + Sync + 'static {
    /// Where it keeps them, for status and evidence.
    fn name(&self) -> &str;

    /// Keeps one signed note. Returns once it is durable.
    async fn publish(&self, note: &str) -> Result<(), WitnessError>;
}
