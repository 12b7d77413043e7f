//! Requests that must happen once. The answer is stored, sealed, in the same transaction as the effects, so a repeated
//! request gets it back even after a crash between the two.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use strongroom_crypto::Injective;
use strongroom_domain::{
    Action, IdempotencyKey, KeyPurpose, Principal, ServiceName, TenantId, VelocityCounter,
};

use super::{Access, Operation, Permit, Prepared, run};
use crate::audit::EventDraft;
use crate::jobs::refresh_registry;
use crate::ports::store::{AnswerRow, Effect};
use crate::registry::{KeyVersionEntry, WorkingKey};
use crate::vault::Core;
use crate::{Call, VaultError};

/// What makes a repeated request recognisable.
pub struct Idempotency<'a> {
    /// The caller's key.
    pub key: IdempotencyKey,
    /// Method and path.
    pub target: &'a str,
    /// The body as it came. Kept as a keyed digest only: it may hold a card number.
    pub body: &'a [u8],
}

/// An answer in the form in which it is sent, and can be sent again.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether it is kept to be sent again. A refusal is not: nothing was done that must not happen twice, and what
    /// stood in the way may be gone when the request comes again.
    const fn is_kept(&self) -> bool {
        self.status < 400
    }
}

/// Runs the operation, unless this caller's request with this key was already answered: then that is the answer.
pub(crate) async fn run_once<O, R>(
    core: &Core,
    call: &Call,
    operation: O,
    idempotency: Option<Idempotency<'_>>,
    render: R,
) -> Result<Answer, VaultError>
where
    O: Operation,
    R: Fn(&O::Output) -> Answer + Send + Sync,
{
    let Some(idempotency) = idempotency else {
        return run(core, call, &operation).await.map(|output| render(&output));
    };
    let _running = core.running().begin(&call.principal, &idempotency.key)?;
    let items = AtomicUsize::new(0);
    run(core, call, &Once { operation, principal: &call.principal, idempotency, render, items }).await
}

struct Once<'a, O, R> {
    operation: O,
    principal: &'a Principal,
    idempotency: Idempotency<'a>,
    render: R,
    /// How many items the output counted as: rendered, it cannot be asked. None if an earlier answer is given again.
    items: AtomicUsize,
}

impl<O, R> Operation for Once<'_, O, R>
where
    O: Operation,
    R: Fn(&O::Output) -> Answer + Send + Sync,
{
    type Output = Answer;

    const ACTION: Action = O::ACTION;

    fn access(&self) -> Access {
        self.operation.access()
    }

    fn counter(&self) -> Option<VelocityCounter> {
        self.operation.counter()
    }

    fn items(&self, _output: &Answer) -> usize {
        self.items.load(Ordering::Relaxed)
    }

    const ASKS_FOR_TOKENS: bool = O::ASKS_FOR_TOKENS;

    fn subject(&self) -> EventDraft {
        self.operation.subject()
    }

    async fn prepare(&self, permit: &Permit, core: &Core) -> Result<Prepared<Answer>, VaultError> {
        let tenant = self.principal.tenant();
        let service = self.principal.id.service();
        self.items.store(0, Ordering::Relaxed);
        if let Some(stored) = core.store().find_answer(tenant, service, &self.idempotency.key).await? {
            let answer = self.idempotency.open(core, tenant, service, &stored).await?;
            return Ok(Prepared::reading(answer, self.operation.subject()));
        }
        // First, because an operation may hold the registry's turn from now until it is committed, and the HSM may take
        // its time to unseal the key.
        let sealing = Sealing::with_current_key(core, tenant).await?;
        let prepared = self.operation.prepare(permit, core).await?;
        self.items.store(self.operation.items(&prepared.output), Ordering::Relaxed);
        let answer = (self.render)(&prepared.output);
        let mut effects = prepared.effects;
        if answer.is_kept() {
            effects
                .push(Effect::InsertAnswer(self.idempotency.seal(core, &sealing, tenant, service, &answer)?));
        }
        Ok(Prepared { output: answer, effects, events: prepared.events, on_commit: prepared.on_commit })
    }
}

