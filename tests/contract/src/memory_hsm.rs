//! An HSM in memory, reproducible from a seed, that fails when it is told to.

use std::sync::{Mutex, MutexGuard, PoisonError};

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use async_trait::async_trait;
use hmac::{Hmac, Mac as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest as _, Sha256};
use strongroom_core::ports::{
    Hsm, HsmDescription, HsmError, HsmHealth, HsmKey, HsmKeyForm, HsmKeyKind, KeyCheckValue,
};
use strongroom_crypto::wrapped_key_v1::{Mechanism, WrappedKey};
use strongroom_domain::Secret;

/// Keeps the contract of the port with real algorithms and unreal protection. Two of the same seed that are asked the
/// same in the same order give the same answers.
pub struct MemoryHsm(Mutex<State>);

struct State {
    seed: u64,
    draws: u64,
    objects: Vec<Object>,
    failure: Option<HsmError>,
}

#[derive(Clone)]
struct Object {
    kind: HsmKeyKind,
    id: [u8; 16],
    label: String,
    value: [u8; 32],
}

impl MemoryHsm {
    /// Empty.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(State { seed, draws: 0, objects: Vec::new(), failure: None }))
    }

    /// Every call fails so from now on, or no longer.
    pub fn fail_with(&self, failure: Option<HsmError>) {
        self.state().failure = failure;
    }

    /// The label of a key of this kind, if there is one.
    pub fn label_of(&self, kind: HsmKeyKind) -> Option<String> {
        self.state().objects.iter().find(|object| object.kind == kind).map(|object| object.label.clone())
    }

    /// Loses every key of this kind.
    pub fn forget_key(&self, kind: HsmKeyKind) {
        self.state().objects.retain(|object| object.kind != kind);
    }

    /// Holds every key of this kind twice, as after a careless restore.
    pub fn duplicate_key(&self, kind: HsmKeyKind) {
        let mut state = self.state();
        let copies: Vec<_> = state.objects.iter().filter(|object| object.kind == kind).cloned().collect();
        state.objects.extend(copies);
    }

    /// Puts other keys in the place of those of this kind: same id, same label, another check value.
    pub fn alter_check_value(&self, kind: HsmKeyKind) {
        for object in self.state().objects.iter_mut().filter(|object| object.kind == kind) {
            object.value = sha256(&[b"another key", &object.value]);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> Result<MutexGuard<'_, State>, HsmError> {
        let state = self.state();
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(state),
        }
    }
}

#[async_trait]
impl Hsm for MemoryHsm {
    async fn random(&self, length: usize) -> Result<Secret<Vec<u8>>, HsmError> {
        let mut state = self.working()?;
        let bytes = std::iter::repeat_with(|| state.draw()).take(length.div_ceil(32)).flatten();
        Ok(Secret::new(bytes.take(length).collect()))
    }

    async fn holds_keys(&self, label_prefix: &str) -> Result<bool, HsmError> {
        Ok(self.working()?.objects.iter().any(|object| object.label.starts_with(label_prefix)))
    }

    async fn create_key(&self, kind: HsmKeyKind, label: &str) -> Result<HsmKey, HsmError> {
        let mut state = self.working()?;
        if !kind.fits_label(label) {
            return Err(HsmError::Unsupported("a label of another kind of key"));
        }
        if state.objects.iter().any(|object| object.label == label) {
            return Err(HsmError::Ambiguous(kind));
        }
        let id = state.draw_some();
        let mut value = state.draw();
        // One value in 2^32 is no private key of P-256.
        while kind.form() == HsmKeyForm::Signing && SigningKey::from_slice(&value).is_err() {
            value = state.draw();
        }
        let object = Object { kind, id, label: label.to_owned(), value };
        let check_value = object.check_value();
        state.objects.push(object);
        Ok(HsmKey { kind, id, label: label.to_owned(), check_value })
    }

    async fn short_lived_keys(&self, label_prefix: &str) -> Result<Vec<String>, HsmError> {
        let state = self.working()?;
        let labels = state.objects.iter().filter(|object| object.kind.is_short_lived());
        Ok(labels
            .map(|object| object.label.clone())
            .filter(|label| label.starts_with(label_prefix))
            .collect())
    }

