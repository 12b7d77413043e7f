use strongroom_api::grpc::v1;
use strongroom_core::{EncryptItem, Encrypted, VaultError};
use strongroom_domain::{Context, KeyName, Secret};

use super::ItemCall;
use crate::problem::Failure;
use crate::request::Asked;

/// `CryptoService.Encrypt` and `CryptoService.EncryptFields`.
pub(crate) struct Encryption;

impl ItemCall for Encryption {
    type Request = v1::EncryptRequest;
    type Common = KeyName;
    type Item = EncryptItem;
    type Output = Encrypted;
    type Response = v1::EncryptResponse;
    type StreamResponse = v1::EncryptFieldsResponse;

    fn read(request: v1::EncryptRequest) -> Result<(KeyName, EncryptItem), Failure> {
        let plaintext = Secret::new(request.plaintext);
        let key = KeyName::parse(&request.key).map_err(|_| Failure::not_found())?;
        let context = Context::new(request.context).map_err(|error| Failure::misfit("/context", error))?;
        Ok((key, EncryptItem { plaintext, context }))
    }

    async fn carry_out(
        asked: &Asked,
        key: &KeyName,
        items: Vec<EncryptItem>,
    ) -> Result<Vec<Result<Encrypted, VaultError>>, VaultError> {
        asked.vault.encrypt(&asked.call, key, &items).await
    }

    fn response(done: Encrypted) -> Result<v1::EncryptResponse, Failure> {
        Ok(v1::EncryptResponse { ciphertext: done.ciphertext, key_version: done.key_version.get() })
    }

    fn result(index: u64, result: Result<v1::EncryptResponse, v1::Problem>) -> v1::EncryptFieldsResponse {
        use v1::encrypt_fields_response::Result as Came;
        v1::EncryptFieldsResponse { index, result: Some(result.map_or_else(Came::Error, Came::Done)) }
    }
}
