use strongroom_domain::{Action, KeyName, KeyState, Principal};

use super::new_version;
use super::view::{KeyVersionView, KeyView};
use crate::audit::EventDraft;
use crate::pipeline::{Answer, Idempotency, Operation, Permit, Prepared, run_once};
use crate::ports::HsmKeyKind;
use crate::ports::store::KeyVersionRow;
use crate::registry::{NewRow, Turn};
use crate::vault::Core;
use crate::{Call, Vault, VaultError};

impl Vault {
    /// Gives a key a new version, which protects new data from then on. The one before is deactivated: it reads what
    /// it wrote and writes nothing new.
    pub async fn rotate_key(
        &self,
        call: &Call,
        name: &KeyName,
        idempotency: Option<Idempotency<'_>>,
        render: impl Fn(&KeyView) -> Answer + Send + Sync,
    ) -> Result<Answer, VaultError> {
        run_once(&self.core, call, RotateKey { principal: &call.principal, name }, idempotency, render).await
    }
}

struct RotateKey<'a> {
    principal: &'a Principal,
    name: &'a KeyName,
}

impl Operation for RotateKey<'_> {
    type Output = KeyView;

    const ACTION: Action = Action::KeyRotate;

    fn subject(&self) -> EventDraft {
        EventDraft::success().object(self.name)
    }

    async fn prepare(&self, _permit: &Permit, core: &Core) -> Result<Prepared<KeyView>, VaultError> {
        let (turn, version) = self.make(core).await?;
        let snapshot = core.snapshot();
        let key = snapshot.tenant(self.principal.tenant())?.key(self.name)?;
        let newest = key.newest()?;
        let (next, now) = (version.version, version.created_at);
        let mut view = KeyView::of(key)?;
        let mut rows = Vec::with_capacity(2);
        if newest.row.state == KeyState::Active {
            let mut previous = newest.row.clone();
            previous.state = KeyState::Deactivated;
            previous.state_changed_at = now;
            if let Some(shown) = view.versions.last_mut() {
                shown.state = KeyState::Deactivated;
                shown.state_changed_at = now;
            }
            rows.push(NewRow::KeyVersion(previous));
        }
        view.current_version = next;
        view.versions.push(KeyVersionView {
            version: next,
            state: version.state,
            created_at: now,
            state_changed_at: now,
        });
        let event = self.subject().key(key.row.key_id, next);
        rows.push(NewRow::KeyVersion(version));
        let change = core.registry().plan(turn, rows)?;
        Ok(change.prepared(view, event))
    }
}

impl RotateKey<'_> {
    /// The next version and the turn to add it. The material is made outside the turn: the HSM may take its time, and what
    /// other nodes have changed must not wait for it. If the key was rotated meanwhile, it is made again.
    async fn make(&self, core: &Core) -> Result<(Turn, KeyVersionRow), VaultError> {
        loop {
            let snapshot = core.snapshot();
            let key = snapshot.tenant(self.principal.tenant())?.key(self.name)?;
            let next = key.next_version()?;
            let kek = snapshot.hsm_key(HsmKeyKind::KekData)?;
            let (cluster, now) = (&snapshot.cluster.cluster_id, core.clock().now());
            let version =
                new_version((core.hsm(), core.entropy()), kek, cluster, &key.row, next, now).await?;
            let turn = core.registry().turn().await;
            let key_now = core.snapshot();
            let key_now = key_now.tenant(self.principal.tenant())?.key(self.name)?;
            if key_now.next_version()? == next {
                return Ok((turn, version));
            }
        }
    }
}
