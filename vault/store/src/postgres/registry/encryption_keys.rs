use strongroom_core::ports::store::{EncryptionKeyRow, StoreError};
use strongroom_domain::{KeyThumbprint, ServiceName, TenantId};

use super::Table;
use crate::postgres::columns::Columns;
use crate::postgres::values::Values;

impl Table for EncryptionKeyRow {
    const NAME: &'static str = "encryption key";
    const SELECT: &'static str = "\
        SELECT tenant, service, kid, jwk, reason, created_at, created_by, expires_at, revoked_at, revoked_by, \
        epoch, mac FROM encryption_keys";
    const PUT: &'static str = "\
        INSERT INTO encryption_keys (tenant, service, kid, jwk, reason, created_at, created_by, expires_at, \
        revoked_at, revoked_by, epoch, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
        ON CONFLICT (tenant, service, kid) DO UPDATE SET jwk = excluded.jwk, reason = excluded.reason, \
        created_at = excluded.created_at, created_by = excluded.created_by, expires_at = excluded.expires_at, \
        revoked_at = excluded.revoked_at, revoked_by = excluded.revoked_by, \
        epoch = excluded.epoch, mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.tenant.as_str());
        values.text(self.service.as_str());
        values.text(self.kid.as_str());
        values.text(&self.jwk);
        values.text(&self.reason);
        values.time(self.created_at);
        values.text(&self.created_by);
        values.optional_time(self.expires_at);
        values.optional_time(self.revoked_at);
        values.optional_text(self.revoked_by.as_deref());
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: columns.parsed(TenantId::parse)?,
            service: columns.parsed(ServiceName::parse)?,
            kid: columns.parsed(KeyThumbprint::parse)?,
            jwk: columns.string()?,
            reason: columns.string()?,
            created_at: columns.time()?,
            created_by: columns.string()?,
            expires_at: columns.optional_time()?,
            revoked_at: columns.optional_time()?,
            revoked_by: columns.optional_string()?,
        })
    }
}
