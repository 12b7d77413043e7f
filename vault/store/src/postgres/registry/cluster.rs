use strongroom_core::ports::store::{ClusterRow, StoreError};
use strongroom_domain::TrustDomain;

use crate::postgres::columns::Columns;
use crate::postgres::connections::Session;
use crate::postgres::failure::Refusal;
use crate::postgres::rows::{Reading, execute, fetch_one};
use crate::postgres::values::Values;

/// Writes the one row; refused if it exists.
pub(in crate::postgres) async fn insert(session: &mut Session, row: &ClusterRow) -> Result<(), Refusal> {
    let mut values = Values::default();
    values.blob(&row.cluster_id);
    values.text(row.trust_domain.as_str());
    values.time(row.created_at);
    execute(session, INSERT, values).await?;
    Ok(())
}

/// The one row.
pub(super) async fn find(session: &mut Session) -> Result<Option<ClusterRow>, StoreError> {
    fetch_one(session, FIND, Values::default(), &Reading { table: "cluster", read }).await
}

const INSERT: &str =
    "INSERT INTO cluster (only_row, cluster_id, trust_domain, created_at) VALUES (1, $1, $2, $3)";
const FIND: &str = "SELECT cluster_id, trust_domain, created_at FROM cluster WHERE only_row = 1";

fn read(columns: &mut Columns<'_>) -> Result<ClusterRow, StoreError> {
    Ok(ClusterRow {
        cluster_id: columns.array()?,
        trust_domain: columns.parsed(TrustDomain::parse)?,
        created_at: columns.time()?,
    })
}
