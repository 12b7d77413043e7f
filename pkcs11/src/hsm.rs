//! The port.

use std::cell::Cell;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use secrecy::SecretString;
use strongroom_core::ports::{
    Hsm, HsmDescription, HsmError, HsmHealth, HsmKey, HsmKeyForm, HsmKeyKind, KeyCheckValue,
};
use strongroom_crypto::wrapped_key_v1::WrappedKey;
use strongroom_domain::Secret;
use tokio::sync::oneshot;

use crate::config::Pkcs11Config;
use crate::connection::Connection;
use crate::fault::Fault;
use crate::gate::Gate;
use crate::login::Login;
use crate::module::Module;
use crate::probe::probe;
use crate::recovery::{CANARY, CANARY_PLACE, Keeper, Notice};
use crate::seat::Seat;
use crate::token::Token;
use crate::workers::{Crew as _, Job, LATE, Work, Workers};
use crate::{data, keys, sign, wrap};

/// An HSM behind a PKCS#11 module.
pub struct Pkcs11Hsm {
    connection: Arc<Connection>,
    workers: Arc<Workers<Connection>>,
    description: HsmDescription,
    notices: mpsc::Sender<Notice>,
    keeper: Option<JoinHandle<()>>,
}

impl Pkcs11Hsm {
    /// Connects: loads and initialises the module, finds the token, logs in with one try, probes the mechanisms and
    /// starts the workers. It blocks for as long as the device takes, so it belongs before any listener and on no
    /// asynchronous worker. A module serves one connection at a time in a process; dropping this one (which waits for
    /// calls in progress) frees it.
    pub fn connect(config: Pkcs11Config, pin: SecretString) -> Result<Self, HsmError> {
        let module = Module::claim(&config.module_path).map_err(at_connection)?;
        let library = module.library();
        let found = module.find_token(&config.token_label, config.token_serial.as_deref());
        let (slot, identity) = match found {
            Ok(found) => found,
            Err(fault) => {
                module.release();
                return Err(at_connection(fault));
            }
        };
        let token = Arc::new(Token::new(module, config, slot, identity, Login::with(pin)));
        Self::start(Arc::clone(&token), library).map_err(|fault| {
            token.module.release();
            at_connection(fault)
        })
    }

    fn start(token: Arc<Token>, library: String) -> Result<Self, Fault> {
        token.log_in()?;
        let capabilities = probe(&token)?;
        token.found_capable_of(capabilities);
        let description = HsmDescription {
            library,
            token_label: token.identity.label.clone(),
            token_serial: token.identity.serial.clone(),
            token_model: token.identity.model.clone(),
            mechanisms: capabilities.evidence(),
        };
        tracing::info!(?description, "connected to the HSM");

        let (notices, inbox) = mpsc::channel();
        let connection = Arc::new(Connection::new(Arc::clone(&token), notices.clone()));
        let seats = take_seats(&connection)?;
        let gate = Arc::new(Gate::open());
        let (bound, grace) = (token.config.queue_bound, token.config.deadline);
        let workers = Workers::start(Arc::clone(&connection), Arc::clone(&gate), seats, bound, grace)
            .map_err(|_| Fault::Wrapper("no threads could be started"))?;
        let keeper = Keeper {
            connection: Arc::clone(&connection),
            workers: Arc::clone(&workers),
            gate,
            notices: inbox,
            next_made_moment: Cell::new(Instant::now()),
        };
        let keeper = thread::Builder::new()
            .name("hsm-keeper".to_owned())
            .spawn(move || keeper.run())
            .map_err(|_| Fault::Wrapper("no threads could be started"))?;
        Ok(Self { connection, workers, description, notices, keeper: Some(keeper) })
    }

