use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use reqwest::Response;
use strongroom_api::audit::{CheckpointsView, EventQuery, EventView};
use strongroom_api::{List, RouteId};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::transport::Call;
use crate::{Client, ClientError, pages, query};

/// The record.
impl Client {
    /// One page of the audit events that match.
    pub async fn search_audit_events(&self, events: &EventQuery) -> Result<List<EventView>, ClientError> {
        self.get(RouteId::SearchAuditEvents, &[], query::of_events(events)).await
    }

    /// All audit events that match.
    pub fn audit_events(
        &self,
        events: &EventQuery,
    ) -> impl Stream<Item = Result<EventView, ClientError>> + use<> {
        pages::all(self.clone(), RouteId::SearchAuditEvents, query::of_events(events))
    }

    /// Begins to take the record away, for offline verification.
    pub async fn export_audit(&self) -> Result<AuditExport, ClientError> {
        let response = self.transport.open(Call::new(RouteId::ExportAudit, &[])).await?;
        Ok(AuditExport { response, patience: self.transport.patience() })
    }

    /// The newest signed checkpoint of every audit stream of the cluster. Remember them outside the vault.
    pub async fn get_checkpoints(&self) -> Result<CheckpointsView, ClientError> {
        self.get(RouteId::GetCheckpoints, &[], Vec::new()).await
    }
}

/// An export on its way: lines of JSON, in parts as the network brings them. One that breaks off ends in an error, never
/// silently.
pub struct AuditExport {
    response: Response,
    patience: Duration,
}

impl AuditExport {
    /// The next part; none at the end.
    pub async fn next_part(&mut self) -> Result<Option<Bytes>, ClientError> {
        let part = timeout(self.patience, self.response.chunk()).await.map_err(|_| ClientError::timeout())?;
        part.map_err(ClientError::transport)
    }

    /// The parts as a stream.
    pub fn into_parts(self) -> impl Stream<Item = Result<Bytes, ClientError>> {
        stream::try_unfold(self, |mut export| async move {
            let part = export.next_part().await?;
            Ok(part.map(|part| (part, export)))
        })
    }

    /// Writes all of it away and says how many bytes it was.
    pub async fn write_to<W: AsyncWrite + Unpin>(mut self, writer: &mut W) -> Result<u64, ClientError> {
        let mut written = 0_u64;
        while let Some(part) = self.next_part().await? {
            writer.write_all(&part).await.map_err(ClientError::Write)?;
            written = written.saturating_add(part.len() as u64);
        }
        writer.flush().await.map_err(ClientError::Write)?;
        Ok(written)
    }
}
