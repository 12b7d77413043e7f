//! Callers who do what a well-behaved client does: what is said to be retryable they try again at the other node, with
//! the same `Idempotency-Key`, until it is done.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use strongroom_e2e::{Answer, Caller, Outcome, card_numbers};
use tokio::task::JoinHandle;

use crate::account::{Account, Attempt, fault_of};
use crate::cluster::Cluster;

/// Between two rounds of a caller, so that the machine has room for the nodes.
const PAUSE: Duration = Duration::from_millis(25);
/// Before a request is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// No fault lasts this long.
const PATIENCE: Duration = Duration::from_secs(150);

/// Callers at work. Each round makes a token, reveals it and encrypts a field.
pub struct Load {
    stop: Arc<AtomicBool>,
    account: Arc<Mutex<Account>>,
    callers: Vec<JoinHandle<Outcome<()>>>,
}

impl Load {
    /// So many callers, each at one node and at the other in turns.
    pub fn start(cluster: &Cluster, callers: usize) -> Outcome<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let account = Arc::new(Mutex::new(Account::default()));
        let callers = (0..callers)
            .map(|number| {
                let caller = Worker {
                    tokenizer: cluster.callers("acme-tokenizer")?,
                    detokenizer: cluster.callers("acme-detokenizer")?,
                    encryptor: cluster.callers("acme-encryptor")?,
                    node: number % 2,
                    account: Arc::clone(&account),
                };
                Ok(tokio::spawn(caller.run(Arc::clone(&stop))))
            })
            .collect::<Outcome<_>>()?;
        Ok(Self { stop, account, callers })
    }

    /// Looks at the account as it stands.
    pub fn look<T>(&self, look: impl FnOnce(&Account) -> T) -> T {
        look(&self.account.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until each of these nodes has done something it was asked for after this; false when that took too long.
    pub async fn wait_for_success(&self, nodes: &[usize], after: Instant, patience: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < patience {
            if self.look(|account| nodes.iter().all(|node| account.first_success(*node, after).is_some())) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// Lets every caller finish the round it is in. So whatever was asked for is acknowledged in the end.
    pub async fn finish(self) -> Outcome<Account> {
        self.stop.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await??;
        }
        Ok(std::mem::take(&mut *self.account.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

struct Worker {
    tokenizer: [Caller; 2],
    detokenizer: [Caller; 2],
    encryptor: [Caller; 2],
    node: usize,
    account: Arc<Mutex<Account>>,
}

impl Worker {
    async fn run(mut self, stop: Arc<AtomicBool>) -> Outcome<()> {
        let mut home = self.node;
        while !stop.load(Ordering::Relaxed) {
            let (number, key) = next_number()?;
            let body = json!({"type": "card", "card": {"number": number}});
            let callers = self.tokenizer.clone();
            let token = self
                .do_it(&callers, "/v1/tokens", &body, Some(&key), "token.create")
                .await?
                .text_at("/token")?;
            self.note(|account| account.tokens.push((token.clone(), number.to_owned())));

            let body = json!({"purpose": "authorisation", "reveal": "full"});
            let (callers, path) = (self.detokenizer.clone(), format!("/v1/tokens/{token}/detokenize"));
            let revealed = self.do_it(&callers, &path, &body, None, "token.detokenize").await?;
            if revealed.text_at("/card/number")? != number {
                self.note(|account| account.broken.push(format!("{token} gave another card")));
            }
            let (callers, body) = (self.encryptor.clone(), json!({"plaintext": "aGVsbG8="}));
            self.do_it(&callers, "/v1/keys/notes/encrypt", &body, None, "crypto.encrypt").await?;
            // Who was turned away comes back: a balancer would send it.
            home = 1 - home;
            self.node = home;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Asks until it is done, each time at another node.
    async fn do_it(
        &mut self,
        callers: &[Caller; 2],
        path: &str,
        body: &Value,
        key: Option<&str>,
        action: &'static str,
    ) -> Outcome<Answer> {
        let began = Instant::now();
        loop {
            let Some(caller) = callers.get(self.node) else { return Err("no such node".into()) };
            let asked = Instant::now();
            let answer = match key {
                Some(key) => caller.post_once(path, key, body).await,
                None => caller.post(path, body).await,
            };
            let attempt = Attempt::of(self.node, asked, &answer);
            self.note(|account| account.note(attempt, fault_of(path, asked.elapsed(), &answer)));
            if let Ok(answer) = answer
                && answer.status.is_success()
            {
                let id = answer.headers.get("x-request-id").ok_or("no request id")?.to_str()?.to_owned();
                self.note(|account| account.requests.push((id, action)));
                return Ok(answer);
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("{path} was not done in {PATIENCE:?}").into());
            }
            self.node = 1 - self.node;
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }

    fn note(&self, note: impl FnOnce(&mut Account)) {
        note(&mut self.account.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A card number that no other caller of this run takes, and a key for its request.
fn next_number() -> Outcome<(&'static str, String)> {
    static NUMBERS: OnceLock<Vec<String>> = OnceLock::new();
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let at = NEXT.fetch_add(1, Ordering::Relaxed);
    let number =
        NUMBERS.get_or_init(|| card_numbers(60_000)).get(at).ok_or("all card numbers are used up")?;
    Ok((number, format!("load-request-{at:08}")))
}
