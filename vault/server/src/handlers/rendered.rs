//! Answers in the form in which they may be kept and sent again.

use serde::Serialize;
use strongroom_core::{Answer, VaultError};
use strongroom_domain::RequestId;

use crate::problem::Failure;

/// Writes an answer of this status, or the refusal in its place. Answers that are kept hold no secrets.
pub(super) fn rendered<T: Serialize>(
    request_id: &RequestId,
    status: u16,
    body: Result<T, VaultError>,
) -> Answer {
    let written = body.and_then(|body| {
        serde_json::to_vec(&body).map_err(|_| VaultError::Internal("an answer could not be written"))
    });
    match written {
        Ok(body) => Answer { status, body },
        Err(error) => {
            let problem = Failure::from(error).problem(request_id);
            Answer { status: problem.status, body: serde_json::to_vec(&problem).unwrap_or_default() }
        }
    }
}
