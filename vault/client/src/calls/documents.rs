use strongroom_api::RouteId;
use strongroom_api::documents::{DocumentInput, ProtectedDocument, ReadDocument};

use crate::{Client, ClientError};

/// Documents.
impl Client {
    /// Protects fields of a JSON document in their places.
    pub async fn encrypt_document(&self, wanted: &DocumentInput) -> Result<ProtectedDocument, ClientError> {
        self.post(RouteId::EncryptDocument, &[], wanted).await
    }

    /// Reads protected fields of a JSON document in their places.
    pub async fn decrypt_document(&self, wanted: &DocumentInput) -> Result<ReadDocument, ClientError> {
        self.post(RouteId::DecryptDocument, &[], wanted).await
    }

    /// Protects fields of a JSON document anew under the newest version of the key, without showing them.
    pub async fn reencrypt_document(&self, wanted: &DocumentInput) -> Result<ProtectedDocument, ClientError> {
        self.post(RouteId::ReencryptDocument, &[], wanted).await
    }
}
