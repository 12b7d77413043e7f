use strongroom_core::ports::store::{StoreError, TenantRow};
use strongroom_domain::TenantId;

use super::Table;
use crate::postgres::columns::Columns;
use crate::postgres::values::Values;

impl Table for TenantRow {
    const NAME: &'static str = "tenant";
    const SELECT: &'static str = "SELECT tenant, created_at, epoch, mac FROM tenants";
    const PUT: &'static str = "\
        INSERT INTO tenants (tenant, created_at, epoch, mac) VALUES ($1, $2, $3, $4) ON CONFLICT (tenant) \
        DO UPDATE SET created_at = excluded.created_at, epoch = excluded.epoch, mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.tenant.as_str());
        values.time(self.created_at);
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self { tenant: columns.parsed(TenantId::parse)?, created_at: columns.time()? })
    }
}
