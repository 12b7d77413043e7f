//! One context per module and process: a module has one state, one login, and must not be initialised twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::session::Session;
use cryptoki::slot::{Slot, TokenInfo};
use strongroom_core::ports::HsmError;

use crate::classify::{Class, classify};
use crate::fault::Fault;

/// A module that belongs to one connection.
pub(crate) struct Module {
    path: PathBuf,
    context: Pkcs11,
}

/// Which token it is, so that another one is never taken for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenIdentity {
    pub(crate) label: String,
    pub(crate) serial: String,
    pub(crate) model: String,
}

/// Modules stay loaded for good, since many leave threads or handlers behind that point into them; the flag tells
/// whether a connection holds it.
static LOADED: Mutex<BTreeMap<PathBuf, (Pkcs11, bool)>> = Mutex::new(BTreeMap::new());

impl Module {
    /// Loads and initialises the module for one connection of this process, recognised by its canonical path.
    pub(crate) fn claim(path: &Path) -> Result<Self, Fault> {
        let path = path.canonicalize().map_err(|_| Fault::Wrapper("the module's file cannot be reached"))?;
        let mut loaded = loaded();
        let context = match loaded.get(&path) {
            Some((_, true)) => {
                return Err(Fault::Wrapper("the module is already connected in this process"));
            }
            Some((context, false)) => context.clone(),
            None => Pkcs11::new(&path)?,
        };
        let module = Self { path, context };
        module.initialise()?;
        loaded.insert(module.path.clone(), (module.context.clone(), true));
        Ok(module)
    }

    /// Finalises the module and lets another connection have it. Nobody may be in a call.
    pub(crate) fn release(&self) {
        self.finalise();
        if let Some((_, claimed)) = loaded().get_mut(&self.path) {
            *claimed = false;
        }
    }

    pub(crate) fn initialise(&self) -> Result<(), Fault> {
        Ok(self.context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?)
    }

    /// Ends every session and the login. Nobody may be in a call. Best effort: a module whose last initialisation failed
    /// has nothing to finalise.
    pub(crate) fn finalise(&self) {
        match self.context.clone().finalize() {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiNotInitialized, _)) => {}
            Err(error) => tracing::warn!(%error, "the PKCS#11 module did not finalise"),
        }
    }

    /// Library description and version.
    pub(crate) fn library(&self) -> String {
        self.context.get_library_info().map_or_else(
            |_| "unknown".to_owned(),
            |info| {
                let version = info.library_version();
                format!("{} {}.{}", info.library_description(), version.major(), version.minor())
            },
        )
    }

    /// Finds the one token of this label, and of this serial number if one is given. Slots whose token cannot be
    /// described are passed over: some modules fail there for tokens that are of no concern.
    pub(crate) fn find_token(
        &self,
        label: &str,
        serial: Option<&str>,
    ) -> Result<(Slot, TokenIdentity), Fault> {
        let mut found = None;
        for slot in self.context.get_slots_with_token()? {
            let Ok(info) = self.context.get_token_info(slot) else { continue };
            let identity = identity(&info);
            if identity.label != label || serial.is_some_and(|serial| serial != identity.serial) {
                continue;
            }
            if found.replace((slot, identity)).is_some() {
                let text =
                    "with more than one token of the configured label: configure its serial number too";
                return Err(HsmError::Failed(text.to_owned()).into());
            }
        }
        found.ok_or(Fault::Absent)
    }

    /// Whether that very token is in this slot. Modules that cannot describe a token at all get the benefit of the
    /// doubt, as those do that describe it wrongly: only a return code that speaks of the device counts.
    pub(crate) fn expect_token(&self, slot: Slot, expected: &TokenIdentity) -> Result<(), Fault> {
        match self.context.get_token_info(slot) {
            Ok(info) if identity(&info) == *expected => Ok(()),
            Ok(_) => Err(Fault::Absent),
            Err(Error::Pkcs11(code, function)) if classify(function, code) == Class::Device => {
                Err(Fault::Absent)
            }
            Err(_) => Ok(()),
        }
    }

    /// Opens a session that is not closed when dropped: who closes it, and when, is decided by the token.
    pub(crate) fn open_session(&self, slot: Slot) -> Result<Session, Fault> {
        Ok(self.context.open_rw_session_no_drop(slot)?)
    }
}

fn identity(info: &TokenInfo) -> TokenIdentity {
    TokenIdentity {
        label: info.label().to_owned(),
        serial: info.serial_number().to_owned(),
        model: info.model().to_owned(),
    }
}

fn loaded() -> MutexGuard<'static, BTreeMap<PathBuf, (Pkcs11, bool)>> {
    LOADED.lock().unwrap_or_else(PoisonError::into_inner)
}
