use serde::{Deserialize, Serialize};
use strongroom_domain::{Alphabet, ValueFormat, ValueFormatError};
use utoipa::ToSchema;

/// What the values of a key for format-preserving encryption look like. At least 1,000,000 values must be possible between
/// the characters that stay (NIST SP 800-38G).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ValueFormat)]
pub struct ValueFormatInput {
    /// 2 to 94 different printable characters of ASCII, without space: all that values may consist of.
    #[schema(min_length = 2, max_length = 94)]
    pub alphabet: String,
    /// How many characters the shortest value has.
    pub min_length: u8,
    /// How many characters the longest value has.
    pub max_length: u8,
    /// How many characters at the front stay as they are; 0 if absent.
    #[serde(default)]
    pub keep_first: u8,
    /// How many characters at the end stay as they are; 0 if absent.
    #[serde(default)]
    pub keep_last: u8,
}

impl ValueFormatInput {
    /// Checks that the parts go together.
    pub fn into_value_format(self) -> Result<ValueFormat, ValueFormatError> {
        let alphabet = Alphabet::parse(&self.alphabet).ok_or(ValueFormatError::Alphabet)?;
        ValueFormat::new(alphabet, (self.min_length, self.max_length), (self.keep_first, self.keep_last))
    }
}

impl From<&ValueFormat> for ValueFormatInput {
    fn from(format: &ValueFormat) -> Self {
        let (min_length, max_length) = format.lengths();
        let (keep_first, keep_last) = format.kept();
        let alphabet = format.alphabet().as_str().to_owned();
        Self { alphabet, min_length, max_length, keep_first, keep_last }
    }
}
