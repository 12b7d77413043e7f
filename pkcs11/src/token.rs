//! The token as all threads share it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use cryptoki::session::Session;
use cryptoki::slot::Slot;

use crate::config::Pkcs11Config;
use crate::fault::Fault;
use crate::handles::Handles;
use crate::login::Login;
use crate::module::{Module, TokenIdentity};
use crate::probe::Capabilities;

pub(crate) struct Token {
    pub(crate) module: Module,
    pub(crate) config: Pkcs11Config,
    pub(crate) identity: TokenIdentity,
    pub(crate) login: Login,
    pub(crate) handles: Handles,
    capabilities: OnceLock<Capabilities>,
    slot: Mutex<Slot>,
    /// Counts connections to the device. Sessions and handles of an earlier one mean nothing.
    generation: AtomicU64,
    /// Making and removing objects, one at a time: SoftHSM loses objects otherwise, and no device is faster at it in
    /// parallel.
    creation: Mutex<()>,
    /// Sessions on which a call failed, to be closed when nobody works.
    retired: Mutex<Vec<Session>>,
}

impl Token {
    pub(crate) fn new(
        module: Module,
        config: Pkcs11Config,
        slot: Slot,
        identity: TokenIdentity,
        login: Login,
    ) -> Self {
        Self {
            module,
            config,
            identity,
            login,
            handles: Handles::default(),
            capabilities: OnceLock::new(),
            slot: Mutex::new(slot),
            generation: AtomicU64::new(1),
            creation: Mutex::new(()),
            retired: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    pub(crate) fn open_session(&self) -> Result<Session, Fault> {
        self.module.open_session(self.slot())
    }

    pub(crate) fn log_in(&self) -> Result<(), Fault> {
        self.login.ensure(|| self.open_session())
    }

    /// Whether this very token still is in its slot.
    pub(crate) fn expect_presence(&self) -> Result<(), Fault> {
        self.module.expect_token(self.slot(), &self.identity)
    }

    /// Sets up everything anew after the device was away. The gate is closed and nobody is inside.
    pub(crate) fn reconnect(&self) -> Result<(), Fault> {
        self.retired().clear();
        self.login.forget_session();
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.handles.forget_all();
        self.module.finalise();
        self.module.initialise()?;
        let (slot, identity) = self.module.find_token(&self.identity.label, Some(&self.identity.serial))?;
        if identity != self.identity {
            return Err(Fault::Absent);
        }
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner) = slot;
        self.log_in()
    }

    pub(crate) fn retire(&self, session: Session) {
        self.retired().push(session);
    }

    pub(crate) fn retired_count(&self) -> usize {
        self.retired().len()
    }

    /// Closes the retired sessions. Nobody may be in a call.
    pub(crate) fn close_retired(&self) {
        for session in self.retired().drain(..) {
            if let Err(error) = session.close() {
                tracing::debug!(%error, "a retired session did not close");
            }
        }
    }

    pub(crate) fn one_creation_at_a_time(&self) -> MutexGuard<'_, ()> {
        self.creation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the token can do. Nothing, until it was probed.
    pub(crate) fn capabilities(&self) -> Capabilities {
        self.capabilities.get().copied().unwrap_or_default()
    }

    pub(crate) fn found_capable_of(&self, capabilities: Capabilities) {
        // Set once, at connection; a second probe would find the same.
        let _ = self.capabilities.set(capabilities);
    }

    fn slot(&self) -> Slot {
        *self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn retired(&self) -> MutexGuard<'_, Vec<Session>> {
        self.retired.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
