use strongroom_api::crypto::{
    DecryptItem, DecryptedField, DecryptedItem, EncryptItem, EncryptedField, EncryptedItem, LookedUpItem,
    ReencryptItem, StoredAs,
};
use strongroom_api::{Batch, OneOrMany, RouteId};
use strongroom_domain::KeyName;

use crate::{Client, ClientError};

/// Fields.
impl Client {
    /// Protects a field.
    pub async fn encrypt(&self, key: &KeyName, item: EncryptItem) -> Result<EncryptedField, ClientError> {
        self.post(RouteId::Encrypt, &[key.as_str()], &OneOrMany::One(item)).await
    }

    /// Protects up to 1,000 fields, each on its own.
    pub async fn encrypt_many(
        &self,
        key: &KeyName,
        items: Vec<EncryptItem>,
    ) -> Result<Batch<EncryptedItem>, ClientError> {
        self.post(RouteId::Encrypt, &[key.as_str()], &OneOrMany::Many(items)).await
    }

    /// Reads a protected field.
    pub async fn decrypt(&self, key: &KeyName, item: DecryptItem) -> Result<DecryptedField, ClientError> {
        self.post(RouteId::Decrypt, &[key.as_str()], &OneOrMany::One(item)).await
    }

    /// Reads up to 1,000 protected fields, each on its own.
    pub async fn decrypt_many(
        &self,
        key: &KeyName,
        items: Vec<DecryptItem>,
    ) -> Result<Batch<DecryptedItem>, ClientError> {
        self.post(RouteId::Decrypt, &[key.as_str()], &OneOrMany::Many(items)).await
    }

    /// Protects a field anew under the newest version of the key, without showing it.
    pub async fn reencrypt(&self, key: &KeyName, item: ReencryptItem) -> Result<EncryptedField, ClientError> {
        self.post(RouteId::Reencrypt, &[key.as_str()], &OneOrMany::One(item)).await
    }

    /// Protects up to 1,000 fields anew, each on its own.
    pub async fn reencrypt_many(
        &self,
        key: &KeyName,
        items: Vec<ReencryptItem>,
    ) -> Result<Batch<EncryptedItem>, ClientError> {
        self.post(RouteId::Reencrypt, &[key.as_str()], &OneOrMany::Many(items)).await
    }
    /// What a value is stored as under each version of a deterministic key.
    pub async fn lookup(&self, key: &KeyName, item: EncryptItem) -> Result<StoredAs, ClientError> {
        self.post(RouteId::Lookup, &[key.as_str()], &OneOrMany::One(item)).await
    }

    /// What up to 1,000 values are stored as.
    pub async fn lookup_many(
        &self,
        key: &KeyName,
        items: Vec<EncryptItem>,
    ) -> Result<Batch<LookedUpItem>, ClientError> {
        self.post(RouteId::Lookup, &[key.as_str()], &OneOrMany::Many(items)).await
    }
}