impl Idempotency<'_> {
    fn digest(&self, working: &WorkingKey) -> [u8; 32] {
        working.request_digest.digest(&[self.target.as_bytes(), self.body])
    }

    pub(super) fn seal(
        &self,
        core: &Core,
        sealing: &Sealing,
        tenant: &TenantId,
        service: &ServiceName,
        answer: &Answer,
    ) -> Result<AnswerRow, VaultError> {
        let Sealing { key, working } = sealing;
        let plain = [&answer.status.to_be_bytes(), answer.body.as_slice()].concat();
        let aad = self.place(tenant, service);
        Ok(AnswerRow {
            tenant: tenant.clone(),
            service: service.clone(),
            key: self.key.clone(),
            key_version: key.row.version,
            request_digest: self.digest(working),
            answer: working.seal(key, core.entropy(), &aad, &plain)?,
            created_at: core.clock().now(),
        })
    }

    /// What was kept, if it was for this very request.
    pub(super) async fn open(
        &self,
        core: &Core,
        tenant: &TenantId,
        service: &ServiceName,
        stored: &AnswerRow,
    ) -> Result<Answer, VaultError> {
        let mut snapshot = core.snapshot();
        let known = &snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?.versions;
        if !known.contains_key(&stored.key_version) {
            // Another node has rotated the key since, and given the answer.
            refresh_registry(core).await?;
            snapshot = core.snapshot();
        }
        let key =
            snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?.version(stored.key_version)?;
        let working = core.working_key(&snapshot, key).await?;
        let digest = self.digest(&working);
        if !bool::from(subtle::ConstantTimeEq::ct_eq(digest.as_slice(), stored.request_digest.as_slice())) {
            return Err(VaultError::IdempotencyConflict);
        }
        let plain = working.open(&stored.answer, &self.place(tenant, service))?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the stored answer is what the caller is sent again; it holds no card number"
        )]
        let (status, body) = plain.expose().split_first_chunk::<2>().ok_or(VaultError::IntegrityFailure)?;
        Ok(Answer { status: u16::from_be_bytes(*status), body: body.to_vec() })
    }

    fn place(&self, tenant: &TenantId, service: &ServiceName) -> Vec<u8> {
        Injective::new("strongroom/idempotency-answer/v1")
            .part(tenant.as_str().as_bytes())
            .part(service.as_str().as_bytes())
            .part(self.key.as_str().as_bytes())
            .finish()
    }
}

/// The key that answers are sealed under, at hand.
pub(super) struct Sealing {
    key: Arc<KeyVersionEntry>,
    working: Arc<WorkingKey>,
}

impl Sealing {
    pub(super) async fn with_current_key(core: &Core, tenant: &TenantId) -> Result<Self, VaultError> {
        let snapshot = core.snapshot();
        let key = snapshot.tenant(tenant)?.built_in_key(KeyPurpose::Tokenization)?.current()?;
        let working = core.working_key(&snapshot, key).await?;
        Ok(Self { key: Arc::clone(key), working })
    }
}

type Running = HashSet<(TenantId, ServiceName, IdempotencyKey)>;

/// The requests with a key that this node is at work on.
#[derive(Default)]
pub(crate) struct RunningRequests(Arc<Mutex<Running>>);

impl RunningRequests {
    pub(super) fn begin(
        &self,
        principal: &Principal,
        key: &IdempotencyKey,
    ) -> Result<RunningRequest, VaultError> {
        let entry = (principal.tenant().clone(), principal.id.service().clone(), key.clone());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.clone()) {
            Ok(RunningRequest { running: Arc::clone(&self.0), entry })
        } else {
            Err(VaultError::IdempotencyInProgress)
        }
    }
}

/// One of them, until dropped.
pub(super) struct RunningRequest {
    running: Arc<Mutex<Running>>,
    entry: (TenantId, ServiceName, IdempotencyKey),
}

impl Drop for RunningRequest {
    fn drop(&mut self) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}
