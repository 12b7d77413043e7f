//! A connection that knows whether anything was sent, and takes in no more than it should.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What has gone over a connection, inside its TLS.
#[derive(Clone)]
pub(super) struct Meter(Arc<Counts>);

struct Counts {
    sent: AtomicBool,
    exhausted: AtomicBool,
    left: AtomicUsize,
}

impl Meter {
    /// Bodies have their own limit; this one is for what comes beside them and is counted nowhere else: interim
    /// answers without end, chunks of one byte each.
    pub(super) fn for_answers_of(bytes: usize) -> Self {
        let most = bytes.saturating_mul(8).saturating_add(64 * 1024);
        Self(Arc::new(Counts {
            sent: AtomicBool::new(false),
            exhausted: AtomicBool::new(false),
            left: AtomicUsize::new(most),
        }))
    }

    /// Whether a byte was given to the connection.
    pub(super) fn sent(&self) -> bool {
        self.0.sent.load(Ordering::Acquire)
    }

    /// Whether more came in than any answer needs.
    pub(super) fn exhausted(&self) -> bool {
        self.0.exhausted.load(Ordering::Acquire)
    }

    fn note_sent(&self) {
        self.0.sent.store(true, Ordering::Release);
    }

    fn take(&self, bytes: usize) -> io::Result<()> {
        let left = self.0.left.load(Ordering::Acquire).checked_sub(bytes);
        let Some(left) = left else {
            self.0.exhausted.store(true, Ordering::Release);
            return Err(io::Error::other("more came in than any answer needs"));
        };
        self.0.left.store(left, Ordering::Release);
        Ok(())
    }
}

/// A connection with its meter.
pub(super) struct Metered<S> {
    stream: S,
    meter: Meter,
}

impl<S> Metered<S> {
    pub(super) const fn new(stream: S, meter: Meter) -> Self {
        Self { stream, meter }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if matches!(polled, Poll::Ready(Ok(()))) {
            self.meter.take(buffer.filled().len().saturating_sub(before))?;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        // Noted before it is known whether all went well: part of it may be on its way.
        self.meter.note_sent();
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.meter.note_sent();
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