    /// Has a worker do this and waits for the answer, up to the deadline.
    async fn call<T: Send + 'static>(
        &self,
        operation: &'static str,
        patience: Duration,
        run: impl FnMut(&Seat) -> Result<T, Fault> + Send + 'static,
        canary: impl FnMut(&Seat) -> Result<(), Fault> + Send + 'static,
    ) -> Result<T, HsmError> {
        let begun = Instant::now();
        let outcome = match self.connection.refusal() {
            Some(refusal) => Err(refusal),
            None => self.wait(patience, run, canary).await,
        };
        let labels = [("operation", operation), ("outcome", outcome_label(outcome.as_ref().err()))];
        metrics::counter!("strongroom_hsm_calls_total", &labels).increment(1);
        metrics::histogram!("strongroom_hsm_call_seconds", "operation" => operation).record(begun.elapsed());
        outcome
    }

    async fn wait<T: Send + 'static>(
        &self,
        patience: Duration,
        run: impl FnMut(&Seat) -> Result<T, Fault> + Send + 'static,
        canary: impl FnMut(&Seat) -> Result<(), Fault> + Send + 'static,
    ) -> Result<T, HsmError> {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(Call { run, canary, result: None, reply });
        let deadline = Instant::now() + patience;
        let submitted = self.workers.submit(Job { deadline, work });
        metrics::gauge!("strongroom_hsm_queue_depth").set(self.workers.depth() as f64);
        if submitted.is_err() {
            return Err(HsmError::Unavailable("its queue is full"));
        }
        match tokio::time::timeout_at(deadline.into(), answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(HsmError::Unavailable("its worker ended")),
            Err(_) => Err(HsmError::Unavailable(LATE)),
        }
    }

    fn deadline(&self) -> Duration {
        self.connection.token.config.deadline
    }

    fn creation_deadline(&self) -> Duration {
        self.connection.token.config.creation_deadline
    }
}

impl Drop for Pkcs11Hsm {
    fn drop(&mut self) {
        self.workers.stop();
        let _ = self.notices.send(Notice::Stop);
        if let Some(keeper) = self.keeper.take()
            && keeper.join().is_err()
        {
            tracing::error!("the HSM's keeper did not end properly");
        }
    }
}

#[async_trait]
impl Hsm for Pkcs11Hsm {
    async fn random(&self, length: usize) -> Result<Secret<Vec<u8>>, HsmError> {
        self.call("random", self.deadline(), move |seat| seat.random(length), no_canary).await
    }

    async fn holds_keys(&self, label_prefix: &str) -> Result<bool, HsmError> {
        let prefix = label_prefix.to_owned();
        let run = move |seat: &Seat| keys::any_label_begins_with(seat, &prefix);
        self.call("holds_keys", self.creation_deadline(), run, no_canary).await
    }

    async fn create_key(&self, kind: HsmKeyKind, label: &str) -> Result<HsmKey, HsmError> {
        let label = label.to_owned();
        let mut id = None;
        let run = move |seat: &Seat| keys::create(seat, kind, &label, &mut id);
        self.call("create_key", self.creation_deadline(), run, no_canary).await
    }

    async fn short_lived_keys(&self, label_prefix: &str) -> Result<Vec<String>, HsmError> {
        let prefix = label_prefix.to_owned();
        let run = move |seat: &Seat| keys::short_lived(seat, &prefix);
        self.call("short_lived_keys", self.creation_deadline(), run, no_canary).await
    }

    async fn destroy_key(&self, label: &str) -> Result<(), HsmError> {
        let label = label.to_owned();
        let run = move |seat: &Seat| keys::destroy(seat, &label);
        self.call("destroy_key", self.creation_deadline(), run, no_canary).await
    }

    async fn prove_key(&self, key: &HsmKey) -> Result<(), HsmError> {
        let key = key.clone();
        let run = move |seat: &Seat| keys::prove(seat, &key).map(|_| ());
        self.call("prove_key", self.creation_deadline(), run, no_canary).await
    }

