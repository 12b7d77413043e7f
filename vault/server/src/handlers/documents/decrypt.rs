use strongroom_api::JsonDocument;
use strongroom_api::documents::{DocumentInput, ReadDocument};

use super::request;
use crate::handlers::Outcome;
use crate::request::{Received, Reply};

/// `POST /v1/documents/decrypt`.
pub(crate) async fn decrypt(received: Received, wanted: DocumentInput) -> Outcome {
    let opened = received.vault.decrypt_document(&received.call, &request(wanted)?).await?;
    Reply::json(&ReadDocument { document: JsonDocument::from_json(opened.document), values: opened.values })
}
