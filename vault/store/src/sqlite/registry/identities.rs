use sqlx::SqliteConnection;
use strongroom_core::ports::store::{IdentityRow, StoreError};
use strongroom_domain::{ServiceName, TenantId, Timestamp, VelocityLimits};

use super::Table;
use crate::sqlite::columns::Columns;
use crate::sqlite::failure::store_error;
use crate::sqlite::rows::execute;
use crate::sqlite::values::Values;

/// Notes when an identity was last used, unless it was used later.
pub(super) async fn note_use(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    service: &ServiceName,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.text(service.as_str());
    values.time(at);
    execute(connection, NOTE_USE, values).await.map(drop).map_err(|error| store_error(&error))
}

const NOTE_USE: &str = "UPDATE identities SET last_used_at = ?3 \
                     WHERE tenant = ?1 AND service = ?2 AND coalesce(last_used_at < ?3, 1)";

impl Table for IdentityRow {
    const NAME: &'static str = "identity";
    const SELECT: &'static str = "\
        SELECT tenant, service, reason, created_at, created_by, expires_at, disabled_at, velocity_limits, \
        last_used_at, epoch, mac \
        FROM identities";
    // The time of last use is nobody's decision: a row written from an older view of it does not turn it back.
    const PUT: &'static str = "\
        INSERT INTO identities \
        (tenant, service, reason, created_at, created_by, expires_at, disabled_at, velocity_limits, \
        last_used_at, epoch, mac) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, service) DO UPDATE SET \
        reason = excluded.reason, created_at = excluded.created_at, created_by = excluded.created_by, \
        expires_at = excluded.expires_at, disabled_at = excluded.disabled_at, \
        velocity_limits = excluded.velocity_limits, \
        last_used_at = max(coalesce(last_used_at, excluded.last_used_at), \
                           coalesce(excluded.last_used_at, last_used_at)), \
        epoch = excluded.epoch, mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.tenant.as_str());
        values.text(self.service.as_str());
        values.text(&self.reason);
        values.time(self.created_at);
        values.text(&self.created_by);
        values.optional_time(self.expires_at);
        values.optional_time(self.disabled_at);
        values.text(&self.velocity_limits.to_string());
        values.optional_time(self.last_used_at);
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: columns.parsed(TenantId::parse)?,
            service: columns.parsed(ServiceName::parse)?,
            reason: columns.string()?,
            created_at: columns.time()?,
            created_by: columns.string()?,
            expires_at: columns.optional_time()?,
            disabled_at: columns.optional_time()?,
            velocity_limits: columns.known(VelocityLimits::parse)?,
            last_used_at: columns.optional_time()?,
        })
    }
}
