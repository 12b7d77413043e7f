use strongroom_core::ports::store::{IdentityRow, StoreError};
use strongroom_domain::{ServiceName, TenantId, Timestamp, VelocityLimits};

use super::Table;
use crate::postgres::columns::Columns;
use crate::postgres::connections::Session;
use crate::postgres::failure::store_error;
use crate::postgres::rows::execute;
use crate::postgres::values::Values;

/// Notes when each was last used, unless it was used later.
pub(super) async fn note_uses(
    session: &mut Session,
    uses: &[(&TenantId, &ServiceName, Timestamp)],
) -> Result<(), StoreError> {
    if uses.is_empty() {
        return Ok(());
    }
    let mut values = Values::default();
    values.texts(uses.iter().map(|(tenant, ..)| tenant.as_str()));
    values.texts(uses.iter().map(|(_, service, _)| service.as_str()));
    values.times(uses.iter().map(|(.., at)| *at));
    execute(session, NOTE_USES, values).await.map(drop).map_err(|error| store_error(&error))
}

const NOTE_USES: &str = "\
    UPDATE identities SET last_used_at = used.at \
    FROM (SELECT tenant, service, max(at) AS at FROM unnest($1::text[], $2::text[], $3::bigint[]) \
        AS used (tenant, service, at) GROUP BY tenant, service ORDER BY tenant, service) AS used \
    WHERE identities.tenant = used.tenant AND identities.service = used.service \
    AND coalesce(identities.last_used_at < used.at, true)";

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
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (tenant, service) DO UPDATE SET \
        reason = excluded.reason, created_at = excluded.created_at, created_by = excluded.created_by, \
        expires_at = excluded.expires_at, disabled_at = excluded.disabled_at, \
        velocity_limits = excluded.velocity_limits, \
        last_used_at = greatest(identities.last_used_at, excluded.last_used_at), \
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
