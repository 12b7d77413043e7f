use strongroom_core::ports::store::{HoneytokenId, HoneytokenRow, StoreError};
use strongroom_domain::TenantId;

use super::Table;
use crate::postgres::columns::Columns;
use crate::postgres::values::Values;

impl Table for HoneytokenRow {
    const NAME: &'static str = "honeytoken";
    const SELECT: &'static str = "\
        SELECT tenant, honeytoken, mark, reason, created_at, created_by, withdrawn_at, withdrawn_by, epoch, mac \
        FROM honeytokens";
    const PUT: &'static str = "\
        INSERT INTO honeytokens \
        (tenant, honeytoken, mark, reason, created_at, created_by, withdrawn_at, withdrawn_by, epoch, mac) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, honeytoken) DO UPDATE SET \
        mark = excluded.mark, reason = excluded.reason, created_at = excluded.created_at, \
        created_by = excluded.created_by, withdrawn_at = excluded.withdrawn_at, \
        withdrawn_by = excluded.withdrawn_by, epoch = excluded.epoch, mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.tenant.as_str());
        values.blob(&self.honeytoken.0);
        values.blob(&self.mark);
        values.text(&self.reason);
        values.time(self.created_at);
        values.text(&self.created_by);
        values.optional_time(self.withdrawn_at);
        values.optional_text(self.withdrawn_by.as_deref());
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: columns.parsed(TenantId::parse)?,
            honeytoken: HoneytokenId(columns.array()?),
            mark: columns.array()?,
            reason: columns.string()?,
            created_at: columns.time()?,
            created_by: columns.string()?,
            withdrawn_at: columns.optional_time()?,
            withdrawn_by: columns.optional_string()?,
        })
    }
}
