//! This side of what both sides must agree on.

use strongroom_api::jobs::lines::{CardLine, LineReader};
use strongroom_crypto::row_checksum_v1::{RowChecksum, RowChecksumKey};
use strongroom_domain::{Card, LuhnRule, Pan, Secret, Value};

use super::outcome::Counts;
use crate::failure::Failure;

/// Counts rows, and computes the checksum over the file and the results.
pub(super) struct Tally {
    key: RowChecksumKey,
    reader: LineReader,
    pub(super) counts: Counts,
    pub(super) checksum: RowChecksum,
}

impl Tally {
    /// Of nothing yet, with the job's key.
    pub(super) fn new(key: &Secret<[u8; 32]>, reader: LineReader) -> Self {
        let (counts, checksum) = (Counts::default(), RowChecksum::default());
        Self { key: RowChecksumKey::new(key), reader, counts, checksum }
    }

    /// A row that has this token.
    pub(super) fn made(
        &mut self,
        line: u64,
        text: &[u8],
        token: &str,
        existing: bool,
    ) -> Result<(), Failure> {
        let value = self.value(text).ok_or_else(|| {
            Failure::Local(format!("line {line}: there is a token for it, but it cannot be read as a card"))
        })?;
        self.counts.read += 1;
        if existing {
            self.counts.existing += 1;
        } else {
            self.counts.created += 1;
        }
        self.checksum = self.checksum.and(self.key.value(line, token, &value));
        Ok(())
    }

    /// A row that was refused.
    pub(super) fn refused(&mut self, line: u64) {
        self.counts.read += 1;
        self.counts.failed += 1;
        self.checksum = self.checksum.and(self.key.refused(line));
    }

    fn value(&self, text: &[u8]) -> Option<Value> {
        let CardLine { card, .. } = self.reader.read(text).ok()?;
        #[expect(clippy::disallowed_methods, reason = "parsed into the type that keeps it secret")]
        let number = Pan::parse(card.number.secret().expose(), LuhnRule::Relaxed).ok()?;
        Some(Value::Card(Card { number, expiry: card.expiry().ok()?, holder: None }))
    }
}
