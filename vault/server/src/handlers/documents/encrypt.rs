use strongroom_api::documents::DocumentInput;

use super::{protected, request};
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/documents/encrypt`.
pub(crate) async fn encrypt(received: Received, wanted: DocumentInput) -> Outcome {
    let request = request(wanted)?;
    Reply::json(&protected(received.vault.encrypt_document(&received.call, &request).await?))
}
