use strongroom_core::ports::store::{StoreError, VelocityRow};
use strongroom_domain::{ServiceName, TenantId, VelocityCounter};

use super::columns::Columns;
use super::connections::Session;
use super::failure::store_error;
use super::rows::{Reading, execute, fetch_one};
use super::values::Values;

/// How much of a limit was taken.
pub(super) async fn find(
    session: &mut Session,
    tenant: &TenantId,
    service: &ServiceName,
    counter: VelocityCounter,
) -> Result<Option<VelocityRow>, StoreError> {
    let mut values = Values::default();
    values.text(tenant.as_str());
    values.text(service.as_str());
    values.text(&counter.to_string());
    fetch_one(session, FIND, values, &Reading { table: "velocity counter", read }).await
}

/// Writes a count, if nobody has written it since it was read.
pub(super) async fn put(session: &mut Session, row: &VelocityRow) -> Result<bool, StoreError> {
    let mut values = Values::default();
    values.text(row.tenant.as_str());
    values.text(row.service.as_str());
    values.text(&row.counter.to_string());
    values.integer(row.slot_millis);
    values.time(row.latest);
    values.number(row.current);
    values.number(row.previous);
    values.number(row.earlier);
    values.number(row.row_version);
    values.blob(&row.mac);
    let statement = if row.row_version == 1 { INSERT } else { UPDATE };
    let written = execute(session, statement, values).await.map_err(|error| store_error(&error))?;
    Ok(written == 1)
}

pub(super) const FIND: &str = "\
    SELECT tenant, service, counter, slot_millis, latest, current, previous, earlier, row_version, mac \
    FROM velocity_counters WHERE tenant = $1 AND service = $2 AND counter = $3";
const INSERT: &str = "\
    INSERT INTO velocity_counters \
    (tenant, service, counter, slot_millis, latest, current, previous, earlier, row_version, mac) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, service, counter) DO NOTHING";
pub(super) const UPDATE: &str = "\
    UPDATE velocity_counters SET slot_millis = $4, latest = $5, current = $6, previous = $7, earlier = $8, \
    row_version = $9, mac = $10 \
    WHERE tenant = $1 AND service = $2 AND counter = $3 AND row_version = $9 - 1";

fn read(columns: &mut Columns<'_>) -> Result<VelocityRow, StoreError> {
    Ok(VelocityRow {
        tenant: columns.parsed(TenantId::parse)?,
        service: columns.parsed(ServiceName::parse)?,
        counter: columns.known(VelocityCounter::parse)?,
        slot_millis: columns.number()?,
        latest: columns.time()?,
        current: columns.number()?,
        previous: columns.number()?,
        earlier: columns.number()?,
        row_version: columns.number()?,
        mac: columns.array()?,
    })
}
