//! Look-ups of many callers, answered by one statement.
//!
//! A caller leaves its question in a queue and waits. A worker takes all that is in the queue and has them answered
//! together; what comes in meanwhile is the next worker's, or its own next turn. So nobody waits for company: a single
//! question is asked at once, and the busier the database is the more questions share a statement.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use strongroom_core::ports::store::StoreError;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

/// Questions that are answered together at most.
const MOST_TOGETHER: usize = 256;

/// Answers questions, many at a time.
#[async_trait]
pub(crate) trait Answering: Send + Sync + 'static {
    /// What is asked.
    type Question: Send + Sync + 'static;
    /// What is found.
    type Answer: Send + 'static;

    /// Answers all questions, in their order. A failure of one question is its own; one that concerns all is returned
    /// as the error.
    async fn answer(
        &self,
        questions: &[Self::Question],
    ) -> Result<Vec<Result<Self::Answer, StoreError>>, StoreError>;
}

/// The queue and its workers, which end when it is dropped.
pub(crate) struct Gathering<A: Answering> {
    queue: mpsc::Sender<Asked<A>>,
    patience: Duration,
}

struct Asked<A: Answering> {
    question: A::Question,
    answer: oneshot::Sender<Result<A::Answer, StoreError>>,
}

impl<A: Answering> Gathering<A> {
    /// Starts the workers. `length` questions may wait in the queue; no caller waits for longer than `patience`.
    pub(crate) fn start(answering: &Arc<A>, workers: usize, length: usize, patience: Duration) -> Self {
        let (queue, questions) = mpsc::channel(length.max(1));
        let questions = Arc::new(Mutex::new(questions));
        for _ in 0..workers.max(1) {
            tokio::spawn(work(Arc::clone(answering), Arc::clone(&questions)));
        }
        Self { queue, patience }
    }

    /// Asks and waits for the answer.
    pub(crate) async fn ask(&self, question: A::Question) -> Result<A::Answer, StoreError> {
        let (answer, answered) = oneshot::channel();
        let asking = async {
            self.queue.send(Asked { question, answer }).await.map_err(|_| STOPPED)?;
            answered.await.map_err(|_| STOPPED)?
        };
        timeout(self.patience, asking).await.unwrap_or(Err(TOO_LONG))
    }
}

const STOPPED: StoreError = StoreError::Unavailable("the store is closed");
const TOO_LONG: StoreError = StoreError::Unavailable("reading took too long");

async fn work<A: Answering>(answering: Arc<A>, queue: Arc<Mutex<mpsc::Receiver<Asked<A>>>>) {
    loop {
        let mut asked = Vec::new();
        if queue.lock().await.recv_many(&mut asked, MOST_TOGETHER).await == 0 {
            return;
        }
        // Whoever has gone away is not asked for.
        asked.retain(|asked| !asked.answer.is_closed());
        if asked.is_empty() {
            continue;
        }
        let (questions, callers): (Vec<_>, Vec<_>) =
            asked.into_iter().map(|asked| (asked.question, asked.answer)).unzip();
        match answering.answer(&questions).await {
            Ok(answers) => {
                // A caller that went away meanwhile needs no answer.
                callers.into_iter().zip(answers).for_each(|(caller, answer)| drop(caller.send(answer)));
            }
            Err(error) => callers.into_iter().for_each(|caller| drop(caller.send(Err(error)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as StdMutex;

    use tokio::sync::Semaphore;

    use super::*;

    /// Doubles numbers, notes how many it was asked at once, and waits for a permit a turn.
    struct Doubling {
        turns: StdMutex<Vec<usize>>,
        permits: Semaphore,
    }

    #[async_trait]
    impl Answering for Doubling {
        type Question = u64;
        type Answer = u64;

        async fn answer(&self, questions: &[u64]) -> Result<Vec<Result<u64, StoreError>>, StoreError> {
            self.permits.acquire().await.unwrap().forget();
            self.turns.lock().unwrap().push(questions.len());
            if questions.contains(&1000) {
                return Err(StoreError::Unavailable("all fail"));
            }
            let one = |question: &u64| match question {
                13 => Err(StoreError::Unreadable("thirteen")),
                number => Ok(number * 2),
            };
            Ok(questions.iter().map(one).collect())
        }
    }

    fn doubling() -> Arc<Doubling> {
        Arc::new(Doubling { turns: StdMutex::new(Vec::new()), permits: Semaphore::new(0) })
    }

    #[tokio::test]
    async fn questions_asked_meanwhile_share_a_turn() {
        let doubling = doubling();
        let gathering = Arc::new(Gathering::start(&doubling, 1, 100, Duration::from_secs(10)));
        let ask = |number: u64| {
            let gathering = Arc::clone(&gathering);
            tokio::spawn(async move { gathering.ask(number).await })
        };
        let first = ask(1);
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let others: Vec<_> = (10..50).map(ask).collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        doubling.permits.add_permits(2);
        assert_eq!(first.await.unwrap(), Ok(2));
        for (number, answer) in (10..50).zip(others) {
            let expected =
                if number == 13 { Err(StoreError::Unreadable("thirteen")) } else { Ok(number * 2) };
            assert_eq!(answer.await.unwrap(), expected);
        }
        assert_eq!(*doubling.turns.lock().unwrap(), [1, 40]);
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_and_who_left_is_not_asked_for() {
        let doubling = doubling();
        let gathering = Gathering::start(&doubling, 1, 1, Duration::from_millis(30));
        for number in 0..4 {
            assert_eq!(gathering.ask(number).await, Err(TOO_LONG));
        }
        doubling.permits.add_permits(10);
        assert_eq!(gathering.ask(21).await, Ok(42));
        assert_eq!(gathering.ask(1000).await, Err(StoreError::Unavailable("all fail")));
        assert_eq!(*doubling.turns.lock().unwrap(), [1, 1, 1]);
    }
}
