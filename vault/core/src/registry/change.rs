//! Changes of the registry: one at a time on a node, decided between nodes by the head's epoch.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use strongroom_crypto::registry_mac_v1::{RegistryDigest, RowMac};

use super::authenticator::{Authenticator, guard};
use super::snapshot::Snapshot;
use crate::VaultError;
use crate::audit::EventDraft;
use crate::committer::OnCommit;
use crate::pipeline::Prepared;
use crate::ports::store::{
    Effect, EncryptionKeyRow, GrantRow, HoneytokenRow, HsmKeyRow, IdentityRow, KeyRow, KeyVersionRow,
    ProfileRow, Registered, RegistryRow, TenantRow,
};

/// The MACs of all rows, combined: what a change takes out of and puts into. Each by itself stands in the snapshot.
#[derive(Default)]
pub(crate) struct RowMacs {
    pub(super) digest: RegistryDigest,
}

/// Plans changes and puts them into effect once they are durable.
pub(crate) struct RegistryWriter {
    authenticator: Authenticator,
    current: Arc<ArcSwap<Snapshot>>,
    macs: Arc<Mutex<RowMacs>>,
    /// Held from planning to commit, so that two changes on this node do not start from the same epoch.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A row to be written, before its epoch and MAC are known.
pub(crate) enum NewRow {
    HsmKey(HsmKeyRow),
    Tenant(TenantRow),
    Key(KeyRow),
    KeyVersion(KeyVersionRow),
    Profile(ProfileRow),
    Identity(IdentityRow),
    Grant(GrantRow),
    EncryptionKey(EncryptionKeyRow),
    Honeytoken(HoneytokenRow),
}

/// A planned change: what to write, and what to do when it is written.
pub(crate) struct RegistryChange {
    pub(crate) effects: Vec<Effect>,
    pub(crate) epoch: u64,
    pub(crate) on_commit: OnCommit,
}

impl RegistryChange {
    /// As the result of an operation, whose record names the new epoch.
    pub(crate) fn prepared<T>(self, output: T, event: EventDraft) -> Prepared<T> {
        let event = event.registry_epoch(self.epoch);
        Prepared { output, effects: self.effects, events: vec![event], on_commit: Some(self.on_commit) }
    }
}

/// The right to plan the next change.
pub(crate) struct Turn {
    /// Never read: the turn ends when it is dropped.
    _guard: tokio::sync::OwnedMutexGuard<()>,
}

impl RegistryWriter {
    pub(crate) fn new(authenticator: Authenticator, current: Arc<ArcSwap<Snapshot>>, macs: RowMacs) -> Self {
        Self { authenticator, current, macs: Arc::new(Mutex::new(macs)), turn: Arc::default() }
    }

    pub(crate) const fn authenticator(&self) -> &Authenticator {
        &self.authenticator
    }

    /// Waits for the change before this one. Take the turn, then look at the snapshot, then plan.
    pub(crate) async fn turn(&self) -> Turn {
        Turn { _guard: Arc::clone(&self.turn).lock_owned().await }
    }

    /// Plans a change from the current snapshot.
    pub(crate) fn plan(&self, turn: Turn, rows: Vec<NewRow>) -> Result<RegistryChange, VaultError> {
        let snapshot = self.current.load_full();
        let head = snapshot.head;
        let epoch =
            head.epoch.checked_add(1).ok_or(VaultError::Internal("the registry's epochs are used up"))?;
        let mut count = head.rows;
        let mut next = Snapshot::clone(&snapshot);
        let mut effects = Vec::with_capacity(rows.len() + 1);
        let mut digest = self.macs.lock().unwrap_or_else(PoisonError::into_inner).digest.clone();
        for row in rows {
            let row = seal(&self.authenticator, row, epoch);
            let (_, mac) = guard(&row);
            // A row that is written twice in one change replaces itself.
            match next.put(row.clone())? {
                Some(replaced) => digest.remove(&RowMac::from_bytes(replaced)),
                None => count += 1,
            }
            digest.insert(&RowMac::from_bytes(mac));
            effects.push(Effect::PutRegistry(Box::new(row)));
        }
        next.head = self.authenticator.head(epoch, count, &digest);
        effects.push(Effect::MoveRegistryHead { expected_epoch: head.epoch, head: next.head });
        let (current, macs) = (Arc::clone(&self.current), Arc::clone(&self.macs));
        let on_commit = Box::new(move || {
            macs.lock().unwrap_or_else(PoisonError::into_inner).digest = digest;
            current.store(Arc::new(next));
            drop(turn);
        });
        Ok(RegistryChange { effects, epoch, on_commit })
    }

    /// Takes over what was loaded from the database, where another node has changed it.
    pub(crate) fn replace(&self, _turn: &Turn, snapshot: Snapshot, macs: RowMacs) {
        *self.macs.lock().unwrap_or_else(PoisonError::into_inner) = macs;
        self.current.store(Arc::new(snapshot));
    }
}

/// Gives a row its epoch and MAC.
pub(super) fn seal(authenticator: &Authenticator, row: NewRow, epoch: u64) -> RegistryRow {
    const UNSEALED: [u8; 32] = [0; 32];
    macro_rules! registered {
        ($kind:ident, $row:ident) => {{
            let mut row = RegistryRow::$kind(Box::new(Registered { row: $row, epoch, mac: UNSEALED }));
            let mac = authenticator.mac(&row, epoch);
            if let RegistryRow::$kind(registered) = &mut row {
                registered.mac = mac;
            }
            row
        }};
    }
    match row {
        NewRow::HsmKey(row) => registered!(HsmKey, row),
        NewRow::Tenant(row) => registered!(Tenant, row),
        NewRow::Key(row) => registered!(Key, row),
        NewRow::KeyVersion(row) => registered!(KeyVersion, row),
        NewRow::Profile(row) => registered!(Profile, row),
        NewRow::Identity(row) => registered!(Identity, row),
        NewRow::Grant(row) => registered!(Grant, row),
        NewRow::EncryptionKey(row) => registered!(EncryptionKey, row),
        NewRow::Honeytoken(row) => registered!(Honeytoken, row),
    }
}
