//! Authenticated data that cannot be read two ways.

/// Joins parts so that different parts never give the same bytes: each part is preceded by its length (u32, big-endian).
/// The first part is the label of the format that uses it.
pub struct Injective(Vec<u8>);

impl Injective {
    /// Begins with the label that names the use.
    pub fn new(label: &str) -> Self {
        let mut encoder = Self(Vec::with_capacity(128));
        encoder.push(label.as_bytes());
        encoder
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, part: &[u8]) -> Self {
        self.push(part);
        self
    }

    /// Adds a list: its number of pairs, then each name and value.
    #[must_use]
    pub fn pairs<'a>(mut self, pairs: impl ExactSizeIterator<Item = (&'a str, &'a str)>) -> Self {
        self.0.extend_from_slice(&length(pairs.len()));
        for (name, value) in pairs {
            self.push(name.as_bytes());
            self.push(value.as_bytes());
        }
        self
    }

    /// The bytes so far.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    fn push(&mut self, part: &[u8]) {
        self.0.extend_from_slice(&length(part.len()));
        self.0.extend_from_slice(part);
    }
}

/// The length that stands before a part.
pub(crate) fn length(length: usize) -> [u8; 4] {
    // Every part is bounded far below 4 GiB by the caps on requests; saturating keeps this total.
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(label: &str, parts: &[Vec<u8>]) -> Vec<u8> {
        parts.iter().fold(Injective::new(label), |bytes, part| bytes.part(part)).finish()
    }

    proptest! {
        #[test]
        fn the_parts_can_be_read_back(label in "[a-z]{1,8}", parts: Vec<Vec<u8>>) {
            let bytes = encode(&label, &parts);
            let mut rest = bytes.as_slice();
            let mut read = Vec::new();
            while let Some((length, after)) = rest.split_first_chunk::<4>() {
                let (part, after) = after.split_at(u32::from_be_bytes(*length) as usize);
                read.push(part.to_vec());
                rest = after;
            }
            prop_assert!(rest.is_empty());
            prop_assert_eq!(read.split_first(), Some((&label.into_bytes(), parts.as_slice())));
        }
    }

    #[test]
    fn moving_a_boundary_or_a_pair_changes_the_bytes() {
        let pairs = |pairs: &[(&str, &str)]| Injective::new("label").pairs(pairs.iter().copied()).finish();
        assert_ne!(
            encode("label", &[b"ab".to_vec(), b"c".to_vec()]),
            encode("label", &[b"a".to_vec(), b"bc".to_vec()])
        );
        assert_ne!(encode("label", &[]), encode("label", &[Vec::new()]));
        assert_ne!(pairs(&[("a", "bc")]), pairs(&[("ab", "c")]));
        assert_ne!(pairs(&[]), pairs(&[("", "")]));
        assert_ne!(pairs(&[("a", "b"), ("c", "d")]), pairs(&[("c", "d"), ("a", "b")]));
    }
}
