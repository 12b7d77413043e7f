//! What the vault knows of its keys, profiles and callers: an immutable snapshot, checked against its MACs when it is
//! loaded and replaced only after the commit that changed it.

mod authenticator;
mod change;
mod keys;
mod load;
mod shared_map;
mod snapshot;
mod working_key;

pub(crate) use authenticator::Authenticator;
pub(crate) use change::{NewRow, RegistryWriter, RowMacs, Turn};
pub(crate) use keys::{Key, KeyVersionEntry, hsm_key_kind, wrap_context};
pub(crate) use load::load;
pub(crate) use snapshot::{Grant, Identity, Snapshot, TenantState};
pub(crate) use working_key::WorkingKey;