    async fn destroy_key(&self, label: &str) -> Result<(), HsmError> {
        let mut state = self.working()?;
        if !label.contains(HsmKeyKind::SHORT_LIVED_MARK) {
            return Err(HsmError::Unsupported("destroying a key that is to last"));
        }
        state.objects.retain(|object| object.label != label);
        Ok(())
    }

    async fn prove_key(&self, key: &HsmKey) -> Result<(), HsmError> {
        self.working()?.find(key, key.kind.form()).map(|_| ())
    }

    async fn seal(
        &self,
        key: &HsmKey,
        aad: &[u8],
        material: &Secret<Vec<u8>>,
    ) -> Result<WrappedKey, HsmError> {
        #[expect(clippy::disallowed_methods, reason = "an HSM sees what it seals")]
        self.working()?.encrypt(key, HsmKeyForm::Data, aad, material.expose())
    }

    async fn open(&self, key: &HsmKey, aad: &[u8], sealed: &WrappedKey) -> Result<Secret<Vec<u8>>, HsmError> {
        self.working()?.decrypt(key, HsmKeyForm::Data, aad, sealed).map(Secret::new)
    }

    async fn generate_wrapped(
        &self,
        key: &HsmKey,
        aad: &[u8],
    ) -> Result<(WrappedKey, KeyCheckValue), HsmError> {
        let mut state = self.working()?;
        let value = state.draw();
        let wrapped = state.encrypt(key, HsmKeyForm::Wrapping, aad, &value)?;
        Ok((wrapped, check_value_of_wrapped(&value)))
    }

    async fn unwrap_and_check(
        &self,
        key: &HsmKey,
        aad: &[u8],
        wrapped: &WrappedKey,
    ) -> Result<KeyCheckValue, HsmError> {
        let value = self.working()?.decrypt(key, HsmKeyForm::Wrapping, aad, wrapped)?;
        Ok(check_value_of_wrapped(&value))
    }

    async fn mac(&self, key: &HsmKey, message: &[u8]) -> Result<Secret<Vec<u8>>, HsmError> {
        let value = self.working()?.find(key, HsmKeyForm::Mac)?.value;
        let code = Hmac::<Sha256>::new(&padded(&value).into()).chain_update(message).finalize();
        Ok(Secret::new(code.into_bytes().to_vec()))
    }

    async fn sign(&self, key: &HsmKey, message: &[u8]) -> Result<[u8; 64], HsmError> {
        let signature: Signature = self.working()?.signing_key(key)?.sign(message);
        Ok(signature.to_bytes().into())
    }

    async fn public_key(&self, key: &HsmKey) -> Result<Vec<u8>, HsmError> {
        Ok(self.working()?.signing_key(key)?.verifying_key().to_sec1_point(false).as_bytes().to_vec())
    }

    fn describe(&self) -> HsmDescription {
        HsmDescription {
            library: "memory".to_owned(),
            token_label: "memory".to_owned(),
            token_serial: format!("{:016x}", self.state().seed),
            token_model: "for tests only".to_owned(),
            mechanisms: vec![
                ("data", Mechanism::AesGcm.as_str()),
                ("wrap", Mechanism::AesGcmWrap.as_str()),
                ("mac", "sha256-hmac"),
                ("sign", "ecdsa-p256"),
            ],
        }
    }

    fn health(&self) -> HsmHealth {
        match &self.state().failure {
            None => HsmHealth::Ready,
            Some(failure) if failure.is_retryable() => HsmHealth::Recovering,
            Some(_) => HsmHealth::Failed,
        }
    }
}

impl State {
    fn draw(&mut self) -> [u8; 32] {
        self.draws = self.draws.wrapping_add(1);
        sha256(&[b"draw", &self.seed.to_be_bytes(), &self.draws.to_be_bytes()])
    }

