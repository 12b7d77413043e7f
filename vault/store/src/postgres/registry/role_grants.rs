use strongroom_core::ports::store::{GrantId, GrantRow, StoreError};
use strongroom_domain::{Role, ServiceName, TenantId, Timestamp};

use super::Table;
use crate::postgres::columns::Columns;
use crate::postgres::connections::Session;
use crate::postgres::failure::store_error;
use crate::postgres::rows::execute;
use crate::postgres::values::Values;

/// Notes when each was last used, unless it was used later.
pub(super) async fn note_uses(
    session: &mut Session,
    uses: &[(&TenantId, GrantId, Timestamp)],
) -> Result<(), StoreError> {
    if uses.is_empty() {
        return Ok(());
    }
    let mut values = Values::default();
    values.texts(uses.iter().map(|(tenant, ..)| tenant.as_str()));
    values.blobs(uses.iter().map(|(_, grant, _)| &grant.0[..]));
    values.times(uses.iter().map(|(.., at)| *at));
    execute(session, NOTE_USES, values).await.map(drop).map_err(|error| store_error(&error))
}

const NOTE_USES: &str = "\
    UPDATE role_grants SET last_used_at = used.at \
    FROM (SELECT tenant, grant_id, max(at) AS at FROM unnest($1::text[], $2::bytea[], $3::bigint[]) \
        AS used (tenant, grant_id, at) GROUP BY tenant, grant_id ORDER BY tenant, grant_id) AS used \
    WHERE role_grants.tenant = used.tenant AND role_grants.grant_id = used.grant_id \
    AND coalesce(role_grants.last_used_at < used.at, true)";

impl Table for GrantRow {
    const NAME: &'static str = "grant";
    const SELECT: &'static str = "\
        SELECT tenant, grant_id, service, role, encrypted_only, reason, granted_at, granted_by, expires_at, revoked_at, revoked_by, \
        last_used_at, epoch, mac FROM role_grants";
    // The time of last use is nobody's decision: a row written from an older view of it does not turn it back.
    const PUT: &'static str = "\
        INSERT INTO role_grants (tenant, grant_id, service, role, encrypted_only, reason, granted_at, granted_by, \
        expires_at, revoked_at, revoked_by, last_used_at, epoch, mac) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
        ON CONFLICT (tenant, grant_id) DO UPDATE SET service = excluded.service, role = excluded.role, \
        encrypted_only = excluded.encrypted_only, reason = excluded.reason, granted_at = excluded.granted_at, granted_by = excluded.granted_by, \
        expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, revoked_by = excluded.revoked_by, \
        last_used_at = greatest(role_grants.last_used_at, excluded.last_used_at), \
        epoch = excluded.epoch, mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.tenant.as_str());
        values.blob(&self.grant.0);
        values.text(self.service.as_str());
        values.text(self.role.as_str());
        values.flag(self.encrypted_only);
        values.text(&self.reason);
        values.time(self.granted_at);
        values.text(&self.granted_by);
        values.optional_time(self.expires_at);
        values.optional_time(self.revoked_at);
        values.optional_text(self.revoked_by.as_deref());
        values.optional_time(self.last_used_at);
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: columns.parsed(TenantId::parse)?,
            grant: GrantId(columns.array()?),
            service: columns.parsed(ServiceName::parse)?,
            role: columns.known(Role::parse)?,
            encrypted_only: columns.flag()?,
            reason: columns.string()?,
            granted_at: columns.time()?,
            granted_by: columns.string()?,
            expires_at: columns.optional_time()?,
            revoked_at: columns.optional_time()?,
            revoked_by: columns.optional_string()?,
            last_used_at: columns.optional_time()?,
        })
    }
}
