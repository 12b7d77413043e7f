//! Writing JSON that holds secrets.

use std::io;

use serde::Serialize;
use zeroize::Zeroizing;

/// Writes a value as JSON into a buffer that is wiped when dropped. The length is found out first, so that the buffer
/// never grows and leaves no half-written copy behind.
pub fn to_wiped_json<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    let mut length = Counter(0);
    serde_json::to_writer(&mut length, value)?;
    let mut buffer = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *buffer, value)?;
    Ok(buffer)
}

struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_has_exactly_the_length() {
        let written = to_wiped_json(&serde_json::json!({ "a": [1, 2, "\u{e4}\n"] })).unwrap();
        assert_eq!(written.as_slice(), "{\"a\":[1,2,\"ä\\n\"]}".as_bytes());
        assert_eq!(written.capacity(), written.len());
    }
}
