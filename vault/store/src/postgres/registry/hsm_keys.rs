use strongroom_core::ports::store::{HsmKeyRow, StoreError};
use strongroom_core::ports::{HsmKey, HsmKeyKind, KeyCheckValue};

use super::Table;
use crate::postgres::columns::Columns;
use crate::postgres::values::Values;

impl Table for HsmKeyRow {
    const NAME: &'static str = "HSM key";
    const SELECT: &'static str =
        "SELECT kind, cka_id, label, check_value, created_at, epoch, mac FROM hsm_keys";
    const PUT: &'static str = "\
        INSERT INTO hsm_keys (kind, cka_id, label, check_value, created_at, epoch, mac) \
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind) DO UPDATE SET cka_id = excluded.cka_id, \
        label = excluded.label, check_value = excluded.check_value, created_at = excluded.created_at, \
        epoch = excluded.epoch, mac = excluded.mac";

    fn bind(&self, values: &mut Values) {
        values.text(self.key.kind.as_str());
        values.blob(&self.key.id);
        values.text(&self.key.label);
        values.blob(&self.key.check_value.0);
        values.time(self.created_at);
    }

    fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let key = HsmKey {
            kind: columns.known(HsmKeyKind::parse)?,
            id: columns.array()?,
            label: columns.string()?,
            check_value: KeyCheckValue(columns.blob()?),
        };
        Ok(Self { key, created_at: columns.time()? })
    }
}
