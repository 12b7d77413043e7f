//! Signed notes (C2SP), one after the other: each is a text, an empty line and signature lines, and an empty line ends
//! it. Of a checkpoint the text is three lines: the log's name, a slash and the stream; the size; the root.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read as _, Write};

/// What ends a note.
pub(super) const BETWEEN_NOTES: &str = "\n\n";

/// Appends notes, and sees to it that one which could not be written whole spoils no other.
pub(super) struct Appender<F> {
    file: F,
    complete: bool,
}

impl<F: Write> Appender<F> {
    /// Goes on behind a whole note, or behind a part of one.
    pub(super) const fn new(file: F, complete: bool) -> Self {
        Self { file, complete }
    }

    /// The file.
    pub(super) const fn inner(&mut self) -> &mut F {
        &mut self.file
    }

    /// One write, so that a reader never sees half a note unless the disk is full.
    pub(super) fn append(&mut self, note: &str) -> io::Result<()> {
        let before = if self.complete { "" } else { BETWEEN_NOTES };
        let text = format!("{before}{}{BETWEEN_NOTES}", note.trim_end_matches('\n'));
        self.complete = false;
        self.file.write_all(text.as_bytes())?;
        self.complete = true;
        Ok(())
    }
}

/// Of each of these streams that has a note, the greatest size. Not the last, so that an old note written again hides no
/// newer one. Reads once, in bounded memory; signatures are not verified.
pub(super) fn greatest_sizes(
    mut reader: impl BufRead,
    streams: &[String],
) -> io::Result<BTreeMap<String, u64>> {
    let mut sizes = BTreeMap::new();
    let mut part = Part::Start;
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(sizes);
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        part = part.next(text, streams);
        if let Part::Signatures(Claim { stream, size }) = &part {
            let greatest = sizes.entry((*stream).clone()).or_insert(*size);
            *greatest = (*greatest).max(*size);
        }
    }
}

/// What signature lines begin with.
const SIGNATURE_LINE: &str = "\u{2014} ";

/// More than a line of a note has; what is longer is read as several, none of which is a note's.
const LONGEST_LINE: u64 = 16 * 1024;

/// A stream that was asked for, and the size that a note states.
#[derive(Clone, Copy)]
struct Claim<'a> {
    stream: &'a String,
    size: u64,
}

