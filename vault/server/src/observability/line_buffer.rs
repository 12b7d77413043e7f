//! Where lines of the log wait to be written together.
//!
//! A system call for each line costs a busy vault more than all else that is done for the line. So lines that tell how
//! things go are gathered and written a moment later by a thread of their own. A warning or an error is written before
//! its event is over, after all that came before it: what explains an end is there however the process ends.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::scrubber::scrub;

/// How long a line waits at the most.
const PAUSE: Duration = Duration::from_millis(50);
/// As many bytes may wait. Beyond that, who logs has to write: an output that is slow slows the vault down, as it did
/// without a buffer, and memory stays bounded.
const MOST_BYTES: usize = 1 << 20;

/// Lines on their way to an output.
pub(super) struct LineBuffer<Output>(Arc<Lines<Output>>);

struct Lines<Output> {
    waiting: Mutex<Waiting>,
    news: Condvar,
    /// Held while lines are taken and written, so that they are written in the order in which they came.
    output: Mutex<Output>,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Before there is a thread that writes, every line is urgent.
    is_written_later: bool,
}

impl<Output: Write + Send + 'static> LineBuffer<Output> {
    pub(super) fn over(output: Output) -> Self {
        let (waiting, news) = (Mutex::default(), Condvar::new());
        Self(Arc::new(Lines { waiting, news, output: Mutex::new(output) }))
    }

    /// Starts the thread that writes; until then each line is written at once. Its confinement is that of whoever starts
    /// it, so that comes after hardening.
    pub(super) fn write_later(&self) -> io::Result<()> {
        let lines = Arc::clone(&self.0);
        thread::Builder::new().name("log".to_owned()).spawn(move || lines.keep_writing())?;
        self.0.waiting().is_written_later = true;
        Ok(())
    }

    /// Writes what waits.
    pub(super) fn flush(&self) {
        self.0.flush();
    }
}

impl<Output> Clone for LineBuffer<Output> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Output: Write> Lines<Output> {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, line: &[u8], is_urgent: bool) {
        let line = String::from_utf8_lossy(line);
        let line = scrub(&line);
        let mut waiting = self.waiting();
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line.as_bytes());
        let must_be_written = is_urgent || !waiting.is_written_later || waiting.bytes.len() > MOST_BYTES;
        drop(waiting);
        if must_be_written {
            self.flush();
        } else if was_empty {
            self.news.notify_one();
        }
    }

    fn flush(&self) {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = std::mem::take(&mut self.waiting().bytes);
        // There is nowhere to say that the log cannot be written.
        let _ = output.write_all(&bytes);
        let _ = output.flush();
    }

    fn keep_writing(&self) {
        loop {
            let waiting = self.waiting();
            let empty = |waiting: &mut Waiting| waiting.bytes.is_empty();
            drop(self.news.wait_while(waiting, empty).unwrap_or_else(PoisonError::into_inner));
            thread::sleep(PAUSE);
            self.flush();
        }
    }
}

impl<'a, Output: Write + Send + 'static> MakeWriter<'a> for LineBuffer<Output> {
    type Writer = Line<'a, Output>;

    fn make_writer(&'a self) -> Self::Writer {
        Line { lines: &self.0, is_urgent: true }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        Line { lines: &self.0, is_urgent: *event.level() <= Level::WARN }
    }
}

/// One line. The log layer hands it over whole, in one write.
pub(super) struct Line<'a, Output> {
    lines: &'a Lines<Output>,
    is_urgent: bool,
}

impl<Output: Write> Write for Line<'_, Output> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines.add(line, self.is_urgent);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    struct Output(Sender<String>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !bytes.is_empty() {
                self.0.send(String::from_utf8(bytes.to_vec()).unwrap()).unwrap();
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn buffer() -> (LineBuffer<Output>, Receiver<String>) {
        let (sender, written) = channel();
        (LineBuffer::over(Output(sender)), written)
    }

    #[test]
    fn without_a_thread_each_line_is_written_at_once() {
        let (buffer, written) = buffer();
        buffer.0.add(b"one\n", false);
        assert_eq!(written.try_recv().unwrap(), "one\n");
    }

    #[test]
    fn an_error_is_written_at_once_after_what_came_before_it() {
        let (buffer, written) = buffer();
        buffer.0.waiting().is_written_later = true;
        buffer.0.add(b"one\n", false);
        assert!(written.try_recv().is_err());
        buffer.0.add(b"failed\n", true);
        assert_eq!(written.try_recv().unwrap(), "one\nfailed\n");
    }

    #[test]
    fn lines_are_written_together_a_moment_later_and_scrubbed() {
        let (buffer, written) = buffer();
        buffer.write_later().unwrap();
        buffer.0.add(b"\"4111111111111111\"\n", false);
        buffer.0.add(b"two\n", false);
        assert_eq!(written.recv_timeout(PAUSE * 40).unwrap(), "\"****************\"\ntwo\n");
        buffer.0.add(b"three\n", false);
        assert_eq!(written.recv_timeout(PAUSE * 40).unwrap(), "three\n");
    }

    #[test]
    fn what_waits_is_bounded() {
        let (buffer, written) = buffer();
        buffer.0.waiting().is_written_later = true;
        buffer.0.add(&vec![b'a'; MOST_BYTES], false);
        assert!(written.try_recv().is_err());
        buffer.0.add(b"b", false);
        assert_eq!(written.try_recv().unwrap().len(), MOST_BYTES + 1);
    }

    #[test]
    fn what_the_log_layer_writes_is_scrubbed() {
        let (buffer, written) = buffer();
        let subscriber = tracing_subscriber::fmt().json().with_writer(buffer).finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(number = "5555 5555 5555 4444", "and 4111111111111111\nsecond line \u{202e}");
        });
        let written = written.try_recv().unwrap();
        assert_eq!(written.lines().count(), 1);
        assert!(
            !written.contains("4111111") && !written.contains("5555 5555") && written.contains("**** ****")
        );
        assert!(written.contains("\\u202e") && !written.contains('\u{202e}'));
    }
}
