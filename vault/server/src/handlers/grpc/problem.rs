use strongroom_api::grpc::{status_of, v1};
use strongroom_domain::RequestId;

use crate::problem::Failure;

/// What went wrong with one item of a stream.
pub(super) fn of_item(failure: &Failure, index: u64, request_id: &RequestId) -> v1::Problem {
    if let Some(cause) = failure.cause() {
        tracing::error!(%request_id, index, cause, "an item of a stream failed");
    }
    let problem = failure.problem(request_id);
    v1::Problem {
        code: problem.code.into_owned(),
        title: problem.title.into_owned(),
        detail: problem.detail,
        retryable: problem.retryable,
        request_id: problem.request_id,
        pointer: problem.pointer,
        status: i32::from(status_of(failure.code()).number()),
    }
}
