#![doc = include_str!("SPEC.md")]

/// Which object it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HsmKeyReference {
    /// CKA_ID.
    pub id: [u8; 16],
    /// CKA_LABEL, 1 to 255 bytes.
    pub label: String,
    /// To recognise it by.
    pub check_value: Vec<u8>,
}

impl HsmKeyReference {
    /// The bytes.
    pub fn encode(&self) -> Vec<u8> {
        let label_length = u8::try_from(self.label.len()).unwrap_or(u8::MAX);
        [[FORMAT].as_slice(), &self.id, &[label_length], self.label.as_bytes(), &self.check_value].concat()
    }

    /// Reads exactly what [`HsmKeyReference::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.strip_prefix(&[FORMAT])?.split_first_chunk()?;
        let (length, rest) = rest.split_first()?;
        let (label, check_value) = rest.split_at_checked(usize::from(*length))?;
        let label = std::str::from_utf8(label).ok().filter(|label| !label.is_empty())?.to_owned();
        let check_value = check_value.to_vec();
        (1..=255).contains(&check_value.len()).then_some(Self { id: *id, label, check_value })
    }
}

const FORMAT: u8 = 2;

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::vectors::{self, Hex};

    #[derive(Deserialize)]
    struct Vectors {
        written: Vec<Written>,
        refused: Vec<Refused>,
    }

    #[derive(Deserialize)]
    struct Written {
        name: String,
        id: Hex,
        label: String,
        check_value: Hex,
        bytes: Hex,
    }

    #[derive(Deserialize)]
    struct Refused {
        defect: String,
        bytes: Hex,
    }

    #[test]
    fn writes_and_reads_as_the_vectors_say_and_nothing_else() {
        let vectors: Vectors = vectors::read(include_str!("vectors.json"));
        assert!(vectors.written.len() >= 3 && vectors.refused.len() >= 8);
        for Written { name, id, label, check_value, bytes } in vectors.written {
            let reference = HsmKeyReference { id: id.array(), label, check_value: check_value.0 };
            assert_eq!(reference.encode(), bytes.0, "{name}");
            assert_eq!(HsmKeyReference::decode(&bytes.0), Some(reference), "{name}");
        }
        for Refused { defect, bytes } in vectors.refused {
            assert_eq!(HsmKeyReference::decode(&bytes.0), None, "{defect}");
        }
    }
}
