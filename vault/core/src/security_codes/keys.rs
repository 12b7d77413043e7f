//! The keys that are at hand on this node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use strongroom_crypto::envelope_v1::{Envelope, EnvelopeKey};
use strongroom_crypto::wrapped_key_v1::WrappedKey;
use strongroom_crypto::{Header, Injective, KeyMaterial};
use strongroom_domain::{KeyId, KeyVersion, Secret};
use tokio::time::Instant;

use super::orphans::Unclaimed;
use super::period::Period;
use crate::VaultError;
use crate::audit::EventDraft;
use crate::operations::new_key_id;
use crate::pipeline::record_for_node;
use crate::ports::store::{Effect, SecurityCodeKeyRow};
use crate::ports::{Entropy, HsmError, HsmKey, HsmKeyKind};
use crate::vault::Core;

/// Unsealed keys of security codes, and what this process knows of their age.
#[derive(Default)]
pub(crate) struct SecurityCodeKeys {
    at_hand: Mutex<HashMap<KeyId, Arc<PeriodKey>>>,
    /// By when a key must be gone, by the clock that nobody can set; fixed when this process first hears of the key.
    ends: Mutex<HashMap<KeyId, Instant>>,
    /// One request at a time asks the HSM; the others wait for its answer.
    unsealing: tokio::sync::Mutex<()>,
    pub(super) unclaimed: Unclaimed,
}

/// A period's key, ready for use. The material is wiped once this is derived, and this when it is dropped.
pub(crate) struct PeriodKey {
    period: Period,
    key_id: KeyId,
    envelope: EnvelopeKey,
    end: Instant,
}

impl PeriodKey {
    /// Which period's.
    pub(crate) const fn period(&self) -> u32 {
        self.period.0
    }

    /// Seals a code, bound to `aad`.
    pub(crate) fn seal(
        &self,
        entropy: &dyn Entropy,
        aad: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, VaultError> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt)?;
        let header = Header { key_id: self.key_id, key_version: KeyVersion::FIRST };
        self.envelope
            .seal(header, salt, aad, plain)
            .map_err(|_| VaultError::Internal("a security code could not be sealed"))
    }

    /// Opens a code. Whatever is wrong with it, the table was tampered with.
    pub(crate) fn open(&self, envelope: &[u8], aad: &[u8]) -> Result<Secret<Vec<u8>>, VaultError> {
        let envelope = Envelope::parse(envelope).map_err(|_| VaultError::IntegrityFailure)?;
        self.envelope.open(&envelope, aad).map_err(|_| VaultError::IntegrityFailure)
    }

    fn is_over(&self) -> bool {
        self.end <= Instant::now()
    }
}

/// How often the key of a period is looked for and made: the second time finds the one of whoever was quicker.
const ATTEMPTS: usize = 3;

impl SecurityCodeKeys {
    /// The key of the present period, made if there is none.
    pub(crate) async fn current(&self, core: &Core) -> Result<Arc<PeriodKey>, VaultError> {
        let period = Period::of(core.clock().now());
        if let Some(key) = self.known(|key| key.period == period) {
            return Ok(key);
        }
        let _turn = self.unsealing.lock().await;
        for _ in 0..ATTEMPTS {
            if let Some(key) = self.known(|key| key.period == period) {
                return Ok(key);
            }
            let rows = core.store().security_code_keys().await?;
            match rows.iter().find(|row| row.period == period.0) {
                // The others hold this period for over: this node's clock is behind theirs.
                Some(row) if row.shredding_at.is_some() => return Err(VaultError::HsmUnavailable),
                Some(row) => {
                    return self.unseal(core, row).await.map_err(|error| match error {
                        VaultError::SecurityCodeGone => VaultError::HsmUnavailable,
                        other => other,
                    });
                }
                None => {
                    if let Some(key) = self.create(core, period).await? {
                        return Ok(key);
                    }
                }
            }
        }
        Err(VaultError::Overloaded)
    }

    /// The key that this code is sealed under, unless its time is over.
    pub(crate) async fn of(
        &self,
        core: &Core,
        period: u32,
        envelope: &[u8],
    ) -> Result<Arc<PeriodKey>, VaultError> {
        let header = Envelope::parse(envelope).map_err(|_| VaultError::IntegrityFailure)?.header();
        let is_it = |key: &PeriodKey| key.period.0 == period && key.key_id == header.key_id;
        if let Some(key) = self.known(is_it) {
            return Ok(key);
        }
        let _turn = self.unsealing.lock().await;
        if let Some(key) = self.known(is_it) {
            return Ok(key);
        }
        let rows = core.store().security_code_keys().await?;
        let mut open = rows.iter().filter(|row| row.shredding_at.is_none());
        let row = open.find(|row| row.period == period && row.key_id == header.key_id);
        self.unseal(core, row.ok_or(VaultError::SecurityCodeGone)?).await
    }