    async fn seal(
        &self,
        key: &HsmKey,
        aad: &[u8],
        material: &Secret<Vec<u8>>,
    ) -> Result<WrappedKey, HsmError> {
        let (key, aad, material) = (key.clone(), aad.to_vec(), copy(material));
        let run = move |seat: &Seat| {
            let objects = keys::resolve(seat, &key, HsmKeyForm::Data)?;
            #[expect(clippy::disallowed_methods, reason = "goes into the HSM, which seals it")]
            data::seal(seat, &objects, key.id, &aad, material.expose())
        };
        self.call("seal", self.deadline(), run, no_canary).await
    }

    async fn open(&self, key: &HsmKey, aad: &[u8], sealed: &WrappedKey) -> Result<Secret<Vec<u8>>, HsmError> {
        refuse_other_kek(key, sealed)?;
        let (key, aad, sealed) = (key.clone(), aad.to_vec(), sealed.clone());
        let canary_key = key.clone();
        let run = move |seat: &Seat| {
            let objects = keys::resolve(seat, &key, HsmKeyForm::Data)?;
            data::open(seat, &objects, &aad, &sealed)
        };
        let canary = move |seat: &Seat| {
            let objects = keys::resolve(seat, &canary_key, HsmKeyForm::Data)?;
            let sealed = data::seal(seat, &objects, canary_key.id, CANARY_PLACE, CANARY)?;
            data::open(seat, &objects, CANARY_PLACE, &sealed).map(|_| ())
        };
        self.call("open", self.deadline(), run, canary).await
    }

    async fn generate_wrapped(
        &self,
        key: &HsmKey,
        aad: &[u8],
    ) -> Result<(WrappedKey, KeyCheckValue), HsmError> {
        let (key, aad) = (key.clone(), aad.to_vec());
        let run = move |seat: &Seat| {
            let objects = keys::resolve(seat, &key, HsmKeyForm::Wrapping)?;
            wrap::generate_wrapped(seat, &objects, key.id, &aad)
        };
        self.call("generate_wrapped", self.creation_deadline(), run, no_canary).await
    }

    async fn unwrap_and_check(
        &self,
        key: &HsmKey,
        aad: &[u8],
        wrapped: &WrappedKey,
    ) -> Result<KeyCheckValue, HsmError> {
        refuse_other_kek(key, wrapped)?;
        let (key, aad, wrapped) = (key.clone(), aad.to_vec(), wrapped.clone());
        let canary_key = key.clone();
        let run = move |seat: &Seat| {
            let objects = keys::resolve(seat, &key, HsmKeyForm::Wrapping)?;
            wrap::unwrap_and_check(seat, &objects, &aad, &wrapped)
        };
        let canary = move |seat: &Seat| {
            let objects = keys::resolve(seat, &canary_key, HsmKeyForm::Wrapping)?;
            let (wrapped, _) = wrap::generate_wrapped(seat, &objects, canary_key.id, CANARY_PLACE)?;
            wrap::unwrap_and_check(seat, &objects, CANARY_PLACE, &wrapped).map(|_| ())
        };
        self.call("unwrap_and_check", self.deadline(), run, canary).await
    }

    async fn mac(&self, key: &HsmKey, message: &[u8]) -> Result<Secret<Vec<u8>>, HsmError> {
        let (key, message) = (key.clone(), message.to_vec());
        let run = move |seat: &Seat| {
            let objects = keys::resolve(seat, &key, HsmKeyForm::Mac)?;
            sign::mac(seat, &objects, &message).map(Secret::new)
        };
        self.call("mac", self.deadline(), run, no_canary).await
    }

    async fn sign(&self, key: &HsmKey, message: &[u8]) -> Result<[u8; 64], HsmError> {
        let (key, message) = (key.clone(), message.to_vec());
        let run = move |seat: &Seat| {
            let objects = keys::resolve(seat, &key, HsmKeyForm::Signing)?;
            sign::sign(seat, objects.main, &message)
        };
        self.call("sign", self.deadline(), run, no_canary).await
    }

