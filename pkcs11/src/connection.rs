//! The connection: what workers need, and the one place where a failure is judged.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strongroom_core::ports::{HsmError, HsmHealth};

use crate::classify::{Class, classify, refusal};
use crate::fault::Fault;
use crate::recovery::Notice;
use crate::seat::Seat;
use crate::token::Token;
use crate::workers::{AWAY, Canary, Crew, Remedy};

pub(crate) struct Connection {
    pub(crate) token: Arc<Token>,
    standing: Mutex<Standing>,
    notices: Sender<Notice>,
}

/// Whether calls are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    Ready,
    Recovering,
    /// Until an operator acts.
    Failed(HsmError),
}

impl Connection {
    pub(crate) const fn new(token: Arc<Token>, notices: Sender<Notice>) -> Self {
        Self { token, standing: Mutex::new(Standing::Ready), notices }
    }

    /// Why no call is taken at the moment, if so.
    pub(crate) fn refusal(&self) -> Option<HsmError> {
        match &*self.standing() {
            Standing::Ready => None,
            Standing::Recovering => Some(HsmError::Unavailable(AWAY)),
            Standing::Failed(error) => Some(error.clone()),
        }
    }

    pub(crate) fn health(&self) -> HsmHealth {
        match &*self.standing() {
            Standing::Ready => HsmHealth::Ready,
            Standing::Recovering => HsmHealth::Recovering,
            Standing::Failed(_) => HsmHealth::Failed,
        }
    }

    pub(crate) fn stand(&self, standing: Standing) {
        *self.standing() = standing;
    }

    /// Opens the breaker: from now on calls are refused at once, and the keeper reconnects.
    pub(crate) fn report_loss(&self) {
        let mut standing = self.standing();
        if *standing == Standing::Ready {
            *standing = Standing::Recovering;
            // The keeper outlives every worker; if it is gone, everything is being shut down.
            let _ = self.notices.send(Notice::Lost);
        }
    }

    /// Keeps everyone out until an operator acts.
    fn give_up(&self, error: &HsmError) {
        tracing::error!(%error, "the HSM stays away until an operator acts");
        self.stand(Standing::Failed(error.clone()));
    }

    fn lost(&self, why: &dyn std::fmt::Debug) -> Remedy {
        tracing::warn!(?why, "the HSM does not answer as it should; reconnecting");
        self.report_loss();
        Remedy::Refuse(HsmError::Unavailable(AWAY))
    }

    fn log_in_again(&self) -> Remedy {
        match self.token.log_in() {
            Ok(()) => Remedy::Once(Class::Login),
            Err(Fault::Refused(error)) => {
                if matches!(error, HsmError::Pin(_)) {
                    self.give_up(&error);
                }
                Remedy::Refuse(error)
            }
            Err(fault) => self.lost(&fault),
        }
    }

    /// Tampering, or a device that is breaking? A sound device still opens what it sealed a moment ago.
    fn ask_the_canary(&self, fault: Fault, canary: Canary<'_, Seat>) -> Remedy {
        let sang = Seat::open(&self.token).and_then(|seat| {
            let outcome = seat.expect_sight().and_then(|()| canary(&seat));
            seat.retire();
            outcome
        });
        match (sang, fault) {
            (Ok(()), Fault::Code(function, code)) if opens_sealed_bytes(function) => {
                tracing::warn!(?function, ?code, "sealed bytes did not open although the device is sound");
                Remedy::Refuse(HsmError::Integrity)
            }
            (Ok(()), Fault::Code(function, code)) => Remedy::Refuse(refusal(Class::Fatal, function, code)),
            (_, fault) => self.lost(&fault),
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crew for Connection {
    type Seat = Seat;

    fn take_seat(&self) -> Result<Seat, Fault> {
        Seat::open(&self.token)
    }

    fn is_current(&self, seat: &Seat) -> bool {
        seat.is_current()
    }

    fn retire(&self, seat: Seat) {
        seat.retire();
    }

    fn judge(&self, fault: Fault, canary: Canary<'_, Seat>) -> Remedy {
        match fault {
            Fault::Refused(error) => Remedy::Refuse(error),
            Fault::Wrapper(text) => Remedy::Refuse(HsmError::Failed(format!("nothing usable: {text}"))),
            Fault::Absent => self.lost(&Fault::Absent),
            Fault::Code(function, code) => match classify(function, code) {
                Class::Session => Remedy::Once(Class::Session),
                Class::Login => self.log_in_again(),
                Class::Handle => {
                    self.token.handles.forget_all();
                    Remedy::Once(Class::Handle)
                }
                Class::Device => self.lost(&(function, code)),
                Class::Busy => Remedy::Later,
                Class::Suspect => self.ask_the_canary(Fault::Code(function, code), canary),
                class @ (Class::Integrity | Class::Pin | Class::Unsupported | Class::Fatal) => {
                    Remedy::Refuse(refusal(class, function, code))
                }
            },
        }
    }
}

fn opens_sealed_bytes(function: cryptoki::context::Function) -> bool {
    use cryptoki::context::Function;
    matches!(
        function,
        Function::DecryptInit | Function::Decrypt | Function::DecryptFinal | Function::UnwrapKey
    )
}
