//! From rows to a snapshot, trusting none of them before its MAC was checked.

use std::num::NonZero;
use std::thread;

use strongroom_crypto::registry_mac_v1::{RegistryDigest, RowMac};

use super::authenticator::{Authenticator, guard};
use super::change::RowMacs;
use super::snapshot::Snapshot;
use crate::VaultError;
use crate::ports::store::{Registry, RegistryRow};

/// Checks every row and the head, and builds the snapshot. The rows move into it, so they are never there twice.
pub(crate) fn load(
    authenticator: &Authenticator,
    registry: Registry,
) -> Result<(Snapshot, RowMacs), VaultError> {
    let Registry { cluster, head, mut rows } = registry;
    let digest = check_side_by_side(authenticator, &rows)?;
    if !authenticator.verify_head(&head, u64::try_from(rows.len()).unwrap_or(u64::MAX), &digest) {
        tracing::error!("the registry's rows do not fit its head: one was added, left out or rolled back");
        return Err(VaultError::IntegrityFailure);
    }
    // Rows refer to rows before them: keys to tenants, versions to keys, grants and encryption keys to identities. A store may well read
    // them in that order, and sorting takes room for half of them again.
    if !rows.is_sorted_by_key(order) {
        rows.sort_by_key(order);
    }
    let mut snapshot = Snapshot::empty(cluster, head);
    for row in rows {
        if snapshot.put(row)?.is_some() {
            tracing::error!("a registry row is there twice");
            return Err(VaultError::IntegrityFailure);
        }
    }
    Ok((snapshot, RowMacs { digest }))
}

/// Checks the rows in as many parts as there are processors: the digest is a sum, and it does not matter in which order
/// it is made.
fn check_side_by_side(
    authenticator: &Authenticator,
    rows: &[RegistryRow],
) -> Result<RegistryDigest, VaultError> {
    /// Fewer rows are checked sooner than a thread is started.
    const WORTH_A_THREAD: usize = 1024;
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let parts = processors.min(rows.len() / WORTH_A_THREAD).max(1);
    let mut parts = rows.chunks(rows.len().div_ceil(parts).max(1));
    let own_part = parts.next().unwrap_or_default();
    thread::scope(|scope| {
        let others: Vec<_> = parts
            .map(|part| {
                let checking = thread::Builder::new().name("registry check".to_owned());
                (part, checking.spawn_scoped(scope, || check(authenticator, part)))
            })
            .collect();
        let mut digest = check(authenticator, own_part)?;
        for (part, checking) in others {
            // Where no thread is to be had, it is done here.
            let other = match checking {
                Ok(thread) => {
                    thread.join().map_err(|_| VaultError::Internal("checking the registry stopped"))??
                }
                Err(_) => check(authenticator, part)?,
            };
            digest.merge(&other);
        }
        Ok(digest)
    })
}

fn check(authenticator: &Authenticator, rows: &[RegistryRow]) -> Result<RegistryDigest, VaultError> {
    let mut digest = RegistryDigest::new();
    for row in rows {
        if !authenticator.verify(row) {
            tracing::error!(
                table = table(row),
                "a registry row failed its MAC: it was altered outside the vault"
            );
            return Err(VaultError::IntegrityFailure);
        }
        let (_, mac) = guard(row);
        digest.insert(&RowMac::from_bytes(mac));
    }
    Ok(digest)
}

const fn order(row: &RegistryRow) -> u8 {
    match row {
        RegistryRow::HsmKey(_) => 0,
        RegistryRow::Tenant(_) => 1,
        RegistryRow::Key(_) => 2,
        RegistryRow::KeyVersion(_) => 3,
        RegistryRow::Profile(_) => 4,
        RegistryRow::Identity(_) => 5,
        RegistryRow::Grant(_) => 6,
        RegistryRow::EncryptionKey(_) => 7,
        RegistryRow::Honeytoken(_) => 8,
    }
}

const fn table(row: &RegistryRow) -> &'static str {
    match row {
        RegistryRow::HsmKey(_) => "hsm_keys",
        RegistryRow::Tenant(_) => "tenants",
        RegistryRow::Key(_) => "keys",
        RegistryRow::KeyVersion(_) => "key_versions",
        RegistryRow::Profile(_) => "token_profiles",
        RegistryRow::Identity(_) => "identities",
        RegistryRow::Grant(_) => "role_grants",
        RegistryRow::EncryptionKey(_) => "encryption_keys",
        RegistryRow::Honeytoken(_) => "honeytokens",
    }
}
