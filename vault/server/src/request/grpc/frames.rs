//! Messages in a body: five bytes before each, whether it is compressed (none is) and how long it is.

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use prost::Message;
use strongroom_api::ErrorCode;
use zeroize::Zeroizing;

use super::RawMessage;
use crate::problem::Failure;
use crate::request::body::wipe;

const HEAD: usize = 5;
/// The room that a message has at first; most need no more.
const FIRST_ROOM: usize = 16 * 1024;

/// The messages of a body, in order. What has come of one is kept here, so that whoever asks for the next may stop asking
/// and come again.
pub(super) struct Frames {
    body: Body,
    cap: usize,
    head: Vec<u8>,
    message: Option<Partial>,
    /// The part that came last, and how much of it has been read.
    part: Bytes,
    read: usize,
    received: usize,
    ended: bool,
}

/// A message that has not all come. Its buffer has room for what has come, not for what is said to come: who opens many
/// streams and says much in each must not get the memory for it.
struct Partial {
    buffer: RawMessage,
    length: usize,
}

impl Frames {
    pub(super) fn new(body: Body, cap: usize) -> Self {
        let head = Vec::with_capacity(HEAD);
        Self { body, cap, head, message: None, part: Bytes::new(), read: 0, received: 0, ended: false }
    }

    /// How many bytes have come.
    pub(super) const fn received(&self) -> usize {
        self.received
    }

    /// The next message; none after the last one.
    pub(super) async fn next(&mut self) -> Result<Option<RawMessage>, Failure> {
        loop {
            if let Some(message) = self.assemble()? {
                return Ok(Some(message));
            }
            if self.ended {
                return if self.head.is_empty() {
                    Ok(None)
                } else {
                    Err(invalid("the last message broke off"))
                };
            }
            match self.body.frame().await {
                None => self.ended = true,
                Some(Err(_)) => {
                    self.ended = true;
                    return Err(invalid("the messages broke off"));
                }
                Some(Ok(frame)) => {
                    if let Ok(part) = frame.into_data() {
                        self.received += part.len();
                        (self.part, self.read) = (part, 0);
                    }
                }
            }
        }
    }

    /// The one message there is.
    pub(super) async fn only(&mut self) -> Result<RawMessage, Failure> {
        let message = self.next().await?.ok_or_else(|| invalid("this call takes a message"))?;
        match self.next().await? {
            None => Ok(message),
            Some(_) => Err(invalid("this call takes one message only")),
        }
    }

    /// A message, if all of it is here.
    fn assemble(&mut self) -> Result<Option<RawMessage>, Failure> {
        if self.message.is_none() {
            let Self { head, part, read, .. } = self;
            take(part, read, HEAD - head.len(), head);
            let Some((packed, length)) = self.head.split_first_chunk::<1>() else { return Ok(None) };
            let Ok(length) = <[u8; 4]>::try_from(length) else { return Ok(None) };
            if *packed != [0] {
                return Err(invalid("messages must not be compressed"));
            }
            let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
            if length > self.cap {
                let text = format!("a message to this method has at most {} bytes", self.cap);
                return Err(Failure::new(ErrorCode::PayloadTooLarge, text));
            }
            let room = length.min(FIRST_ROOM);
            self.message = Some(Partial { buffer: Zeroizing::new(Vec::with_capacity(room)), length });
        }
        let Self { message: Some(Partial { buffer, length }), part, read, .. } = self else {
            return Ok(None);
        };
        while buffer.len() < *length && *read < part.len() {
            if buffer.len() == buffer.capacity() {
                grow(buffer, *length);
            }
            take(part, read, (*length).min(buffer.capacity()) - buffer.len(), buffer);
        }
        if buffer.len() < *length {
            return Ok(None);
        }
        self.head.clear();
        Ok(self.message.take().map(|partial| partial.buffer))
    }
}

/// Twice the room; the buffer before is wiped.
fn grow(buffer: &mut RawMessage, length: usize) {
    let mut larger = Zeroizing::new(Vec::with_capacity(length.min(buffer.capacity() * 2)));
    larger.extend_from_slice(buffer);
    *buffer = larger;
}

/// Takes as much of the part as is wanted and there. One that has been read to its end is wiped.
fn take(part: &mut Bytes, read: &mut usize, wanted: usize, into: &mut Vec<u8>) {
    let end = part.len().min(*read + wanted);
    into.extend_from_slice(part.get(*read..end).unwrap_or_default());
    *read = end;
    if end == part.len() {
        wipe(std::mem::take(part));
        *read = 0;
    }
}

