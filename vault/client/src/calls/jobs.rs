use futures_util::Stream;
use strongroom_api::jobs::{
    CSV_CONTENT_TYPE, CompleteJob, ExportTokens, ExportedPart, ImportTokens, ImportedPart, JobView,
    NDJSON_CONTENT_TYPE,
};
use strongroom_api::{List, ListQuery, RouteId};
use strongroom_domain::{DetokenizationPurpose, JobId, LineFormat};

use crate::transport::Call;
use crate::{Client, ClientError, pages, query};

/// Work on more than fits into a request.
impl Client {
    /// Begins to turn the lines of a file into tokens.
    pub async fn import_tokens(&self, request: &ImportTokens) -> Result<JobView, ClientError> {
        self.post(RouteId::ImportTokens, &[], request).await
    }

    /// Begins to take the values of tokens out for the holder of a key.
    pub async fn export_tokens(&self, request: &ExportTokens) -> Result<JobView, ClientError> {
        self.post(RouteId::ExportTokens, &[], request).await
    }

    /// How far a job is.
    pub async fn get_job(&self, job: &JobId) -> Result<JobView, ClientError> {
        self.get(RouteId::GetJob, &[job.as_str()], Vec::new()).await
    }

    /// One page of the caller's jobs.
    pub async fn list_jobs(&self, page: &ListQuery) -> Result<List<JobView>, ClientError> {
        self.get(RouteId::ListJobs, &[], query::of_list(page)).await
    }

    /// All of the caller's jobs.
    pub fn jobs(&self) -> impl Stream<Item = Result<JobView, ClientError>> + use<> {
        pages::all(self.clone(), RouteId::ListJobs, Vec::new())
    }

    /// Turns the lines of one part into tokens: whole lines, up to 1,000 that are not empty, the first of them the one after
    /// the part before. The same part again has no second effect and the same answer.
    pub async fn import_part(
        &self,
        job: &JobId,
        part: u32,
        format: LineFormat,
        lines: &[u8],
    ) -> Result<ImportedPart, ClientError> {
        let content_type = match format {
            LineFormat::Csv => CSV_CONTENT_TYPE,
            LineFormat::Ndjson => NDJSON_CONTENT_TYPE,
        };
        let part = part.to_string();
        let parameters = [job.as_str(), part.as_str()];
        let call = Call::new(RouteId::ImportPart, &parameters).lines(content_type, lines);
        self.transport.send(call, None).await
    }

    /// One part of an export, encrypted to its receiver. The same part again is the same.
    pub async fn export_part(
        &self,
        job: &JobId,
        part: u32,
        purpose: DetokenizationPurpose,
    ) -> Result<ExportedPart, ClientError> {
        let query = vec![("purpose", purpose.as_str().to_owned())];
        self.get(RouteId::ExportPart, &[job.as_str(), &part.to_string()], query).await
    }

    /// Ends a job if the vault has the same rows.
    pub async fn complete_job(&self, job: &JobId, completion: &CompleteJob) -> Result<JobView, ClientError> {
        self.post(RouteId::CompleteJob, &[job.as_str()], completion).await
    }

    /// Gives a job up.
    pub async fn cancel_job(&self, job: &JobId) -> Result<JobView, ClientError> {
        self.post_nothing(RouteId::CancelJob, &[job.as_str()]).await
    }
}
