use strongroom_core::ports::store::{Lease, StoreError};

use super::connections::Session;
use super::failure::store_error;
use super::rows::execute;
use super::values::Values;

/// Takes or renews a lease, unless another holder has it.
pub(super) async fn take(session: &mut Session, lease: &Lease) -> Result<bool, StoreError> {
    let mut values = Values::default();
    values.text(&lease.name);
    values.text(&lease.holder);
    values.time(lease.until);
    values.time(lease.now);
    let taken = execute(session, TAKE, values).await.map_err(|error| store_error(&error))?;
    Ok(taken == 1)
}

pub(super) const TAKE: &str = "\
    INSERT INTO leases (name, holder, lease_until) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET \
    holder = excluded.holder, lease_until = excluded.lease_until \
    WHERE leases.holder = excluded.holder OR leases.lease_until <= $4";
