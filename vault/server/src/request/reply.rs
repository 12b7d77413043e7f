//! What goes back.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use serde::Serialize;
use strongroom_api::{PROBLEM_CONTENT_TYPE, Problem, to_wiped_json};
use strongroom_core::{Answer, VaultError};
use strongroom_domain::RequestId;
use zeroize::Zeroizing;

use super::admission::Admitted;
use super::grpc::{self, Conversation, RawMessage};
use super::observation::Observation;
use crate::problem::Failure;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_CONTENT_TYPE_OPTIONS: HeaderName = HeaderName::from_static("x-content-type-options");
const JSON: &str = "application/json";

/// The answer to a request that went well.
pub(crate) struct Reply {
    status: StatusCode,
    content_type: Option<&'static str>,
    content: Content,
}

enum Content {
    Whole(Bytes),
    Parts(BoxStream<'static, Result<Bytes, VaultError>>),
    Message(Bytes),
    Conversation(Box<Conversation>),
}

impl Reply {
    /// A body of JSON, which may hold secrets: written once, into a buffer that is wiped when it has been sent.
    pub(crate) fn json<T: Serialize>(body: &T) -> Result<Self, Failure> {
        let body = to_wiped_json(body).map_err(|_| Failure::internal("an answer could not be written"))?;
        Ok(Self::whole(StatusCode::OK, body))
    }

    /// The same for something that was made.
    pub(crate) fn created<T: Serialize>(body: &T) -> Result<Self, Failure> {
        Ok(Self { status: StatusCode::CREATED, ..Self::json(body)? })
    }

    /// An answer in the form in which it may have been kept. A refusal in that form is still a refusal.
    pub(crate) fn answer(answer: Answer) -> Result<Self, Failure> {
        let answer = unless_refused(answer)?;
        let status = StatusCode::from_u16(answer.status)
            .map_err(|_| Failure::internal("a kept answer has an impossible status"))?;
        Ok(Self::whole(status, Zeroizing::new(answer.body)))
    }

    /// One message of gRPC, with the length before it.
    pub(super) fn message(message: RawMessage) -> Self {
        Self::grpc(Content::Message(Bytes::from_owner(message)))
    }

    /// Results of gRPC, for items that are still to come.
    pub(super) fn conversation(conversation: Conversation) -> Self {
        Self::grpc(Content::Conversation(Box::new(conversation)))
    }

    const fn grpc(content: Content) -> Self {
        Self { status: StatusCode::OK, content_type: Some(grpc::CONTENT_TYPE_GRPC), content }
    }

    /// A body of JSON that is part of the program.
    pub(crate) const fn fixed_json(text: &'static str) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: Some(JSON),
            content: Content::Whole(Bytes::from_static(text.as_bytes())),
        }
    }

    /// Done, and there is nothing to say.
    pub(crate) const fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, content_type: None, content: Content::Whole(Bytes::new()) }
    }

    /// A body that is made while it is being sent, no faster than it is taken. A failure on the way breaks it off, so
    /// that it cannot be taken for a whole one.
    pub(crate) fn parts(
        content_type: &'static str,
        parts: BoxStream<'static, Result<Bytes, VaultError>>,
    ) -> Self {
        Self { status: StatusCode::OK, content_type: Some(content_type), content: Content::Parts(parts) }
    }

    fn whole(status: StatusCode, body: Zeroizing<Vec<u8>>) -> Self {
        Self { status, content_type: Some(JSON), content: Content::Whole(Bytes::from_owner(body)) }
    }

    /// The response. A body in parts keeps its place inside, and is observed, until its end.
    pub(super) fn into_response(
        self,
        request_id: &RequestId,
        mut observation: Observation,
        admitted: Option<Admitted>,
    ) -> Response {
        if let Content::Conversation(conversation) = self.content {
            let body = grpc::body_of(*conversation, observation);
            return respond(self.status, self.content_type, request_id, body);
        }
        observation.succeeded(self.status.as_u16());
        let body = match self.content {
            Content::Whole(bytes) => {
                observation.sent(bytes.len() as u64);
                Body::from(bytes)
            }
            Content::Parts(parts) => {
                let mut watch = (observation, admitted);
                Body::from_stream(parts.map(move |part| {
                    let (observation, _) = &mut watch;
                    part.inspect(|bytes| observation.sent(bytes.len() as u64)).map_err(|error| {
                        let code = error.code();
                        observation.failed(&error.into());
                        std::io::Error::other(code)
                    })
                }))
            }
            Content::Message(message) => {
                observation.sent(message.len() as u64);
                let frames = [Frame::data(message), Frame::trailers(grpc::success())];
                Body::new(StreamBody::new(stream::iter(frames.map(Ok::<_, Infallible>))))
            }
            Content::Conversation(_) => Body::empty(),
        };
        respond(self.status, self.content_type, request_id, body)
    }
}

/// The answer, unless it is a refusal in the form in which answers are kept.
pub(crate) fn unless_refused(answer: Answer) -> Result<Answer, Failure> {
    if answer.status < 400 {
        return Ok(answer);
    }
    let problem: Problem = serde_json::from_slice(&answer.body)
        .map_err(|_| Failure::internal("a refusal could not be written"))?;
    Err(problem.into())
}

/// The response to a request that is refused or failed.
pub(super) fn refusal(
    failure: &Failure,
    request_id: &RequestId,
    retry_after: Duration,
    is_last: bool,
) -> Response {
    let problem = failure.problem(request_id);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = Body::from(serde_json::to_vec(&problem).unwrap_or_default());
    let mut response = respond(status, Some(PROBLEM_CONTENT_TYPE), request_id, body);
    let headers = response.headers_mut();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        headers.insert(RETRY_AFTER, HeaderValue::from(retry_after.as_secs().max(1)));
    }
    if let Some(allow) = failure.allow().and_then(|methods| HeaderValue::from_str(methods).ok()) {
        headers.insert(ALLOW, allow);
    }
    if is_last {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn respond(
    status: StatusCode,
    content_type: Option<&'static str>,
    request_id: &RequestId,
    body: Body,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(request_id) = HeaderValue::from_str(request_id.as_str()) {
        headers.insert(X_REQUEST_ID, request_id);
    }
    response
}
