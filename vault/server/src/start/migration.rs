//! `strongroomd migrate`.

use std::path::Path;

use super::Failure;
use crate::config::StoreConfig;
use crate::wiring;

/// As the owner of the schema. Needs neither the HSM nor the hardening of a process that holds keys.
pub(crate) fn migrate(store: &StoreConfig, owner: &str, password_file: &Path) -> Result<(), Failure> {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::Runtime)?;
    Ok(runtime.block_on(wiring::migrate(store, owner, password_file))?)
}
