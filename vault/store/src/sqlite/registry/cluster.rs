use sqlx::SqliteConnection;
use strongroom_core::ports::store::{ClusterRow, StoreError};
use strongroom_domain::TrustDomain;

use crate::sqlite::columns::Columns;
use crate::sqlite::failure::Refusal;
use crate::sqlite::rows::{Reading, execute, fetch_one};
use crate::sqlite::values::Values;

/// Writes the one row; refused if it exists.
pub(in crate::sqlite) async fn insert(
    connection: &mut SqliteConnection,
    row: &ClusterRow,
) -> Result<(), Refusal> {
    let mut values = Values::default();
    values.blob(&row.cluster_id);
    values.text(row.trust_domain.as_str());
    values.time(row.created_at);
    execute(connection, INSERT, values).await?;
    Ok(())
}

/// The one row.
pub(super) async fn find(connection: &mut SqliteConnection) -> Result<Option<ClusterRow>, StoreError> {
    fetch_one(connection, FIND, Values::default(), &Reading { table: "cluster", read }).await
}

const INSERT: &str =
    "INSERT INTO cluster (only_row, cluster_id, trust_domain, created_at) VALUES (1, ?, ?, ?)";
const FIND: &str = "SELECT cluster_id, trust_domain, created_at FROM cluster WHERE only_row = 1";

fn read(columns: &mut Columns<'_>) -> Result<ClusterRow, StoreError> {
    Ok(ClusterRow {
        cluster_id: columns.array()?,
        trust_domain: columns.parsed(TrustDomain::parse)?,
        created_at: columns.time()?,
    })
}
