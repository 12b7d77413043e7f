//! gRPC beside REST: the same door, the same order, another way of writing it down.
//!
//! gRPC is messages with a length before each, in the body of an HTTP/2 request, and a status in the trailers. That is
//! done here, under the listener that there is and in the vault's own hands: a message's length is held against its cap
//! before there is room for it, its bytes lie in one buffer that is wiped, and nobody but a known caller has any parsed.

mod frames;
mod metadata;
mod status;
mod stream;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Method as HttpMethod;
use http::request::Parts;
use strongroom_api::ErrorCode;
use strongroom_core::{Call, Vault};
use strongroom_domain::IdempotencyKey;
use zeroize::Zeroizing;

use super::admission::Admitted;
use super::observation::Observation;
use super::{Edge, Marks, Reply};
use crate::problem::Failure;
use frames::Frames;

pub(crate) use frames::frame;
pub(super) use metadata::is_grpc;
pub(super) use status::{CONTENT_TYPE_GRPC, refusal, success};
pub(crate) use stream::Results;
pub(super) use stream::{Conversation, body_of};

/// A message as it came, wiped when dropped.
pub(crate) type RawMessage = Zeroizing<Vec<u8>>;

/// A method and what carries it out.
pub(crate) struct GrpcEndpoint {
    /// The label in metrics and logs.
    pub(crate) label: &'static str,
    pub(crate) path: &'static str,
    /// The most bytes of one message.
    pub(crate) message_cap: usize,
    /// Whether it honours an idempotency key.
    pub(crate) creates: bool,
    pub(crate) handler: GrpcHandler,
    pub(crate) marks: Arc<Marks>,
}

/// What carries out a method.
#[derive(Clone)]
pub(crate) enum GrpcHandler {
    /// From one message to one.
    Unary(UnaryHandler),
    /// From the messages that have come together, the first of which has this index, to their results.
    Stream(StreamHandler),
}

type Unary = BoxFuture<'static, Result<RawMessage, Failure>>;
type UnaryHandler = Arc<dyn Fn(Asked, RawMessage) -> Unary + Send + Sync>;
type StreamHandler = Arc<dyn Fn(Asked, Vec<RawMessage>, u64) -> BoxFuture<'static, Results> + Send + Sync>;

/// By whom, and how often at most.
pub(crate) struct Asked {
    pub(crate) vault: Vault,
    pub(crate) call: Call,
    /// The caller's key, and the path it is for.
    pub(crate) once: Option<(IdempotencyKey, &'static str)>,
}

impl Edge {
    /// A known caller calls a method.
    pub(super) async fn call_method(
        self: &Arc<Self>,
        endpoint: &Arc<GrpcEndpoint>,
        parts: Parts,
        body: Body,
        call: Call,
        observation: &mut Observation,
    ) -> Result<(Reply, Option<Admitted>), Failure> {
        let began = Instant::now();
        if !is_grpc(&parts) {
            let text = "this is a call of gRPC: HTTP/2, with the Content-Type application/grpc";
            return Err(Failure::new(ErrorCode::UnsupportedMediaType, text));
        }
        if parts.method != HttpMethod::POST {
            return Err(Failure::method_not_allowed(&["POST"]));
        }
        let handler = match &endpoint.handler {
            GrpcHandler::Stream(handler) => {
                let stated = metadata::read(&parts.headers, endpoint)?;
                let frames = Frames::new(body, endpoint.message_cap);
                let conversation = Conversation::new(
                    Arc::clone(self),
                    Arc::clone(handler),
                    (call, parts.extensions),
                    frames,
                    stated.deadline(began),
                );
                return Ok((Reply::conversation(conversation), None));
            }
            GrpcHandler::Unary(handler) => handler,
        };
        let mut admitted = self.admission.admit(call.principal.tenant())?;
        let stated = metadata::read(&parts.headers, endpoint)?;
        let deadline = stated.deadline(began);
        let mut frames = Frames::new(body, endpoint.message_cap);
        let message = within(deadline, self.body_in_time(frames.only())).await?;
        observation.read_body(frames.received());
        let asked = Asked {
            vault: self.vault.clone(),
            call,
            once: stated.idempotency_key.map(|key| (key, endpoint.path)),
        };
        let working = Instant::now();
        let answered = within(deadline, handler(asked, message)).await;
        admitted.took(working.elapsed());
        Ok((Reply::message(answered?), Some(admitted)))
    }

    /// Reads within the time that bodies have.
    async fn body_in_time<T>(&self, reading: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let limit = self.limits.body_deadline;
        tokio::time::timeout(limit, reading).await.unwrap_or_else(|_elapsed| {
            let text = format!("the next message must arrive within {} seconds", limit.as_secs().max(1));
            Err(Failure::new(ErrorCode::RequestTimeout, text))
        })
    }
}

/// What is spoken in gRPC goes to a method or nowhere.
pub(super) fn no_such_method() -> Failure {
    Failure::new(ErrorCode::MethodNotAllowed, "there is no such method")
}

/// Works within the time that the caller will wait, if it said so.
async fn within<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let Some(deadline) = deadline else { return work.await };
    tokio::time::timeout_at(deadline.into(), work).await.unwrap_or_else(|_elapsed| Err(too_late()))
}

fn too_late() -> Failure {
    let text = "the time that the caller set (grpc-timeout) is over; what was begun may have been done";
    Failure::new(ErrorCode::RequestTimeout, text)
}

/// A panic is a fault of the vault, also in the middle of a stream.
async fn caught<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_panic| Failure::internal("the handler panicked"))
}

/// What is sent is wiped once it has been.
fn sent(message: RawMessage) -> Bytes {
    Bytes::from_owner(message)
}
