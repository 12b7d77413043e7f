//! Who is inside the module. C_Finalize while another thread is in a call is undefined behaviour, and SoftHSM crashes
//! when sessions are closed while it works; so every call passes this gate, and whoever needs the module to itself
//! closes it.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    position: Position,
    inside: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Position {
    Open,
    /// For a moment: those who come wait.
    Held,
    /// For nobody knows how long: those who come are turned away.
    Closed,
}

/// Being inside.
pub(crate) struct Pass<'a>(&'a Gate);

impl Gate {
    pub(crate) const fn open() -> Self {
        Self { state: Mutex::new(State { position: Position::Open, inside: 0 }), changed: Condvar::new() }
    }

    /// Lets the caller in, or turns it away when closed.
    pub(crate) fn enter(&self) -> Option<Pass<'_>> {
        let mut state = self
            .changed
            .wait_while(self.lock(), |state| state.position == Position::Held)
            .unwrap_or_else(PoisonError::into_inner);
        if state.position == Position::Closed {
            return None;
        }
        state.inside = state.inside.saturating_add(1);
        Some(Pass(self))
    }

    /// Turns away whoever comes from now on.
    pub(crate) fn close(&self) {
        self.lock().position = Position::Closed;
        self.changed.notify_all();
    }

    /// Whether everyone has left within this time.
    pub(crate) fn is_empty_within(&self, patience: Duration) -> bool {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), patience, |state| state.inside > 0)
            .unwrap_or_else(PoisonError::into_inner);
        state.inside == 0
    }

    /// Lets everyone in again.
    pub(crate) fn reopen(&self) {
        self.lock().position = Position::Open;
        self.changed.notify_all();
    }

    /// Does this while nobody is inside and those who come wait. Gives up if somebody still is inside after `patience`.
    pub(crate) fn alone(&self, patience: Duration, act: impl FnOnce()) -> bool {
        {
            let mut state = self.lock();
            if state.position != Position::Open {
                return false;
            }
            state.position = Position::Held;
        }
        let alone = self.is_empty_within(patience);
        if alone {
            act();
        }
        let mut state = self.lock();
        if state.position == Position::Held {
            state.position = Position::Open;
        }
        drop(state);
        self.changed.notify_all();
        alone
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.inside = state.inside.saturating_sub(1);
        drop(state);
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(5);

    #[test]
    fn closing_turns_away_and_waits_for_those_inside() {
        let gate = Gate::open();
        let pass = gate.enter().unwrap();
        gate.close();
        assert!(gate.enter().is_none());
        assert!(!gate.is_empty_within(SHORT));
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(SHORT);
                drop(pass);
            });
            assert!(gate.is_empty_within(LONG));
        });
        gate.reopen();
        assert!(gate.enter().is_some());
    }

    #[test]
    fn being_alone_makes_others_wait_and_never_overlaps_them() {
        let gate = Gate::open();
        let acting = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..500 {
                        let _pass = gate.enter().expect("never closed here");
                        assert!(!acting.load(Ordering::SeqCst));
                    }
                });
            }
            for _ in 0..50 {
                assert!(gate.alone(LONG, || {
                    acting.store(true, Ordering::SeqCst);
                    thread::yield_now();
                    acting.store(false, Ordering::SeqCst);
                }));
            }
        });
    }

    #[test]
    fn being_alone_gives_up_and_lets_others_in_again() {
        let gate = Gate::open();
        let _hung = gate.enter().unwrap();
        assert!(!gate.alone(SHORT, || panic!("somebody is inside")));
        assert!(gate.enter().is_some());
        gate.close();
        assert!(!gate.alone(SHORT, || panic!("closed")));
    }
}
