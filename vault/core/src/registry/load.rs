//! From rows to a snapshot, trusting none of them before its MAC was checked.

use strongroom_crypto::registry_mac_v1::RowMac;

use super::authenticator::{Authenticator, guard, row_key};
use super::change::RowMacs;
use super::snapshot::Snapshot;
use crate::VaultError;
use crate::ports::store::{Registry, RegistryRow};

/// Checks every row and the head, and builds the snapshot.
pub(crate) fn load(
    authenticator: &Authenticator,
    mut registry: Registry,
) -> Result<(Snapshot, RowMacs), VaultError> {
    // Rows refer to rows before them: keys to tenants, versions to keys, grants to identities.
    registry.rows.sort_by_key(order);
    let mut snapshot = Snapshot::empty(registry.cluster, registry.head);
    let mut macs = RowMacs::default();
    for row in &registry.rows {
        if !authenticator.verify(row) {
            tracing::error!(
                table = table(row),
                "a registry row failed its MAC: it was altered outside the vault"
            );
            return Err(VaultError::IntegrityFailure);
        }
        let (_, mac) = guard(row);
        macs.digest.insert(&RowMac::from_bytes(mac));
        macs.by_row.insert(row_key(row), mac);
        snapshot.put(row);
    }
    let rows = u64::try_from(registry.rows.len()).unwrap_or(u64::MAX);
    if !authenticator.verify_head(&registry.head, rows, &macs.digest) {
        tracing::error!("the registry's rows do not fit its head: one was added, left out or rolled back");
        return Err(VaultError::IntegrityFailure);
    }
    Ok((snapshot, macs))
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
    }
}
