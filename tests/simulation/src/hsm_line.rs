//! The HSM as one life of one node sees it.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use strongroom_contract::MemoryHsm;
use strongroom_core::ports::{Hsm, HsmDescription, HsmError, HsmHealth, HsmKey, HsmKeyKind, KeyCheckValue};
use strongroom_crypto::wrapped_key_v1::WrappedKey;
use strongroom_domain::Secret;

use crate::life::Life;
use crate::line::{Broken, Line};

/// Between a node and the HSM.
pub(crate) struct HsmLine {
    pub(crate) hsm: Arc<MemoryHsm>,
    pub(crate) line: Arc<Line>,
    pub(crate) life: Arc<Life>,
}

impl HsmLine {
    async fn ask<T>(&self, call: impl Future<Output = Result<T, HsmError>>) -> Result<T, HsmError> {
        let away = |Broken| HsmError::Unavailable("the way is broken");
        self.line.leg(&self.life).await.map_err(away)?;
        let answer = call.await;
        self.line.leg(&self.life).await.map_err(away)?;
        answer
    }
}

#[async_trait]
impl Hsm for HsmLine {
    async fn random(&self, length: usize) -> Result<Secret<Vec<u8>>, HsmError> {
        self.ask(self.hsm.random(length)).await
    }

    async fn holds_keys(&self, label_prefix: &str) -> Result<bool, HsmError> {
        self.ask(self.hsm.holds_keys(label_prefix)).await
    }

    async fn create_key(&self, kind: HsmKeyKind, label: &str) -> Result<HsmKey, HsmError> {
        self.ask(self.hsm.create_key(kind, label)).await
    }

    async fn short_lived_keys(&self, label_prefix: &str) -> Result<Vec<String>, HsmError> {
        self.ask(self.hsm.short_lived_keys(label_prefix)).await
    }

    async fn destroy_key(&self, label: &str) -> Result<(), HsmError> {
        self.ask(self.hsm.destroy_key(label)).await
    }

    async fn prove_key(&self, key: &HsmKey) -> Result<(), HsmError> {
        self.ask(self.hsm.prove_key(key)).await
    }

    async fn seal(
        &self,
        key: &HsmKey,
        aad: &[u8],
        material: &Secret<Vec<u8>>,
    ) -> Result<WrappedKey, HsmError> {
        self.ask(self.hsm.seal(key, aad, material)).await
    }

    async fn open(&self, key: &HsmKey, aad: &[u8], sealed: &WrappedKey) -> Result<Secret<Vec<u8>>, HsmError> {
        self.ask(self.hsm.open(key, aad, sealed)).await
    }

    async fn generate_wrapped(
        &self,
        key: &HsmKey,
        aad: &[u8],
    ) -> Result<(WrappedKey, KeyCheckValue), HsmError> {
        self.ask(self.hsm.generate_wrapped(key, aad)).await
    }

    async fn unwrap_and_check(
        &self,
        key: &HsmKey,
        aad: &[u8],
        wrapped: &WrappedKey,
    ) -> Result<KeyCheckValue, HsmError> {
        self.ask(self.hsm.unwrap_and_check(key, aad, wrapped)).await
    }

    async fn mac(&self, key: &HsmKey, message: &[u8]) -> Result<Secret<Vec<u8>>, HsmError> {
        self.ask(self.hsm.mac(key, message)).await
    }

    async fn sign(&self, key: &HsmKey, message: &[u8]) -> Result<[u8; 64], HsmError> {
        self.ask(self.hsm.sign(key, message)).await
    }

    async fn public_key(&self, key: &HsmKey) -> Result<Vec<u8>, HsmError> {
        self.ask(self.hsm.public_key(key)).await
    }

    fn describe(&self) -> HsmDescription {
        self.hsm.describe()
    }

    fn health(&self) -> HsmHealth {
        self.hsm.health()
    }
}
