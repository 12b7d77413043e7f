//! What the cases share.

use std::future::Future;
use std::time::{Duration, Instant};

use cryptoki::context::Pkcs11;
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::Session;
use strongroom_core::ports::{Hsm, HsmError, HsmKey, HsmKeyKind};
use strongroom_domain::Secret;
use strongroom_pkcs11::{HiddenMechanism, Pkcs11Config, Pkcs11Hsm};
use strongroom_softhsm::TokenAddress;

pub(crate) fn config(token: &TokenAddress) -> Pkcs11Config {
    let mut config = Pkcs11Config::new(token.module_path(), token.token_label());
    config.deadline = Duration::from_secs(10);
    config.reconnect_pauses = vec![Duration::from_millis(50)];
    config
}

pub(crate) fn connect(token: &TokenAddress) -> Pkcs11Hsm {
    Pkcs11Hsm::connect(config(token), token.pin().clone()).unwrap()
}

pub(crate) fn connect_without(token: &TokenAddress, mechanisms: &[HiddenMechanism]) -> Pkcs11Hsm {
    let mut config = config(token);
    config.without_mechanisms = mechanisms.to_vec();
    Pkcs11Hsm::connect(config, token.pin().clone()).unwrap()
}

/// A second hand on the token, in the same process and so under the same login.
pub(crate) struct Intruder(Session);

impl Intruder {
    pub(crate) fn enter(token: &TokenAddress) -> Self {
        let module = Pkcs11::new(token.module_path()).unwrap();
        let slot = module
            .get_slots_with_initialized_token()
            .unwrap()
            .into_iter()
            .find(|slot| module.get_token_info(*slot).unwrap().label() == token.token_label())
            .unwrap();
        // Closing a session while the others work is what SoftHSM does not survive.
        Self(module.open_rw_session_no_drop(slot).unwrap())
    }

    pub(crate) fn session(&self) -> &Session {
        &self.0
    }

    pub(crate) fn objects_of(&self, key: &HsmKey) -> Vec<ObjectHandle> {
        self.0.find_objects(&[Attribute::Id(key.id.to_vec())]).unwrap()
    }

    pub(crate) fn delete(&self, key: &HsmKey) {
        for object in self.objects_of(key) {
            self.0.destroy_object(object).unwrap();
        }
    }
}

pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

pub(crate) fn create(hsm: &Pkcs11Hsm, kind: HsmKeyKind) -> HsmKey {
    let mark = if kind.is_short_lived() { HsmKeyKind::SHORT_LIVED_MARK } else { "" };
    wait(hsm.create_key(kind, &format!("{}{mark}", kind.as_str()))).unwrap()
}

pub(crate) fn prove(hsm: &Pkcs11Hsm, key: &HsmKey) -> Result<(), HsmError> {
    wait(hsm.prove_key(key))
}

pub(crate) fn material() -> Secret<Vec<u8>> {
    Secret::new(vec![0x42; 32])
}

/// Whether it becomes so in time.
pub(crate) fn becomes(within: Duration, mut so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + within;
    while Instant::now() < end {
        if so() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

pub(crate) fn mechanism(hsm: &Pkcs11Hsm, usage: &str) -> &'static str {
    let description = hsm.describe();
    description.mechanisms.iter().find(|(name, _)| *name == usage).unwrap().1
}
