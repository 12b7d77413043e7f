//! Calls that wait, up to a bound. Full means refused at once: a queue that grows only turns an overload into a delay.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    arrived: Condvar,
    bound: usize,
}

struct State<J> {
    waiting: VecDeque<J>,
    closed: bool,
}

impl<J> Queue<J> {
    pub(crate) fn bounded(bound: usize) -> Self {
        Self {
            state: Mutex::new(State { waiting: VecDeque::new(), closed: false }),
            arrived: Condvar::new(),
            bound,
        }
    }

    /// Puts one at the end. Gives it back if the queue is full or closed.
    pub(crate) fn push(&self, job: J) -> Result<(), J> {
        let mut state = self.lock();
        if state.closed || state.waiting.len() >= self.bound {
            return Err(job);
        }
        state.waiting.push_back(job);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Waits for the first one. Nothing comes any more once the queue is closed.
    pub(crate) fn take(&self) -> Option<J> {
        self.arrived
            .wait_while(self.lock(), |state| state.waiting.is_empty() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner)
            .waiting
            .pop_front()
    }

    /// Takes no more, sends the takers home and gives back what was waiting.
    pub(crate) fn close(&self) -> VecDeque<J> {
        let mut state = self.lock();
        state.closed = true;
        let left = std::mem::take(&mut state.waiting);
        drop(state);
        self.arrived.notify_all();
        left
    }

    /// How many wait.
    pub(crate) fn depth(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out_up_to_the_bound() {
        let queue = Queue::bounded(2);
        assert_eq!(queue.push(1), Ok(()));
        assert_eq!(queue.push(2), Ok(()));
        assert_eq!(queue.push(3), Err(3));
        assert_eq!((queue.take(), queue.depth()), (Some(1), 1));
        assert_eq!(queue.push(4), Ok(()));
        assert_eq!(queue.close(), [2, 4]);
        assert_eq!((queue.take(), queue.push(5)), (None, Err(5)));
    }

    #[test]
    fn closing_wakes_everyone_who_waits() {
        let queue: Queue<()> = Queue::bounded(1);
        std::thread::scope(|scope| {
            let takers: Vec<_> = (0..3).map(|_| scope.spawn(|| queue.take())).collect();
            queue.close();
            for taker in takers {
                assert_eq!(taker.join().unwrap(), None);
            }
        });
    }
}
