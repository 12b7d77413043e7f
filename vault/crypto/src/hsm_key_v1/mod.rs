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
    use super::*;

    #[test]
    fn reads_what_it_wrote_and_nothing_else() {
        let reference = HsmKeyReference { id: [7; 16], label: "key".to_owned(), check_value: vec![1, 2, 3] };
        let bytes = reference.encode();
        assert_eq!((bytes.len(), bytes[0]), (24, 2));
        assert_eq!(HsmKeyReference::decode(&bytes), Some(reference));
        let wrapped = [&[1], &bytes[1..]].concat();
        for refused in [&[][..], &bytes[..21], &bytes[..9], &wrapped, &[bytes.as_slice(), &[0; 300]].concat()]
        {
            assert_eq!(HsmKeyReference::decode(refused), None);
        }
    }
}
