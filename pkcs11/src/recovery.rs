//! The keeper: one thread that looks after workers that hang, closes sessions that failed, and brings the device back.
//!
//! Bringing it back means C_Finalize and C_Initialize, because that is what makes every module look at its slots again.
//! It ends all sessions of the process, so the gate is closed first, and if somebody hangs inside, it waits.

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use strongroom_core::ports::{HsmError, HsmKeyForm};

use crate::connection::{Connection, Standing};
use crate::data;
use crate::fault::Fault;
use crate::gate::Gate;
use crate::keys;
use crate::seat::Seat;
use crate::workers::Workers;

/// What the keeper is told.
pub(crate) enum Notice {
    /// The device is away.
    Lost,
    /// Everything ends.
    Stop,
}

pub(crate) struct Keeper {
    pub(crate) connection: Arc<Connection>,
    pub(crate) workers: Arc<Workers<Connection>>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) notices: Receiver<Notice>,
    /// When everybody may be made to wait again, for closing sessions.
    pub(crate) next_made_moment: Cell<Instant>,
}

impl Keeper {
    pub(crate) fn run(self) {
        loop {
            match self.notices.recv_timeout(TICK) {
                Ok(Notice::Lost) => {
                    if self.recover() == Outcome::Stopped {
                        break;
                    }
                }
                Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => self.look_around(),
            }
        }
        self.shut_down();
    }

    fn look_around(&self) {
        let watch = self.workers.replace_hung();
        if watch.hung > 0 {
            tracing::warn!(
                hung = watch.hung,
                started = watch.started,
                "calls to the HSM hang; workers replaced"
            );
            metrics::counter!("strongroom_hsm_hung_calls_total").increment(watch.hung as u64);
        }
        if watch.exhausted {
            self.connection.report_loss();
        }
        let token = &self.connection.token;
        let retired = token.retired_count();
        if retired == 0 {
            return;
        }
        // A quiet moment is waited for. Only when too many have gathered is one made, and if that does not work, because
        // a call takes long, not again for a while: everybody waits meanwhile.
        let make_one = retired > MOST_RETIRED && Instant::now() >= self.next_made_moment.get();
        let patience = if make_one { MADE_MOMENT } else { Duration::ZERO };
        if !self.gate.alone(patience, || token.close_retired()) && make_one {
            self.next_made_moment.set(Instant::now() + BETWEEN_MADE_MOMENTS);
        }
    }

    /// Tries until the device is back, or until there is no point.
    fn recover(&self) -> Outcome {
        metrics::counter!("strongroom_hsm_losses_total").increment(1);
        let lost_at = Instant::now();
        self.connection.stand(Standing::Recovering);
        self.gate.close();
        let mut pauses = self.connection.token.config.reconnect_pauses.iter();
        let mut pause = Duration::ZERO;
        loop {
            if self.stops_within(pause) {
                return Outcome::Stopped;
            }
            match self.attempt() {
                Ok(()) => {
                    self.connection.stand(Standing::Ready);
                    self.gate.reopen();
                    metrics::counter!("strongroom_hsm_recoveries_total").increment(1);
                    tracing::info!(away_for = ?lost_at.elapsed(), "the HSM is back");
                    return Outcome::Back;
                }
                Err(Fault::Refused(error)) if !error.is_retryable() => {
                    tracing::error!(%error, "the HSM came back and is not used until an operator acts");
                    // The gate stays closed: what still waits in the queue is not served either.
                    self.connection.stand(Standing::Failed(error));
                    return Outcome::Failed;
                }
                Err(fault) => {
                    pause =
                        pauses.next().copied().unwrap_or_else(|| self.longest_pause()).max(SHORTEST_PAUSE);
                    tracing::warn!(?fault, ?pause, "the HSM is still away");
                }
            }
        }
    }

    fn attempt(&self) -> Result<(), Fault> {
        if !self.gate.is_empty_within(self.hung_after()) {
            return Err(Fault::Wrapper("a call hangs inside the module, which cannot be finalised"));
        }
        self.connection.token.reconnect()?;
        let seat = Seat::open(&self.connection.token)?;
        let outcome = prove_known_keys(&seat);
        seat.retire();
        outcome
    }

    fn shut_down(&self) {
        self.workers.stop();
        self.gate.close();
        if self.gate.is_empty_within(self.hung_after()) {
            self.connection.token.close_retired();
            self.connection.token.module.release();
        } else {
            tracing::error!(
                "a call hangs inside the PKCS#11 module, which stays claimed until the process ends"
            );
        }
    }

    /// Waits, a little longer than told so that a cluster spreads out. Tells whether everything ends.
    fn stops_within(&self, pause: Duration) -> bool {
        let jitter = pause.mul_f64(f64::from(random_byte()) / 1024.0);
        let end = Instant::now() + pause + jitter;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.notices.recv_timeout(left) {
                Ok(Notice::Lost) => {}
                Ok(Notice::Stop) | Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    fn longest_pause(&self) -> Duration {
        self.connection.token.config.reconnect_pauses.last().copied().unwrap_or(SHORTEST_PAUSE)
    }

    fn hung_after(&self) -> Duration {
        self.connection.token.config.deadline.saturating_mul(2)
    }
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Back,
    Failed,
    Stopped,
}

/// Every key that was in use has to be the same as before, and the one that seals data has to do it. A single key that
/// is gone is an operator's doing and no reason to keep the others away; all of them gone means that the token has not
/// come back as it was.
fn prove_known_keys(seat: &Seat) -> Result<(), Fault> {
    let known = seat.token.handles.keys();
    let mut missing = 0_usize;
    for key in &known {
        match keys::prove(seat, key) {
            Ok(objects) if key.kind.form() == HsmKeyForm::Data => {
                let sealed = data::seal(seat, &objects, key.id, CANARY_PLACE, CANARY)?;
                if !data::open(seat, &objects, CANARY_PLACE, &sealed)?.ct_eq(CANARY) {
                    return Err(Fault::Wrapper("the token does not open what it sealed"));
                }
            }
            Ok(_) => {}
            Err(Fault::Refused(HsmError::Missing(kind))) => {
                tracing::error!(
                    kind = kind.as_str(),
                    label = key.label,
                    "a key did not come back with the HSM"
                );
                missing = missing.saturating_add(1);
            }
            Err(fault) => return Err(fault),
        }
    }
    if missing > 0 && missing == known.len() { Err(Fault::Absent) } else { Ok(()) }
}

/// The standard library seeds its hash maps at random: enough to spread out a cluster.
fn random_byte() -> u8 {
    RandomState::new().hash_one(0_u8).to_be_bytes().first().copied().unwrap_or_default()
}

/// What is sealed and opened to see whether a device is sound.
pub(crate) const CANARY: &[u8] = b"strongroom canary: sealed and opened again";
/// Where it says it belongs: to no place that the vault uses.
pub(crate) const CANARY_PLACE: &[u8] = b"strongroom/canary/v1";

const TICK: Duration = Duration::from_millis(50);
const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const MOST_RETIRED: usize = 64;
const MADE_MOMENT: Duration = Duration::from_millis(100);
const BETWEEN_MADE_MOMENTS: Duration = Duration::from_secs(2);
