//! Writing JSON that holds secrets.

use std::io;

use serde::Serialize;
use zeroize::Zeroizing;

/// Writes a value as JSON into a buffer that is wiped when dropped. Where it has to grow, what it leaves behind is wiped
/// too; finding the length out first would cost as much as writing it again.
pub fn to_wiped_json<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    let mut buffer = Wiped(Zeroizing::new(Vec::with_capacity(1024)));
    serde_json::to_writer(&mut buffer, value)?;
    Ok(buffer.0)
}

struct Wiped(Zeroizing<Vec<u8>>);

impl Wiped {
    fn append(&mut self, bytes: &[u8]) {
        let needed = self.0.len().saturating_add(bytes.len());
        if needed > self.0.capacity() {
            self.move_to(needed.max(self.0.capacity().saturating_mul(2)));
        }
        self.0.extend_from_slice(bytes);
    }

    #[cold]
    fn move_to(&mut self, capacity: usize) {
        let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
        larger.extend_from_slice(&self.0);
        self.0 = larger;
    }
}

impl io::Write for Wiped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.append(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.append(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_serde_json_writes_however_often_it_grows() {
        for length in [0, 1, 1000, 1023, 1024, 1025, 5000, 100_000] {
            let value = serde_json::json!({ "a": [1, 2, "\u{e4}\n".repeat(length)] });
            let written = to_wiped_json(&value).unwrap();
            assert_eq!(written.as_slice(), serde_json::to_vec(&value).unwrap());
        }
    }
}
