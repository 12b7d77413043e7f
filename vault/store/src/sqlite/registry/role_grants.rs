use sqlx::SqliteConnection;
use strongroom_core::ports::store::{GrantId, GrantRow, StoreError};
use strongroom_domain::{Role, ServiceName, TenantId, Timestamp};

use super::Table;
use crate::sqlite::columns::Columns;
use crate::sqlite::failure::store_error;
use crate::sqlite::rows::execute;
use crate::sqlite::values::Values;

/// Notes when a grant was last used, unless it was used later.
pub(super) async fn note_use(
    connection: &mut SqliteConnection,
    tenant: &TenantId,
    grant: GrantId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.blob(&grant.0);
    values.time(at);
    execute(connection, NOTE_USE, values).await.map(drop).map_err(|error| store_error(&error))
}

const NOTE_USE: &str = "UPDATE role_grants SET last_used_at = ?3 \
                     WHERE tenant = ?1 AND grant_id = ?2 AND coalesce(last_used_at < ?3, 1)";

impl Table for GrantRow {
    const NAME: &'static str = "grant";
    const SELECT: &'static str = "\
        SELECT tenant, grant_id, service, role, encrypted_only, reason, granted_at, granted_by, expires_at, revoked_at, revoked_by, \
        last_used_at, epoch, mac FROM role_grants";
    // The time of last use is nobody's decision: a row written from an older view of it does not turn it back.
    const PUT: &'static str = "\
        INSERT INTO role_grants (tenant, grant_id, service, role, encrypted_only, reason, granted_at, granted_by, \
        expires_at, revoked_at, revoked_by, last_used_at, epoch, mac) \
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
        ON CONFLICT (tenant, grant_id) DO UPDATE SET service = excluded.service, role = excluded.role, \
        encrypted_only = excluded.encrypted_only, reason = excluded.reason, granted_at = excluded.granted_at, granted_by = excluded.granted_by, \
        expires_at = excluded.expires_at, revoked_at = excluded.revoked_at, revoked_by = excluded.revoked_by, \
        last_used_at = max(coalesce(last_used_at, excluded.last_used_at), \
                           coalesce(excluded.last_used_at, last_used_at)), \
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