    /// Keeps those that are in the table and not being destroyed; all others are wiped. `None`: the table cannot be read, and
    /// time alone decides.
    pub(super) fn keep(&self, rows: Option<&[SecurityCodeKeyRow]>) {
        let lives = |id: &KeyId| {
            rows.is_none_or(|rows| rows.iter().any(|row| row.key_id == *id && row.shredding_at.is_none()))
        };
        lock(&self.at_hand).retain(|id, key| !key.is_over() && lives(id));
        if let Some(rows) = rows {
            lock(&self.ends).retain(|id, _| rows.iter().any(|row| row.key_id == *id));
        }
    }

    /// By when a key must be gone, whatever the clock on the wall is set to meanwhile.
    pub(super) fn end_of(&self, core: &Core, key_id: KeyId, period: Period) -> Instant {
        let left = period.last_use().unix_millis().saturating_sub(core.clock().now().unix_millis());
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0)).min(Period::LIFE);
        *lock(&self.ends).entry(key_id).or_insert_with(|| Instant::now() + left)
    }

    fn known(&self, is_it: impl Fn(&PeriodKey) -> bool) -> Option<Arc<PeriodKey>> {
        lock(&self.at_hand).values().find(|key| is_it(key) && !key.is_over()).map(Arc::clone)
    }

    async fn unseal(&self, core: &Core, row: &SecurityCodeKeyRow) -> Result<Arc<PeriodKey>, VaultError> {
        let cluster = &core.snapshot().cluster.cluster_id;
        let period = Period::of_label(cluster, &row.hsm_key.label).filter(|period| period.0 == row.period);
        let period = period.ok_or(VaultError::IntegrityFailure)?;
        let wrapped = WrappedKey::decode(&row.wrapped).map_err(|_| VaultError::IntegrityFailure)?;
        let place = place(cluster, row.period, row.key_id, &row.hsm_key);
        let material = match core.hsm().open(&row.hsm_key, &place, &wrapped).await {
            // What a restored table says of a key that was destroyed.
            Err(HsmError::Missing(_)) => return Err(VaultError::SecurityCodeGone),
            outcome => outcome?,
        };
        self.put(core, period, row.key_id, material)
    }

    /// Makes the key of a period; `None` if another node was quicker.
    async fn create(&self, core: &Core, period: Period) -> Result<Option<Arc<PeriodKey>>, VaultError> {
        let cluster = core.snapshot().cluster.cluster_id;
        let mut random = [0; 4];
        core.entropy().fill(&mut random)?;
        let key_id = new_key_id(core.entropy())?;
        let label = period.label(&cluster, random);
        let hsm_key = core.hsm().create_key(HsmKeyKind::SecurityCode, &label).await?;
        let material = core.hsm().random(KeyMaterial::LENGTH).await?;
        let aad = place(&cluster, period.0, key_id, &hsm_key);
        let wrapped = core.hsm().seal(&hsm_key, &aad, &material).await?.encode();
        let created_at = core.clock().now();
        let row =
            SecurityCodeKeyRow { period: period.0, key_id, hsm_key, wrapped, created_at, shredding_at: None };
        let written = record_for_node(
            core.committer(),
            &core.settings.node,
            "security-code-key.create",
            core.own_request_id()?,
            vec![Effect::InsertSecurityCodeKey(Box::new(row))],
            EventDraft::success().object(&label),
        )
        .await;
        match written {
            Ok(()) => self.put(core, period, key_id, material).map(Some),
            Err(VaultError::AlreadyExists) => {
                // If this fails, or anything before it did, the key is nobody's, and housekeeping finds it by its label.
                if let Err(error) = core.hsm().destroy_key(&label).await {
                    tracing::warn!(%error, label, "a key for security codes that is not used remains for a while");
                }
                Ok(None)
            }
            // It may have been written all the same.
            Err(error) => Err(error),
        }
    }

    fn put(
        &self,
        core: &Core,
        period: Period,
        key_id: KeyId,
        material: Secret<Vec<u8>>,
    ) -> Result<Arc<PeriodKey>, VaultError> {
        let material = KeyMaterial::from_secret(material).ok_or(VaultError::IntegrityFailure)?;
        let end = self.end_of(core, key_id, period);
        let key = Arc::new(PeriodKey { period, key_id, envelope: EnvelopeKey::derive(&material), end });
        if key.is_over() {
            return Err(VaultError::SecurityCodeGone);
        }
        lock(&self.at_hand).insert(key_id, Arc::clone(&key));
        Ok(key)
    }
}

/// What the sealed material of a period is bound to.
fn place(cluster: &[u8; 16], period: u32, key_id: KeyId, hsm_key: &HsmKey) -> Vec<u8> {
    Injective::new("strongroom/security-code-key/v1")
        .part(cluster)
        .part(&period.to_be_bytes())
        .part(key_id.as_bytes())
        .part(&hsm_key.id)
        .finish()
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
