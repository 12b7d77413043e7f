//! What can be known of a conversation by looking on.

use std::mem::take;

use super::frames::Frames;
use super::{Armed, Request};

/// Looks on at one connection, and says which answer is the one to lose.
#[derive(Debug, Default)]
pub(super) struct Observer {
    phase: Phase,
    underway: Underway,
    /// The arming under which a request was long enough for the next one to count.
    primed_by: Option<u64>,
}

/// PostgreSQL's sessions begin in the clear: the client asks for TLS in eight bytes, the server answers in one.
#[derive(Debug)]
enum Phase {
    Opening(Vec<u8>),
    AskedForTls,
    Tls(Frames),
    Plain(Frames),
}

/// The request that the server has not answered yet.
#[derive(Debug, Default)]
struct Underway {
    bytes: usize,
    commits: bool,
    executes: bool,
}

impl Default for Phase {
    fn default() -> Self {
        Self::Opening(Vec::new())
    }
}

impl Observer {
    /// The client sent these bytes.
    pub(super) fn requested(&mut self, bytes: &[u8]) {
        match &mut self.phase {
            Phase::Opening(sent) => {
                sent.extend_from_slice(bytes);
                let sent = take(sent);
                self.open(sent);
            }
            Phase::AskedForTls => {} // A client must wait here for the answer.
            Phase::Tls(records) => {
                let application =
                    records.read(bytes).into_iter().filter(|record| record.kind == APPLICATION_DATA);
                self.underway.bytes += application.map(|record| record.bytes).sum::<usize>();
            }
            Phase::Plain(messages) => {
                for message in messages.read(bytes) {
                    self.underway.bytes += message.bytes;
                    self.underway.commits |=
                        matches!(message.kind, QUERY | PARSE) && says_commit(&message.text);
                    self.underway.executes |= message.kind == EXECUTE;
                }
            }
        }
    }

    /// The server sent these bytes. True when they begin the answer to lose.
    pub(super) fn answered(&mut self, bytes: &[u8], armed: Option<Armed>) -> bool {
        if let Phase::AskedForTls = self.phase {
            let accepted = bytes.first() == Some(&b'S');
            self.phase = if accepted { Phase::Tls(Frames::of_tls_records()) } else { Phase::default() };
            return false;
        }
        let request = take(&mut self.underway);
        let Some(Armed { request: wanted, number }) = armed else { return false };
        match wanted {
            Request::OfAtLeast(bytes) => request.bytes >= bytes,
            Request::AfterOneOfAtLeast(bytes) if request.bytes >= bytes => {
                self.primed_by = Some(number);
                false
            }
            Request::AfterOneOfAtLeast(_) => request.bytes > 0 && self.primed_by == Some(number),
            Request::Commit => request.commits,
            Request::Execute => request.executes,
        }
    }

    fn open(&mut self, sent: Vec<u8>) {
        let is_tls_hello = sent.first() == Some(&HANDSHAKE);
        match sent.get(..8) {
            _ if is_tls_hello => self.phase = Phase::Tls(Frames::of_tls_records()),
            Some(first) if first == TLS_REQUEST || first == GSS_REQUEST => {
                self.phase = Phase::AskedForTls;
                return;
            }
            Some(_) => self.phase = Phase::Plain(Frames::of_messages()),
            None => {
                self.phase = Phase::Opening(sent);
                return;
            }
        }
        self.requested(&sent);
    }
}

fn says_commit(text: &[u8]) -> bool {
    text.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
        .any(|word| word.eq_ignore_ascii_case(b"commit"))
}

// PostgreSQL's frontend protocol 3.0, "Message Formats".
const TLS_REQUEST: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const GSS_REQUEST: &[u8] = &[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30];
const QUERY: u8 = b'Q';
const PARSE: u8 = b'P';
const EXECUTE: u8 = b'E';

// RFC 8446, 5.1: content types.
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

#[cfg(test)]
mod tests {
    use super::*;

    const fn armed(request: Request, number: u64) -> Option<Armed> {
        Some(Armed { request, number })
    }

    fn in_tls() -> Observer {
        let mut observer = Observer::default();
        observer.requested(TLS_REQUEST);
        assert!(!observer.answered(b"S", armed(Request::OfAtLeast(1), 1)));
        observer
    }

