use std::time::Duration;

use strongroom_api::jobs::ImportTokens;
use strongroom_api::jobs::lines::Columns;
use strongroom_core::{ImportTerms, JobView, VaultError};
use strongroom_domain::LineFormat;

use super::view::view;
use crate::handlers::Outcome;
use crate::handlers::rendered::rendered;
use crate::handlers::tokens::profile_or_default;
use crate::request::{Received, Reply};

/// `POST /v1/tokens/import`.
pub(crate) async fn begin_import(received: Received, wanted: ImportTokens) -> Outcome {
    let request_id = &received.call.request_id;
    let render = |job: &JobView| rendered(request_id, 201, Ok(view(job)));
    let terms = terms(wanted)?;
    Reply::answer(received.vault.begin_import(&received.call, terms, received.idempotency(), render).await?)
}

fn terms(wanted: ImportTokens) -> Result<ImportTerms, VaultError> {
    let columns = match (wanted.format.0, wanted.columns) {
        (LineFormat::Csv, Some(names)) => {
            Columns::named(&names).map_err(|refusal| line_error(refusal, "columns"))?.names().collect()
        }
        (LineFormat::Csv, None) => {
            return Err(VaultError::Invalid(
                "an import of CSV names its columns, as in the file's first line",
            ));
        }
        (LineFormat::Ndjson, Some(_)) => {
            return Err(VaultError::Invalid("columns are for CSV: JSON lines name their fields themselves"));
        }
        (LineFormat::Ndjson, None) => Vec::new(),
    };
    Ok(ImportTerms {
        format: wanted.format.0,
        columns,
        profile: profile_or_default(wanted.profile)?,
        ttl: wanted.ttl_seconds.map(Duration::from_secs),
        single_use: wanted.single_use.unwrap_or(false),
    })
}

fn line_error(refusal: strongroom_api::jobs::lines::LineRefusal, column: &str) -> VaultError {
    let detail = refusal.detail;
    Box::new(strongroom_core::LineError { is_forbidden: false, detail, column: Some(column.to_owned()) })
        .into()
}
