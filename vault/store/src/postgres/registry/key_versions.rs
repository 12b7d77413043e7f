use strongroom_core::ports::store::{KeyVersionRow, StoreError};
use strongroom_domain::{KeyId, KeyState, KeyVersion, TenantId};

use super::Table;
use crate::postgres::columns::Columns;
use crate::postgres::values::Values;

impl Table for KeyVersionRow {
    const NAME: &'static str = "key version";
    const SELECT: &'static str = "\
        SELECT tenant, key_id, version, state, wrapped, created_at, state_changed_at, epoch, mac FROM key_versions";
    const PUT: &'static str = "\
        INSERT INTO key_versions \
        (tenant, key_id, version, state, wrapped, created_at, state_changed_at, epoch, mac) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant, key_id, version) DO UPDATE SET \
        state = excluded.state, wrapped = excluded.wrapped, created_at = excluded.created_at, \
        state_changed_at = excluded.state_changed_at, epoch = excluded.epoch, mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.tenant.as_str());
        values.blob(self.key_id.as_bytes());
        values.integer(self.version.get());
        values.text(self.state.as_str());
        values.blob(&self.wrapped);
        values.time(self.created_at);
        values.time(self.state_changed_at);
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: columns.parsed(TenantId::parse)?,
            key_id: KeyId::from_bytes(columns.array()?),
            version: KeyVersion::new(columns.number()?).ok_or(columns.unreadable())?,
            state: columns.known(KeyState::parse)?,
            wrapped: columns.blob()?,
            created_at: columns.time()?,
            state_changed_at: columns.time()?,
        })
    }
}
