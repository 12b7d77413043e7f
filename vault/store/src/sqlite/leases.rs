use sqlx::SqliteConnection;
use strongroom_core::ports::store::{Lease, StoreError};

use super::failure::store_error;
use super::rows::execute;
use super::values::Values;

/// Takes or renews a lease; `false` if another holder has it for longer.
pub(super) async fn take(connection: &mut SqliteConnection, lease: &Lease) -> Result<bool, StoreError> {
    let mut values = Values::default();
    values.text(&lease.name);
    values.text(&lease.holder);
    values.time(lease.until);
    values.time(lease.now);
    let taken = execute(connection, TAKE, values).await.map_err(|error| store_error(&error))?;
    Ok(taken == 1)
}

const TAKE: &str = "INSERT INTO leases (name, holder, held_until) VALUES (?, ?, ?) ON CONFLICT (name) \
                    DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until \
                    WHERE leases.holder = excluded.holder OR leases.held_until <= ?";
