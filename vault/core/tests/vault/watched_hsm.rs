//! An HSM that counts what is asked of it and can be held up.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use strongroom_contract::MemoryHsm;
use strongroom_core::ports::{Hsm, HsmDescription, HsmError, HsmHealth, HsmKey, HsmKeyKind, KeyCheckValue};
use strongroom_crypto::wrapped_key_v1::WrappedKey;
use strongroom_domain::Secret;
use tokio::sync::RwLock;

/// Wraps the HSM in memory, whose fault switches stay within reach.
pub(crate) struct WatchedHsm {
    pub(crate) memory: MemoryHsm,
    created: AtomicU64,
    opened: AtomicU64,
    material: AtomicU64,
    at_work: RwLock<()>,
}

impl WatchedHsm {
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            memory: MemoryHsm::new(seed),
            created: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            material: AtomicU64::new(0),
            at_work: RwLock::const_new(()),
        }
    }

    /// It makes, seals and unseals nothing until this is dropped.
    pub(crate) async fn hold_up(&self) -> impl Drop {
        self.at_work.write().await
    }

    /// How many keys were created.
    pub(crate) fn created(&self) -> u64 {
        self.created.load(Ordering::SeqCst)
    }

    /// How often it was asked for new material.
    pub(crate) fn asked_for_material(&self) -> u64 {
        self.material.load(Ordering::SeqCst)
    }

    /// How often it was asked to unseal material.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Hsm for WatchedHsm {
    async fn random(&self, length: usize) -> Result<Secret<Vec<u8>>, HsmError> {
        self.material.fetch_add(1, Ordering::SeqCst);
        let _turn = self.at_work.read().await;
        self.memory.random(length).await
    }

    async fn holds_keys(&self, label_prefix: &str) -> Result<bool, HsmError> {
        self.memory.holds_keys(label_prefix).await
    }

    async fn create_key(&self, kind: HsmKeyKind, label: &str) -> Result<HsmKey, HsmError> {
        self.created.fetch_add(1, Ordering::SeqCst);
        self.memory.create_key(kind, label).await
    }

    async fn short_lived_keys(&self, label_prefix: &str) -> Result<Vec<String>, HsmError> {
        self.memory.short_lived_keys(label_prefix).await
    }

    async fn destroy_key(&self, label: &str) -> Result<(), HsmError> {
        let _turn = self.at_work.read().await;
        self.memory.destroy_key(label).await
    }

    async fn prove_key(&self, key: &HsmKey) -> Result<(), HsmError> {
        self.memory.prove_key(key).await
    }

    async fn seal(
        &self,
        key: &HsmKey,
        aad: &[u8],
        material: &Secret<Vec<u8>>,
    ) -> Result<WrappedKey, HsmError> {
        let _turn = self.at_work.read().await;
        self.memory.seal(key, aad, material).await
    }

    async fn open(&self, key: &HsmKey, aad: &[u8], sealed: &WrappedKey) -> Result<Secret<Vec<u8>>, HsmError> {
        self.opened.fetch_add(1, Ordering::SeqCst);
        let _turn = self.at_work.read().await;
        // Others come in while an HSM is at work.
        tokio::task::yield_now().await;
        self.memory.open(key, aad, sealed).await
    }

    async fn generate_wrapped(
        &self,
        key: &HsmKey,
        aad: &[u8],
    ) -> Result<(WrappedKey, KeyCheckValue), HsmError> {
        let _turn = self.at_work.read().await;
        self.memory.generate_wrapped(key, aad).await
    }

    async fn unwrap_and_check(
        &self,
        key: &HsmKey,
        aad: &[u8],
        wrapped: &WrappedKey,
    ) -> Result<KeyCheckValue, HsmError> {
        self.memory.unwrap_and_check(key, aad, wrapped).await
    }

    async fn mac(&self, key: &HsmKey, message: &[u8]) -> Result<Secret<Vec<u8>>, HsmError> {
        self.memory.mac(key, message).await
    }

    async fn sign(&self, key: &HsmKey, message: &[u8]) -> Result<[u8; 64], HsmError> {
        self.memory.sign(key, message).await
    }

    async fn public_key(&self, key: &HsmKey) -> Result<Vec<u8>, HsmError> {
        self.memory.public_key(key).await
    }

    fn describe(&self) -> HsmDescription {
        self.memory.describe()
    }

    fn health(&self) -> HsmHealth {
        self.memory.health()
    }
}