    fn draw_some<const N: usize>(&mut self) -> [u8; N] {
        let drawn = self.draw();
        std::array::from_fn(|at| drawn.get(at).copied().unwrap_or_default())
    }

    /// The one object that is this key and of this kind.
    fn find(&self, key: &HsmKey, wanted: HsmKeyForm) -> Result<&Object, HsmError> {
        let differs = |reason| HsmError::NotTheRecordedKey { kind: key.kind, reason };
        if key.kind.form() != wanted {
            return Err(differs("it is not of the kind that this needs"));
        }
        let mut of_that_id = self.objects.iter().filter(|object| object.id == key.id);
        let object = of_that_id.next().ok_or(HsmError::Missing(key.kind))?;
        let of_that_label = self.objects.iter().filter(|object| object.label == key.label).count();
        if of_that_id.next().is_some() || of_that_label > 1 {
            return Err(HsmError::Ambiguous(key.kind));
        }
        if object.kind.form() != key.kind.form() || object.label != key.label {
            return Err(differs("its kind or label"));
        }
        if object.check_value() != key.check_value {
            return Err(differs("its check value"));
        }
        Ok(object)
    }

    fn encrypt(
        &mut self,
        key: &HsmKey,
        form: HsmKeyForm,
        aad: &[u8],
        plaintext: &[u8],
    ) -> Result<WrappedKey, HsmError> {
        let iv: [u8; 12] = self.draw_some();
        let value = self.find(key, form)?.value;
        let mut ciphertext = Aes256Gcm::new(&value.into())
            .encrypt(&iv.into(), Payload { msg: plaintext, aad })
            .map_err(|_| HsmError::Unsupported("material of that length"))?;
        let tag = ciphertext.split_off(plaintext.len());
        let mechanism = mechanism_of(form);
        Ok(WrappedKey { mechanism, kek_id: key.id, iv: iv.to_vec(), ciphertext, tag })
    }

    fn decrypt(
        &self,
        key: &HsmKey,
        form: HsmKeyForm,
        aad: &[u8],
        sealed: &WrappedKey,
    ) -> Result<Vec<u8>, HsmError> {
        let value = self.find(key, form)?.value;
        let iv: [u8; 12] = sealed.iv.as_slice().try_into().map_err(|_| HsmError::Integrity)?;
        if sealed.kek_id != key.id || sealed.mechanism != mechanism_of(form) || sealed.tag.len() != 16 {
            return Err(HsmError::Integrity);
        }
        let bytes = [sealed.ciphertext.as_slice(), &sealed.tag].concat();
        Aes256Gcm::new(&value.into())
            .decrypt(&iv.into(), Payload { msg: &bytes, aad })
            .map_err(|_| HsmError::Integrity)
    }

    fn signing_key(&self, key: &HsmKey) -> Result<SigningKey, HsmError> {
        let value = self.find(key, HsmKeyForm::Signing)?.value;
        SigningKey::from_slice(&value)
            .map_err(|_| HsmError::NotTheRecordedKey { kind: key.kind, reason: "it is no private key" })
    }
}

impl Object {
    fn check_value(&self) -> KeyCheckValue {
        truncated(&sha256(&[b"check value", &[self.kind.form() as u8], &self.value]))
    }
}

fn check_value_of_wrapped(value: &[u8]) -> KeyCheckValue {
    truncated(&sha256(&[b"check value of a wrapped key", value]))
}

fn truncated(hash: &[u8; 32]) -> KeyCheckValue {
    KeyCheckValue(hash.iter().copied().take(8).collect())
}

const fn mechanism_of(form: HsmKeyForm) -> Mechanism {
    match form {
        HsmKeyForm::Wrapping => Mechanism::AesGcmWrap,
        HsmKeyForm::Data | HsmKeyForm::Mac | HsmKeyForm::Signing => Mechanism::AesGcm,
    }
}

/// HMAC takes a block of 64 bytes, in which a shorter key is followed by zeros.
fn padded(value: &[u8; 32]) -> [u8; 64] {
    std::array::from_fn(|at| value.get(at).copied().unwrap_or_default())
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}