/// How far a note was read. What is no checkpoint, or one of a stream that was not asked for, claims nothing.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// No line of it.
    Start,
    /// Its first line.
    Origin(Option<&'a String>),
    /// Further lines.
    Text(Option<Claim<'a>>),
    /// All of it but the signatures. What a crash left incomplete ends here.
    Gap(Option<Claim<'a>>),
    /// A signature.
    Signatures(Claim<'a>),
}

impl<'a> Part<'a> {
    fn next(self, line: &[u8], streams: &'a [String]) -> Self {
        if line.is_empty() {
            return match self {
                Self::Text(claim) => Self::Gap(claim),
                _ => Self::Start,
            };
        }
        if line.starts_with(SIGNATURE_LINE.as_bytes()) {
            return match self {
                Self::Gap(Some(claim)) | Self::Signatures(claim) => Self::Signatures(claim),
                _ => Self::Start,
            };
        }
        match self {
            Self::Start | Self::Gap(_) | Self::Signatures(_) => Self::Origin(stream_of(line, streams)),
            Self::Origin(stream) => {
                Self::Text(stream.and_then(|stream| size(line).map(|size| Claim { stream, size })))
            }
            Self::Text(claim) => Self::Text(claim),
        }
    }
}

fn stream_of<'a>(origin: &[u8], streams: &'a [String]) -> Option<&'a String> {
    let name = origin.rsplit(|byte| *byte == b'/').next()?;
    streams.iter().find(|stream| stream.as_bytes() == name)
}

fn size(line: &[u8]) -> Option<u64> {
    std::str::from_utf8(line).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(stream: &str, size: &str) -> String {
        format!("strongroom.0af3/{stream}\n{size}\nAAAA\n\n\u{2014} strongroom.0af3 abcd\n")
    }

    fn sizes(text: &str, streams: &[&str]) -> Vec<(String, u64)> {
        let streams: Vec<String> = streams.iter().map(|stream| (*stream).to_owned()).collect();
        greatest_sizes(text.as_bytes(), &streams).unwrap().into_iter().collect()
    }

    #[test]
    fn a_stream_has_the_greatest_size_of_its_own_notes() {
        let text = [
            ("vault-1.1", "42"),
            ("vault-1.1.2", "7"),
            ("vault-1.2", "99"),
            ("vault-1.1", "40"),
            ("ault-1.1", "98"),
        ]
        .map(|(stream, size)| note(stream, size))
        .join("\n");
        assert_eq!(sizes(&text, &["vault-1.1"]), [("vault-1.1".to_owned(), 42)]);
        assert_eq!(
            sizes(&text, &["vault-1.1", "vault-1.1.2", "vault-1.1.3"]),
            [("vault-1.1".to_owned(), 42), ("vault-1.1.2".to_owned(), 7)]
        );
        assert_eq!(sizes(&text, &["vault-1.3"]), [], "a node in a new epoch begins anew");
    }

    #[test]
    fn a_note_far_back_is_not_lost_behind_the_others() {
        let mut text = note("vault-1.1.2", "7");
        for size in 0..5000 {
            text.push('\n');
            text.push_str(&note("vault-1.1", &size.to_string()));
        }
        let expected = [("vault-1.1".to_owned(), 4999), ("vault-1.1.2".to_owned(), 7)];
        assert_eq!(sizes(&text, &["vault-1.1", "vault-1.1.2"]), expected);
    }

    #[test]
    fn what_is_no_checkpoint_says_nothing_and_hides_nothing() {
        let good = note("vault-1.1", "5");
        let garbage = "x".repeat(3 * LONGEST_LINE as usize);
        for other in [
            note("vault-1.1", "many"),
            note("vault-1.1", "18446744073709551616"),
            "strongroom.0af3/vault-1.1\n9\nAAAA\n".to_owned(),
            "strongroom.0af3/vault-1.1\n9\nAAAA\n\nno signature\n".to_owned(),
            "strongroom.0af3/vault-1.1\n\u{2014} strongroom.0af3 abcd\n".to_owned(),
            "9\n\n\u{2014} strongroom.0af3 abcd\n".to_owned(),
            format!("{garbage}\n"),
            "\n\n\n".to_owned(),
        ] {
            for text in [format!("{good}\n{other}"), format!("{other}\n{good}")] {
                assert_eq!(sizes(&text, &["vault-1.1"]), [("vault-1.1".to_owned(), 5)], "{text}");
            }
        }
    }

    #[test]
    fn several_signatures_make_one_note() {
        let text = format!("{}\u{2014} witness efgh\n\n{}", note("vault-1.1", "5"), note("vault-1.1.2", "6"));
        let expected = [("vault-1.1".to_owned(), 5), ("vault-1.1.2".to_owned(), 6)];
        assert_eq!(sizes(&text, &["vault-1.1", "vault-1.1.2"]), expected);
    }

    /// Has room for some bytes, then for none, then for all.
    struct FullDisk {
        written: Vec<u8>,
        room: Option<usize>,
    }

    impl Write for FullDisk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let room = self.room.map_or(bytes.len(), |room| room.min(bytes.len()));
            if room == 0 {
                self.room = None;
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room = self.room.map(|left| left - room);
            self.written.extend_from_slice(&bytes[..room]);
            Ok(room)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_costs_the_note_that_did_not_fit_and_no_other() {
        let (first, second) = (note("vault-1.1", "5"), note("vault-1.1", "6"));
        for room in 0..first.len() {
            let mut appender = Appender::new(FullDisk { written: Vec::new(), room: Some(room) }, true);
            assert!(appender.append(&first).is_err(), "{room}");
            appender.append(&second).unwrap();
            appender.append(&first).unwrap();
            let text = String::from_utf8_lossy(&appender.inner().written).into_owned();
            assert!(text.ends_with(&format!("\n\n{second}\n{first}\n")), "{room}: {text}");
            assert_eq!(sizes(&text, &["vault-1.1"]), [("vault-1.1".to_owned(), 6)], "{room}");
        }
    }
}
