#![doc = include_str!("SPEC.md")]

use strongroom_domain::Secret;

const FORMAT: u8 = 1;

/// The bytes are no fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a list of fields")]
pub struct FieldsError;

/// Writes the fields, which must be in ascending order of their names, each name once.
pub fn encode(fields: &[(&str, &[u8])]) -> Result<Secret<Vec<u8>>, FieldsError> {
    let size = 3 + fields.iter().map(|(name, value)| 6 + name.len() + value.len()).sum::<usize>();
    // Allocated at its full size: a buffer that grows leaves unwiped copies behind.
    Secret::build(Vec::with_capacity(size), |buffer: &mut Vec<u8>| {
        buffer.push(FORMAT);
        buffer.extend_from_slice(&u16::try_from(fields.len()).map_err(|_| FieldsError)?.to_be_bytes());
        let mut previous: Option<&str> = None;
        for (name, value) in fields {
            if previous.is_some_and(|previous| previous >= *name) {
                return Err(FieldsError);
            }
            previous = Some(name);
            buffer.extend_from_slice(&u16::try_from(name.len()).map_err(|_| FieldsError)?.to_be_bytes());
            buffer.extend_from_slice(name.as_bytes());
            buffer.extend_from_slice(&u32::try_from(value.len()).map_err(|_| FieldsError)?.to_be_bytes());
            buffer.extend_from_slice(value);
        }
        Ok(())
    })
}

/// Reads fields without copying them.
pub fn decode(bytes: &[u8]) -> Result<Vec<(&str, &[u8])>, FieldsError> {
    let (format, rest) = bytes.split_first().ok_or(FieldsError)?;
    if *format != FORMAT {
        return Err(FieldsError);
    }
    let (count, mut rest) = rest.split_first_chunk::<2>().ok_or(FieldsError)?;
    let mut fields: Vec<(&str, &[u8])> = Vec::new();
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, tail) = rest.split_first_chunk::<2>().ok_or(FieldsError)?;
        let (name, tail) =
            tail.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(FieldsError)?;
        let (length, tail) = tail.split_first_chunk::<4>().ok_or(FieldsError)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| FieldsError)?;
        let (value, tail) = tail.split_at_checked(length).ok_or(FieldsError)?;
        let name = std::str::from_utf8(name).map_err(|_| FieldsError)?;
        if fields.last().is_some_and(|(previous, _)| *previous >= name) {
            return Err(FieldsError);
        }
        fields.push((name, value));
        rest = tail;
    }
    if rest.is_empty() { Ok(fields) } else { Err(FieldsError) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// `name | hex`, one a line; a name that begins with `bad-` is malformed by the defect it names.
    const VECTORS: &str = include_str!("vectors.txt");

    fn unhex(text: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test compares encodings of made-up values")]
    fn vectors() {
        let mut seen = 0;
        for line in VECTORS.lines().filter(|line| !line.starts_with('#')) {
            let (name, hex) = line.split_once(" | ").unwrap();
            let bytes = unhex(hex);
            if name.starts_with("bad-") {
                assert_eq!(decode(&bytes), Err(FieldsError), "{name}");
            } else {
                let fields = decode(&bytes).unwrap();
                assert_eq!(
                    encode(&fields).ok().map(|secret| secret.expose().clone()),
                    Some(bytes.clone()),
                    "{name}"
                );
            }
            seen += 1;
        }
        assert!(seen >= 10);
    }

    proptest! {
        #[test]
        #[expect(clippy::disallowed_methods, reason = "a test reads back made-up values")]
        fn what_is_written_is_read(map in proptest::collection::btree_map(".{0,20}", proptest::collection::vec(any::<u8>(), 0..50), 0..8)) {
            let map: BTreeMap<String, Vec<u8>> = map;
            let fields: Vec<(&str, &[u8])> = map.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
            let Ok(bytes) = encode(&fields) else { return Err(TestCaseError::fail("refused")) };
            prop_assert_eq!(decode(bytes.expose()), Ok(fields));
        }

        #[test]
        fn whatever_is_read_is_written_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(fields) = decode(&bytes) {
                let same = encode(&fields).is_ok_and(|again| again.ct_eq(&bytes));
                prop_assert!(same);
            }
        }
    }
}
