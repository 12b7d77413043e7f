use strongroom_core::ports::store::{KeyRow, StoreError};
use strongroom_domain::{KeyId, KeyName, KeyPurpose, Protection, TenantId, ValueFormat};

use super::Table;
use crate::postgres::columns::Columns;
use crate::postgres::values::Values;

impl Table for KeyRow {
    const NAME: &'static str = "key";
    const SELECT: &'static str = "\
        SELECT tenant, key_id, name, purpose, protection, value_format, rotation_days, created_at, created_by, epoch, mac FROM keys";
    const PUT: &'static str = "\
        INSERT INTO keys (tenant, key_id, name, purpose, protection, value_format, rotation_days, created_at, created_by, epoch, mac) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (tenant, key_id) DO UPDATE SET name = excluded.name, \
        purpose = excluded.purpose, protection = excluded.protection, value_format = excluded.value_format, rotation_days = excluded.rotation_days, \
        created_at = excluded.created_at, created_by = excluded.created_by, epoch = excluded.epoch, \
        mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.tenant.as_str());
        values.blob(self.key_id.as_bytes());
        values.text(self.name.as_str());
        values.text(self.purpose.as_str());
        values.text(self.protection.as_str());
        values.optional_text(self.value_format.as_deref().map(ToString::to_string).as_deref());
        values.integer(self.rotation_days);
        values.time(self.created_at);
        values.text(&self.created_by);
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: columns.parsed(TenantId::parse)?,
            key_id: KeyId::from_bytes(columns.array()?),
            name: columns.parsed(KeyName::parse)?,
            purpose: columns.known(KeyPurpose::parse)?,
            protection: columns.known(Protection::parse)?,
            value_format: columns.optional_parsed(|text| ValueFormat::parse(text).ok_or(()))?.map(Box::new),
            rotation_days: columns.number()?,
            created_at: columns.time()?,
            created_by: columns.string()?,
        })
    }
}
