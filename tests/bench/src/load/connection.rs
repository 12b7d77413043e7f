//! One keep-alive mTLS connection that speaks as much HTTP/1.1 as the measured calls need: the generator shares the
//! machine with what it measures, so it spends as little as it can.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::Outcome;

/// One connection.
pub(crate) struct Connection {
    stream: TlsStream<TcpStream>,
    received: Vec<u8>,
}

/// The head of an answer.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// It says when to come again.
    pub(crate) says_when: bool,
    /// It was the last on its connection.
    pub(crate) is_last: bool,
    body_from: usize,
    body_length: usize,
}

impl Answer {
    pub(crate) const fn is_success(self) -> bool {
        matches!(self.status, 200..=299)
    }
}

impl Connection {
    pub(crate) async fn open(port: u16, tls: &Arc<ClientConfig>) -> Outcome<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost")?;
        let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await?;
        Ok(Self { stream, received: Vec::with_capacity(4096) })
    }

    /// Sends a whole request and reads the whole answer, whatever its status.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Outcome<Answer> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.received.clear();
        let head = loop {
            self.read_more().await?;
            if let Some(head) = head(&self.received)? {
                break head;
            }
        };
        while self.received.len() < head.body_from + head.body_length {
            self.read_more().await?;
        }
        Ok(head)
    }

    /// The body of the last answer.
    pub(crate) fn body(&self, answer: Answer) -> &[u8] {
        self.received.get(answer.body_from..answer.body_from + answer.body_length).unwrap_or_default()
    }

    async fn read_more(&mut self) -> Outcome<()> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err("the connection ended before the answer".into()),
            _ => Ok(()),
        }
    }
}

/// A request with a JSON body.
pub(crate) fn post(into: &mut Vec<u8>, path: &str, body: &str) {
    use std::io::Write as _;
    // Writing to a vector does not fail.
    let _ = write!(
        into,
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
}

/// The head, once it is there as a whole. One pass, and a look at the first letter of most lines: this is the
/// generator's own work for each answer.
fn head(received: &[u8]) -> Outcome<Option<Answer>> {
    let mut lines = received.split_inclusive(|byte| *byte == b'\n');
    let Some(first) = lines.next().filter(|line| line.ends_with(b"\n")) else { return Ok(None) };
    let status = first.split(|byte| *byte == b' ').nth(1).ok_or("an answer without a status")?;
    let mut answer = Answer {
        status: std::str::from_utf8(status)?.trim_end().parse()?,
        says_when: false,
        is_last: false,
        body_from: first.len(),
        body_length: 0,
    };
    for line in lines {
        answer.body_from += line.len();
        match line.first().map(u8::to_ascii_lowercase) {
            Some(b'\r') if line == b"\r\n" => return Ok(Some(answer)),
            Some(b'c' | b'r' | b't') if line.ends_with(b"\n") => field(line, &mut answer)?,
            _ => {}
        }
    }
    Ok(None)
}

fn field(line: &[u8], answer: &mut Answer) -> Outcome<()> {
    let Some((name, value)) = std::str::from_utf8(line)?.split_once(':') else { return Ok(()) };
    if name.eq_ignore_ascii_case("content-length") {
        answer.body_length = value.trim().parse()?;
    } else if name.eq_ignore_ascii_case("retry-after") {
        answer.says_when = true;
    } else if name.eq_ignore_ascii_case("connection") {
        answer.is_last = value.trim().eq_ignore_ascii_case("close");
    } else if name.eq_ignore_ascii_case("transfer-encoding") {
        return Err("an answer in chunks, which no measured call gives".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let text = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\nretry-after: 1\r\nconnection: close\r\n\r\nabc";
        for end in 0..text.len() - 3 {
            assert!(head(text.get(..end).unwrap()).unwrap().is_none(), "{end}");
        }
        let answer = head(text).unwrap().unwrap();
        assert_eq!((answer.status, answer.body_length), (503, 3));
        assert!(answer.says_when && answer.is_last && !answer.is_success());
        assert_eq!(text.get(answer.body_from..), Some(&b"abc"[..]));
    }

    #[test]
    fn chunks_are_refused() {
        assert!(head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
    }
}