/// The messages as they are sent, in one buffer that is wiped and never grows.
pub(crate) fn frame<M: Message>(messages: &[M]) -> RawMessage {
    let room = messages.iter().map(|message| HEAD + message.encoded_len()).sum();
    let mut buffer = Zeroizing::new(Vec::with_capacity(room));
    for message in messages {
        let length = u32::try_from(message.encoded_len()).unwrap_or(u32::MAX);
        buffer.push(0);
        buffer.extend_from_slice(&length.to_be_bytes());
        message.encode_raw(&mut *buffer);
    }
    buffer
}

fn invalid(text: &'static str) -> Failure {
    Failure::new(ErrorCode::InvalidRequest, text)
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt};

    use super::*;

    fn in_parts(parts: Vec<Vec<u8>>) -> Body {
        let parts = parts.into_iter().map(|part| Ok::<_, std::convert::Infallible>(Bytes::from(part)));
        Body::from_stream(futures_util::stream::iter(parts))
    }

    fn message(content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[0], length.as_slice(), content].concat()
    }

    async fn read(parts: Vec<Vec<u8>>, cap: usize) -> Result<Vec<Vec<u8>>, ErrorCode> {
        let mut frames = Frames::new(in_parts(parts), cap);
        let mut messages = Vec::new();
        while let Some(message) = frames.next().await.map_err(|failure| failure.code())? {
            assert!(message.capacity() <= cap.max(FIRST_ROOM));
            messages.push(message.to_vec());
        }
        Ok(messages)
    }

    #[tokio::test]
    async fn messages_are_the_same_however_they_are_cut() {
        let wire = [message(b"one"), message(b""), message(b"three")].concat();
        for size in 1..=wire.len() {
            let parts = wire.chunks(size).map(<[u8]>::to_vec).collect();
            assert_eq!(read(parts, 5).await.unwrap(), [&b"one"[..], b"", b"three"], "{size}");
        }
    }

    #[tokio::test]
    async fn a_large_message_gets_room_as_it_comes() {
        let content: Vec<u8> =
            (0..FIRST_ROOM * 5 + 3).map(|place| u8::try_from(place % 251).unwrap()).collect();
        let parts = message(&content).chunks(1000).map(<[u8]>::to_vec).collect();
        assert_eq!(read(parts, content.len()).await.unwrap(), [content]);
        let beginning = [&[0], (1_u32 << 20).to_be_bytes().as_slice()].concat();
        let never = Body::from_stream(
            futures_util::stream::iter([Ok(Bytes::from(beginning))])
                .chain(futures_util::stream::pending::<Result<Bytes, std::convert::Infallible>>()),
        );
        let mut frames = Frames::new(never, 1 << 20);
        assert!(frames.next().now_or_never().is_none());
        assert!(frames.message.unwrap().buffer.capacity() <= FIRST_ROOM);
    }

    #[tokio::test]
    async fn what_is_too_long_is_refused_by_its_length_alone() {
        let mut wire = message(b"");
        wire.extend([0, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(read(vec![wire], 4).await, Err(ErrorCode::PayloadTooLarge));
        assert_eq!(read(vec![message(b"12345")], 4).await, Err(ErrorCode::PayloadTooLarge));
        assert!(read(vec![message(b"1234")], 4).await.is_ok());
    }

    #[tokio::test]
    async fn half_a_message_and_a_compressed_one_are_refused() {
        for cut in 1..8 {
            let part = message(b"one").get(..cut).unwrap().to_vec();
            assert_eq!(read(vec![part], 4).await, Err(ErrorCode::InvalidRequest), "{cut}");
        }
        assert_eq!(read(vec![vec![1, 0, 0, 0, 0]], 4).await, Err(ErrorCode::InvalidRequest));
    }

    #[tokio::test]
    async fn who_stops_asking_loses_nothing() {
        let (first, second) =
            (message(b"one").split_at(6).0.to_vec(), message(b"one").split_at(6).1.to_vec());
        let pause = std::sync::atomic::AtomicBool::new(true);
        let parts =
            [first, second].into_iter().map(|part| Ok::<_, std::convert::Infallible>(Bytes::from(part)));
        let parts = futures_util::stream::iter(parts).then(move |part| {
            let wait = pause.swap(false, std::sync::atomic::Ordering::SeqCst);
            async move {
                if !wait {
                    tokio::task::yield_now().await;
                }
                part
            }
        });
        let mut frames = Frames::new(Body::from_stream(parts), 4);
        assert!(frames.next().now_or_never().is_none());
        assert_eq!(frames.next().await.unwrap().unwrap().as_slice(), b"one");
    }

    #[tokio::test]
    async fn a_call_of_one_message_takes_one() {
        let mut two = Frames::new(in_parts(vec![message(b"a"), message(b"b")]), 4);
        assert_eq!(two.only().await.unwrap_err().code(), ErrorCode::InvalidRequest);
        let mut none = Frames::new(in_parts(Vec::new()), 4);
        assert_eq!(none.only().await.unwrap_err().code(), ErrorCode::InvalidRequest);
    }
}