    async fn public_key(&self, key: &HsmKey) -> Result<Vec<u8>, HsmError> {
        let key = key.clone();
        let run = move |seat: &Seat| {
            let objects = keys::resolve(seat, &key, HsmKeyForm::Signing)?;
            sign::public_point(seat, &objects)
        };
        self.call("public_key", self.deadline(), run, no_canary).await
    }

    fn describe(&self) -> HsmDescription {
        self.description.clone()
    }

    fn health(&self) -> HsmHealth {
        self.connection.health()
    }
}

/// A call of one type in the queue of calls of all types.
struct Call<T, R, C> {
    run: R,
    canary: C,
    result: Option<T>,
    reply: oneshot::Sender<Result<T, HsmError>>,
}

impl<T, R, C> Work<Seat> for Call<T, R, C>
where
    T: Send,
    R: FnMut(&Seat) -> Result<T, Fault> + Send,
    C: FnMut(&Seat) -> Result<(), Fault> + Send,
{
    fn attempt(&mut self, seat: &Seat) -> Result<(), Fault> {
        self.result = Some((self.run)(seat)?);
        Ok(())
    }

    fn canary(&mut self, seat: &Seat) -> Result<(), Fault> {
        (self.canary)(seat)
    }

    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn answer(self: Box<Self>, outcome: Result<(), HsmError>) {
        let Self { result, reply, .. } = *self;
        let answer = outcome.and_then(|()| result.ok_or(HsmError::Unavailable("its worker ended")));
        // Nobody listens any more when the deadline has passed.
        let _ = reply.send(answer);
    }
}

/// As many sessions as the token gives, up to those configured; one is enough to serve.
fn take_seats(connection: &Connection) -> Result<Vec<Seat>, Fault> {
    let wanted = connection.token.config.sessions.max(1);
    let mut seats = Vec::with_capacity(wanted);
    while seats.len() < wanted {
        match connection.take_seat() {
            Ok(seat) => seats.push(seat),
            Err(fault) if seats.is_empty() => return Err(fault),
            Err(fault) => {
                tracing::warn!(?fault, sessions = seats.len(), wanted, "the token gives fewer sessions");
                break;
            }
        }
    }
    Ok(seats)
}

/// Bytes sealed under another key are refused before any key is asked.
fn refuse_other_kek(key: &HsmKey, sealed: &WrappedKey) -> Result<(), HsmError> {
    if sealed.kek_id == key.id { Ok(()) } else { Err(HsmError::Integrity) }
}

#[expect(
    clippy::disallowed_methods,
    reason = "one more copy, on its way to the worker; it is wiped like the first"
)]
fn copy(material: &Secret<Vec<u8>>) -> Secret<Vec<u8>> {
    Secret::new(material.expose().clone())
}

/// For calls that a general failure says nothing about: whether the token is there is asked in any case.
#[expect(clippy::unnecessary_wraps, reason = "stands where canaries that can fail stand")]
const fn no_canary(_: &Seat) -> Result<(), Fault> {
    Ok(())
}

fn at_connection(fault: Fault) -> HsmError {
    match fault {
        Fault::Absent => HsmError::Unavailable("no slot holds the configured token"),
        Fault::Wrapper(text) => HsmError::Failed(format!("nothing usable: {text}")),
        Fault::Refused(error) => error,
        Fault::Code(function, code) => {
            crate::classify::refusal(crate::classify::classify(function, code), function, code)
        }
    }
}

const fn outcome_label(error: Option<&HsmError>) -> &'static str {
    match error {
        None => "ok",
        Some(HsmError::Unavailable(_)) => "unavailable",
        Some(HsmError::Missing(_)) => "missing",
        Some(HsmError::Ambiguous(_)) => "ambiguous",
        Some(HsmError::NotTheRecordedKey { .. }) => "not_the_recorded_key",
        Some(HsmError::Integrity) => "integrity",
        Some(HsmError::Unsupported(_)) => "unsupported",
        Some(HsmError::Pin(_)) => "pin",
        Some(HsmError::Failed(_)) => "failed",
    }
}
