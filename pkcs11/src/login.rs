//! The login: one for the whole process, held open by a session that does nothing else, since it dies with the last
//! session.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use secrecy::SecretString;
use strongroom_core::ports::HsmError;

use crate::classify::{Class, classify, pin_reason};
use crate::fault::Fault;

/// Keeps the PIN, because the login dies with every C_Finalize and reconnecting is unattended. It is wiped as soon as it
/// is refused, and then never sent again: three tries lock most tokens for good.
pub(crate) struct Login(Mutex<State>);

struct State {
    pin: Result<SecretString, HsmError>,
    anchor: Option<Session>,
}

impl Login {
    pub(crate) const fn with(pin: SecretString) -> Self {
        Self(Mutex::new(State { pin: Ok(pin), anchor: None }))
    }

    /// Sees to it that the user is logged in. Whoever comes second waits and finds it done.
    pub(crate) fn ensure(&self, open: impl FnOnce() -> Result<Session, Fault>) -> Result<(), Fault> {
        let mut state = self.lock();
        let State { pin, anchor } = &mut *state;
        let secret = pin.as_ref().map_err(Clone::clone)?;
        let session = match anchor {
            Some(session) => session,
            None => anchor.insert(open()?),
        };
        if is_logged_in(session)? {
            return Ok(());
        }
        match session.login(UserType::User, Some(secret)) {
            Ok(()) => {
                count("ok");
                Ok(())
            }
            Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(Error::Pkcs11(code, function)) if classify(function, code) == Class::Pin => {
                count("refused");
                tracing::error!(reason = pin_reason(code), "the HSM refused the PIN; it is not tried again");
                let refusal = HsmError::Pin(pin_reason(code));
                *pin = Err(refusal.clone());
                Err(refusal.into())
            }
            Err(error) => {
                count("failed");
                *anchor = None;
                Err(error.into())
            }
        }
    }

    /// Forgets the anchor session, which died with the connection.
    pub(crate) fn forget_session(&self) {
        self.lock().anchor = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the session sees private objects.
pub(crate) fn is_logged_in(session: &Session) -> Result<bool, Fault> {
    let state = session.get_session_info()?.session_state();
    Ok(matches!(state, SessionState::RwUser | SessionState::RoUser))
}

fn count(outcome: &'static str) {
    metrics::counter!("strongroom_hsm_logins_total", "outcome" => outcome).increment(1);
}
