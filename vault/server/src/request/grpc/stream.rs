//! A call of many messages.
//!
//! What has arrived is worked on together: one commit for a crowd, and one for a single message that nothing follows. The
//! results are handed over before anything else is read, so a caller who does not read its results is not read from either:
//! neither side piles up more than one chunk and what is on its way.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::stream;
use http::Extensions;
use http_body::Frame;
use http_body_util::StreamBody;
use strongroom_api::ErrorCode;
use strongroom_api::limits::{MAX_BATCH_ITEMS, MAX_BODY, MAX_STREAM_ITEMS};
use strongroom_core::Call;

use super::frames::Frames;
use super::{Asked, RawMessage, StreamHandler, caught, sent, status, within};
use crate::problem::Failure;
use crate::request::observation::Observation;
use crate::request::{Edge, identity};

/// What became of a chunk.
pub(crate) struct Results {
    /// The results as they are sent: all of the chunk's, or as many as there are before what ends the stream.
    pub(crate) sent: RawMessage,
    /// What ends the stream, if it cannot go on.
    pub(crate) ends: Option<Failure>,
}

/// A stream of items and their results.
pub(in crate::request) struct Conversation {
    edge: Arc<Edge>,
    handler: StreamHandler,
    call: Call,
    /// What the handshake proved: a certificate may end in the middle of a stream.
    extensions: Extensions,
    frames: Frames,
    deadline: Option<Instant>,
    /// The index of the next item.
    next: u64,
    /// What ends the stream once the results before it are handed over.
    ends: Option<Failure>,
}

impl Conversation {
    pub(super) fn new(
        edge: Arc<Edge>,
        handler: StreamHandler,
        (call, extensions): (Call, Extensions),
        frames: Frames,
        deadline: Option<Instant>,
    ) -> Self {
        Self { edge, handler, call, extensions, frames, deadline, next: 0, ends: None }
    }

    /// The results of the next chunk; none after the last one.
    async fn results(&mut self) -> Result<Option<RawMessage>, Failure> {
        if let Some(failure) = self.ends.take() {
            return Err(failure);
        }
        let chunk = self.gather().await?;
        if chunk.is_empty() {
            return Ok(None);
        }
        identity::authenticate(&self.extensions, self.edge.vault.now())?;
        let mut admitted = self.edge.admission.admit(self.call.principal.tenant())?;
        let (count, first) = (chunk.len() as u64, self.next);
        let asked = Asked { vault: self.edge.vault.clone(), call: self.call.clone(), once: None };
        let working = Instant::now();
        let answered = within(self.deadline, caught((self.handler)(asked, chunk, first))).await;
        admitted.took(working.elapsed());
        let Results { sent, ends } = answered?;
        self.next += count;
        self.ends = ends.or_else(|| self.ends.take());
        if sent.is_empty() { self.ends.take().map_or(Ok(None), Err) } else { Ok(Some(sent)) }
    }

    /// Waits for a message, and takes what else is here by then.
    async fn gather(&mut self) -> Result<Vec<RawMessage>, Failure> {
        let first = within(self.deadline, self.edge.body_in_time(self.frames.next())).await?;
        let Some(first) = first else { return Ok(Vec::new()) };
        let mut bytes = first.len();
        let mut chunk = vec![first];
        while chunk.len() < MAX_BATCH_ITEMS && bytes < MAX_BODY && self.ends.is_none() {
            match self.frames.next().now_or_never() {
                Some(Ok(Some(message))) => {
                    bytes += message.len();
                    chunk.push(message);
                }
                Some(Ok(None)) | None => break,
                Some(Err(failure)) => self.ends = Some(failure),
            }
        }
        let most = usize::try_from(MAX_STREAM_ITEMS.saturating_sub(self.next)).unwrap_or(usize::MAX);
        if chunk.len() > most {
            chunk.truncate(most);
            let text = format!("a stream has at most {MAX_STREAM_ITEMS} items; go on in another one");
            self.ends = Some(Failure::new(ErrorCode::PayloadTooLarge, text));
        }
        if chunk.is_empty() {
            return self.ends.take().map_or(Ok(chunk), Err);
        }
        Ok(chunk)
    }
}

/// The results as they are made, no faster than they are taken, and at the end how it ended.
pub(in crate::request) fn body_of(conversation: Conversation, observation: Observation) -> Body {
    let frames = stream::unfold(Some((conversation, observation)), |state| async move {
        let (mut conversation, mut observation) = state?;
        let frame = match conversation.results().await {
            Ok(Some(results)) => {
                observation.sent(results.len() as u64);
                let frame: Frame<Bytes> = Frame::data(sent(results));
                return Some((frame, Some((conversation, observation))));
            }
            Ok(None) => {
                observation.succeeded(200);
                Frame::trailers(super::success())
            }
            Err(failure) => {
                observation.failed(&failure);
                let Conversation { edge, call, .. } = &conversation;
                Frame::trailers(status::failure(&failure, &call.request_id, edge.limits.retry_after))
            }
        };
        observation.read_body(conversation.frames.received());
        Some((frame, None))
    });
    let frames = futures_util::StreamExt::map(frames, Ok::<_, std::convert::Infallible>);
    Body::new(StreamBody::new(frames))
}
