use strongroom_api::documents::DocumentInput;

use super::{protected, request};
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/documents/reencrypt`.
pub(crate) async fn reencrypt(received: Received, wanted: DocumentInput) -> Outcome {
    let request = request(wanted)?;
    Reply::json(&protected(received.vault.reencrypt_document(&received.call, &request).await?))
}
