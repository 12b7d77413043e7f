use strongroom_api::crypto::{
    CreateDataKey, DataKeyView, DecryptItem, DecryptedField, DecryptedItem, EncryptItem, EncryptedField,
    EncryptedItem, JwkSet, LookedUpItem, MacItem, MadeMac, MadeMacItem, PublicKeyView, ReencryptItem,
    SignItem, Signed, SignedItem, StoredAs, Verified, VerifiedItem, VerifiedMac, VerifiedMacItem, VerifyItem,
    VerifyMacItem,
};
use strongroom_api::{Batch, List, OneOrMany, RouteId};
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

    /// Makes a key for use outside the vault, in clear and protected.
    pub async fn create_data_key(
        &self,
        key: &KeyName,
        wanted: &CreateDataKey,
    ) -> Result<DataKeyView, ClientError> {
        self.post(RouteId::CreateDataKey, &[key.as_str()], wanted).await
    }

    /// Vouches for data.
    pub async fn mac(&self, key: &KeyName, item: MacItem) -> Result<MadeMac, ClientError> {
        self.post(RouteId::Mac, &[key.as_str()], &OneOrMany::One(item)).await
    }

    /// Vouches for up to 1,000 pieces of data.
    pub async fn mac_many(
        &self,
        key: &KeyName,
        items: Vec<MacItem>,
    ) -> Result<Batch<MadeMacItem>, ClientError> {
        self.post(RouteId::Mac, &[key.as_str()], &OneOrMany::Many(items)).await
    }

    /// Tells whether data are what was vouched for.
    pub async fn verify_mac(&self, key: &KeyName, item: VerifyMacItem) -> Result<VerifiedMac, ClientError> {
        self.post(RouteId::VerifyMac, &[key.as_str()], &OneOrMany::One(item)).await
    }

    /// Tells it of up to 1,000 pieces of data.
    pub async fn verify_mac_many(
        &self,
        key: &KeyName,
        items: Vec<VerifyMacItem>,
    ) -> Result<Batch<VerifiedMacItem>, ClientError> {
        self.post(RouteId::VerifyMac, &[key.as_str()], &OneOrMany::Many(items)).await
    }

    /// Signs data.
    pub async fn sign(&self, key: &KeyName, item: SignItem) -> Result<Signed, ClientError> {
        self.post(RouteId::Sign, &[key.as_str()], &OneOrMany::One(item)).await
    }

    /// Signs up to 1,000 pieces of data.
    pub async fn sign_many(
        &self,
        key: &KeyName,
        items: Vec<SignItem>,
    ) -> Result<Batch<SignedItem>, ClientError> {
        self.post(RouteId::Sign, &[key.as_str()], &OneOrMany::Many(items)).await
    }

    /// Tells whether a signature is over its data.
    pub async fn verify(&self, key: &KeyName, item: VerifyItem) -> Result<Verified, ClientError> {
        self.post(RouteId::VerifySignature, &[key.as_str()], &OneOrMany::One(item)).await
    }

    /// Tells it of up to 1,000 signatures.
    pub async fn verify_many(
        &self,
        key: &KeyName,
        items: Vec<VerifyItem>,
    ) -> Result<Batch<VerifiedItem>, ClientError> {
        self.post(RouteId::VerifySignature, &[key.as_str()], &OneOrMany::Many(items)).await
    }

    /// What verifies the key's signatures without the vault, newest version first.
    pub async fn list_public_keys(&self, key: &KeyName) -> Result<List<PublicKeyView>, ClientError> {
        self.get(RouteId::ListPublicKeys, &[key.as_str()], Vec::new()).await
    }

    /// The public keys that clients encrypt to, for publication.
    pub async fn get_jwks(&self, key: &KeyName) -> Result<JwkSet, ClientError> {
        self.get(RouteId::GetJwks, &[key.as_str()], Vec::new()).await
    }
}
