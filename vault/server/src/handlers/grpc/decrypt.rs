use strongroom_api::grpc::v1;
use strongroom_core::{DecryptItem, Decrypted, VaultError};
use strongroom_domain::{Context, KeyName, KeyVersion};

use super::ItemCall;
use crate::problem::Failure;
use crate::request::Asked;

/// `CryptoService.Decrypt` and `CryptoService.DecryptFields`.
pub(crate) struct Decryption;

impl ItemCall for Decryption {
    type Request = v1::DecryptRequest;
    type Common = KeyName;
    type Item = DecryptItem;
    type Output = Decrypted;
    type Response = v1::DecryptResponse;
    type StreamResponse = v1::DecryptFieldsResponse;

    fn read(request: v1::DecryptRequest) -> Result<(KeyName, DecryptItem), Failure> {
        let key = KeyName::parse(&request.key).map_err(|_| Failure::not_found())?;
        let context = Context::new(request.context).map_err(|error| Failure::misfit("/context", error))?;
        let key_version = request.key_version.map(version).transpose()?;
        Ok((key, DecryptItem { ciphertext: request.ciphertext, key_version, context }))
    }

    async fn carry_out(
        asked: &Asked,
        key: &KeyName,
        items: Vec<DecryptItem>,
    ) -> Result<Vec<Result<Decrypted, VaultError>>, VaultError> {
        asked.vault.decrypt(&asked.call, key, &items).await
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the caller was permitted the value and the record of it is durable; it goes into the message that is sent"
    )]
    fn response(done: Decrypted) -> Result<v1::DecryptResponse, Failure> {
        let plaintext = done.plaintext.expose().clone();
        Ok(v1::DecryptResponse { plaintext, key_version: done.key_version.get() })
    }

    fn result(index: u64, result: Result<v1::DecryptResponse, v1::Problem>) -> v1::DecryptFieldsResponse {
        use v1::decrypt_fields_response::Result as Came;
        v1::DecryptFieldsResponse { index, result: Some(result.map_or_else(Came::Error, Came::Done)) }
    }
}

fn version(number: u32) -> Result<KeyVersion, Failure> {
    KeyVersion::new(number)
        .ok_or_else(|| Failure::misfit("/key_version", "a key version is a whole number from 1"))
}