    fn record(kind: u8, length: u16) -> Vec<u8> {
        let mut record = vec![kind, 3, 3];
        record.extend_from_slice(&length.to_be_bytes());
        record.extend(std::iter::repeat_n(7, usize::from(length)));
        record
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut message = vec![kind];
        message.extend_from_slice(&u32::try_from(body.len() + 4).unwrap().to_be_bytes());
        message.extend_from_slice(body);
        message
    }

    fn in_plain() -> Observer {
        let mut observer = Observer::default();
        observer.requested(&[0, 0, 0, 9, 0, 3, 0, 0, 0]);
        assert!(!observer.answered(b"R", None));
        observer
    }

    #[test]
    fn a_handshake_is_no_request() {
        let mut observer = in_tls();
        observer.requested(&record(HANDSHAKE, 1500));
        assert!(!observer.answered(b"hello", armed(Request::OfAtLeast(1000), 1)));
        observer.requested(&record(APPLICATION_DATA, 1500));
        assert!(observer.answered(b"row", armed(Request::OfAtLeast(1000), 1)));
    }

    #[test]
    fn a_request_is_the_sum_of_its_records_however_they_arrive() {
        let mut observer = in_tls();
        let records = [record(APPLICATION_DATA, 600), record(APPLICATION_DATA, 600)].concat();
        for bytes in records.chunks(7) {
            observer.requested(bytes);
        }
        assert!(observer.answered(b"row", armed(Request::OfAtLeast(1200), 1)));
        observer.requested(&record(APPLICATION_DATA, 600));
        assert!(
            !observer.answered(b"row", armed(Request::OfAtLeast(1200), 1)),
            "the count did not begin anew"
        );
    }

    #[test]
    fn the_commit_is_the_short_request_after_the_long_ones() {
        let mut observer = in_tls();
        let mut exchange = |length, number| {
            observer.requested(&record(APPLICATION_DATA, length));
            observer.answered(b"answer", armed(Request::AfterOneOfAtLeast(1000), number))
        };
        assert!(!exchange(40, 1), "BEGIN was taken");
        assert!(!exchange(2000, 1), "the first statement was taken");
        assert!(!exchange(1500, 1), "the second statement was taken");
        assert!(exchange(40, 1), "COMMIT was not taken");
        assert!(!exchange(40, 2), "a later wish counts statements from before it");
    }

    #[test]
    fn what_the_server_says_unasked_is_no_answer() {
        let mut observer = in_tls();
        observer.requested(&record(APPLICATION_DATA, 2000));
        assert!(!observer.answered(b"answer", armed(Request::AfterOneOfAtLeast(1000), 1)));
        assert!(!observer.answered(b"notification", armed(Request::AfterOneOfAtLeast(1000), 1)));
    }

    #[test]
    fn plain_messages_are_read() {
        let mut observer = in_plain();
        observer.requested(&message(QUERY, b"SELECT commitment FROM committed\0"));
        assert!(!observer.answered(b"T", armed(Request::Commit, 1)), "a longer word was taken for COMMIT");
        let commit = message(QUERY, b"INSERT INTO t VALUES (1);commit\0");
        for byte in commit.chunks(1) {
            observer.requested(byte);
        }
        assert!(observer.answered(b"C", armed(Request::Commit, 1)));
        observer.requested(&message(b'B', b"commit\0"));
        assert!(!observer.answered(b"2", armed(Request::Commit, 1)), "a bound value was taken for COMMIT");
        observer.requested(&[message(EXECUTE, b"\0\0\0\0\0"), message(b'S', b"")].concat());
        assert!(observer.answered(b"C", armed(Request::Execute, 1)));
    }

    #[test]
    fn a_server_without_tls_is_read_in_plain() {
        let mut observer = Observer::default();
        observer.requested(TLS_REQUEST);
        assert!(!observer.answered(b"N", None));
        observer.requested(&[0, 0, 0, 9, 0, 3, 0, 0, 0]);
        observer.requested(&message(QUERY, b"COMMIT\0"));
        assert!(observer.answered(b"C", armed(Request::Commit, 1)));
    }
}
