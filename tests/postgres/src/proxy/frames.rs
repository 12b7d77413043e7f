//! Finds the frames in a stream of bytes, in whatever pieces it arrives: TLS records, PostgreSQL messages.

use std::mem::take;

/// A whole frame.
#[derive(Debug)]
pub(super) struct Frame {
    /// Its first byte; 0 for the message that opens a session, which has none.
    pub(super) kind: u8,
    /// The length of its body.
    pub(super) bytes: usize,
    /// Its body, as far as it is kept.
    pub(super) text: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Frames {
    format: Format,
    header: Vec<u8>,
    /// The frame whose body arrives, and how much of it is missing.
    arriving: Option<(Frame, usize)>,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    TlsRecords,
    OpeningMessage,
    Messages,
}

/// Statements are shorter; records are not read anyway.
const LONGEST_TEXT: usize = 1024 * 1024;

impl Frames {
    pub(super) const fn of_tls_records() -> Self {
        Self { format: Format::TlsRecords, header: Vec::new(), arriving: None }
    }

    /// From the first message of a session.
    pub(super) const fn of_messages() -> Self {
        Self { format: Format::OpeningMessage, header: Vec::new(), arriving: None }
    }

    /// The frames that these bytes complete.
    pub(super) fn read(&mut self, mut bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            if let Some((mut frame, missing)) = take(&mut self.arriving) {
                let (body, rest) = bytes.split_at(missing.min(bytes.len()));
                bytes = rest;
                let room = LONGEST_TEXT.saturating_sub(frame.text.len());
                if !matches!(self.format, Format::TlsRecords) {
                    frame.text.extend(body.iter().take(room));
                }
                if body.len() < missing {
                    self.arriving = Some((frame, missing - body.len()));
                    return frames;
                }
                frames.push(frame);
            }
            let Some((byte, rest)) = bytes.split_first() else { return frames };
            self.header.push(*byte);
            bytes = rest;
            if let Some((kind, length)) = self.whole_header() {
                self.header.clear();
                if let Format::OpeningMessage = self.format {
                    self.format = Format::Messages;
                }
                self.arriving = Some((Frame { kind, bytes: length, text: Vec::new() }, length));
            }
        }
    }

    /// Kind and length of the body, once the header is complete. A message's length counts its own four bytes.
    fn whole_header(&self) -> Option<(u8, usize)> {
        match (self.format, self.header.as_slice()) {
            (Format::TlsRecords, &[kind, _, _, high, low]) => {
                Some((kind, usize::from(u16::from_be_bytes([high, low]))))
            }
            (Format::OpeningMessage, &[a, b, c, d]) => Some((0, message_body([a, b, c, d]))),
            (Format::Messages, &[kind, a, b, c, d]) => Some((kind, message_body([a, b, c, d]))),
            _ => None,
        }
    }
}

fn message_body(length: [u8; 4]) -> usize {
    usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX).saturating_sub(4)
}
