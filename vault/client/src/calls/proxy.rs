use strongroom_api::RouteId;
use strongroom_api::proxy::{ForwardRequest, ForwardedAnswer};

use crate::{Client, ClientError};

/// Requests to destinations outside.
impl Client {
    /// Makes a request to a listed destination with values of tokens in it, and hands its answer on. Give a key of your own
    /// ([`Client::with_idempotency_key`]), such as the payment's number: with it, asking again after a crash of either
    /// side gives what came of it and sends nothing twice. [`strongroom_api::ErrorCode::ForwardOutcomeUnknown`] says that
    /// only the destination knows.
    pub async fn forward(&self, request: &ForwardRequest) -> Result<ForwardedAnswer, ClientError> {
        self.post(RouteId::Forward, &[], request).await
    }
}
