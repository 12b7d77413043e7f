//! Requests that must not be made twice, while they are under way: an answer that says so is kept with the intent, and
//! the real one takes its place. If the vault dies in between, it stays, and says that nobody knows.

use strongroom_domain::{Principal, ServiceName, TenantId, Timestamp};
use zeroize::Zeroizing;

use super::idempotency::{Answer, Idempotency, Sealing};
use crate::VaultError;
use crate::ports::store::{AnswerRow, Effect};
use crate::vault::Core;

/// The status of an answer that is none yet. HTTP has no such status.
const UNDER_WAY: u16 = 0;

/// A caller's key with the request it is for, to be carried on when the request itself is gone.
pub(super) struct OwnedIdempotency {
    tenant: TenantId,
    service: ServiceName,
    key: strongroom_domain::IdempotencyKey,
    target: String,
    body: Zeroizing<Vec<u8>>,
}

impl OwnedIdempotency {
    pub(super) fn of(principal: &Principal, once: &Idempotency<'_>) -> Self {
        Self {
            tenant: principal.tenant().clone(),
            service: principal.id.service().clone(),
            key: once.key.clone(),
            target: once.target.to_owned(),
            body: Zeroizing::new(once.body.to_vec()),
        }
    }

    fn borrowed(&self) -> Idempotency<'_> {
        Idempotency { key: self.key.clone(), target: &self.target, body: &self.body }
    }

    /// The answer that was given before, if there was a request with this key.
    pub(super) async fn find(&self, core: &Core) -> Result<Option<Answer>, VaultError> {
        let Some(stored) = core.store().find_answer(&self.tenant, &self.service, &self.key).await? else {
            return Ok(None);
        };
        let answer = self.borrowed().open(core, &self.tenant, &self.service, &stored).await?;
        if answer.status != UNDER_WAY {
            return Ok(Some(answer));
        }
        let (until, holder) = read_note(&answer.body).ok_or(VaultError::IntegrityFailure)?;
        let node = |holder: &str| holder.split('/').next().map(str::to_owned);
        // This run of this node would still hold the request; an earlier run has ended, and with it all it was at.
        let is_over = core.clock().now() >= until || node(holder) == node(&core.holder);
        Err(if is_over {
            VaultError::ForwardOutcomeUnknown(
                "an earlier request with this Idempotency-Key broke off: it may have been carried out, and is not made \
                 again"
                    .to_owned(),
            )
        } else {
            VaultError::IdempotencyInProgress
        })
    }

    /// The key to keep answers under.
    pub(super) async fn sealing(&self, core: &Core) -> Result<Sealing, VaultError> {
        Sealing::with_current_key(core, &self.tenant).await
    }

    /// Says that it is under way, here, and until when at most.
    pub(super) fn pending(
        &self,
        core: &Core,
        sealing: &Sealing,
        until: Timestamp,
    ) -> Result<AnswerRow, VaultError> {
        let body = format!("{} {}", until.unix_millis(), core.holder).into_bytes();
        self.answered(core, sealing, &Answer { status: UNDER_WAY, body })
    }

    /// Keeps what it came to.
    pub(super) fn answered(
        &self,
        core: &Core,
        sealing: &Sealing,
        answer: &Answer,
    ) -> Result<AnswerRow, VaultError> {
        self.borrowed().seal(core, sealing, &self.tenant, &self.service, answer)
    }

    /// Nothing was done: the same key may be used to try again.
    pub(super) fn release(&self) -> Effect {
        Effect::ReleaseAnswer {
            tenant: self.tenant.clone(),
            service: self.service.clone(),
            key: self.key.clone(),
        }
    }
}

fn read_note(body: &[u8]) -> Option<(Timestamp, &str)> {
    let (until, holder) = std::str::from_utf8(body).ok()?.split_once(' ')?;
    Some((Timestamp::from_unix_millis(until.parse().ok()?), holder))
}
