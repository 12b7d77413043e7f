//! What the values of a format-preserving key look like (NIST SP 800-38G).

use std::fmt;

/// FF1 is refused for fewer values than this (NIST SP 800-38G revision 1, section 5.1): whoever may encrypt could try
/// them all.
pub const LEAST_DOMAIN: u128 = 1_000_000;
/// One half of a value is computed with in a register: it has no more values than this.
const LARGEST_HALF: u128 = 1 << 96;

/// The characters that values consist of, each standing for a numeral in this order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Alphabet(String);

impl Alphabet {
    /// 2 to 94 different printable characters of ASCII, no space.
    pub fn parse(characters: &str) -> Option<Self> {
        let bytes = characters.as_bytes();
        let distinct = bytes.iter().enumerate().all(|(index, byte)| {
            byte.is_ascii_graphic() && bytes.iter().skip(index.saturating_add(1)).all(|later| later != byte)
        });
        (bytes.len() >= 2 && distinct).then(|| Self(characters.to_owned()))
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many there are.
    pub fn radix(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// The numeral that a character stands for.
    pub fn numeral(&self, character: u8) -> Option<u8> {
        self.0.bytes().position(|known| known == character).and_then(|place| u8::try_from(place).ok())
    }

    /// The character that stands for a numeral.
    pub fn character(&self, numeral: u8) -> Option<u8> {
        self.0.as_bytes().get(usize::from(numeral)).copied()
    }
}

/// What a value must look like to be encrypted in its own format: its alphabet, how long it may be, and how many
/// characters at both ends stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ValueFormat {
    alphabet: Alphabet,
    min_length: u8,
    max_length: u8,
    keep_first: u8,
    keep_last: u8,
}

/// Why a format was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueFormatError {
    /// Not an alphabet.
    #[error("the alphabet must be 2 to 94 different printable characters of ASCII, without space")]
    Alphabet,
    /// The lengths contradict each other.
    #[error("min_length must be at most max_length, and leave characters to encrypt between those that stay")]
    Lengths,
    /// Too few values to hide among.
    #[error(
        "{encrypted} of the {length} characters of the shortest value would be encrypted: {radix}^{encrypted} = \
        {values} values, and format-preserving encryption needs at least 1000000 (NIST SP 800-38G)"
    )]
    DomainTooSmall {
        /// The shortest value's length.
        length: u8,
        /// How many of its characters are encrypted.
        encrypted: u8,
        /// The size of the alphabet.
        radix: u32,
        /// How many values that gives.
        values: u128,
    },
    /// More than can be computed with.
    #[error("the longest value is too long: half of its encrypted characters must have at most 2^96 values")]
    TooLong,
}

/// Why a value was refused. It does not say what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Shorter or longer than the key's format says.
    #[error("the value is shorter or longer than the key's format allows")]
    Length,
    /// A character that is not in the alphabet.
    #[error("the value has a character that is not in the key's alphabet")]
    Character,
}

/// A value taken apart. Secret, so nothing can print it.
pub struct ValueParts<'a> {
    /// What stays at the front.
    pub first: &'a [u8],
    /// What is encrypted.
    pub middle: &'a [u8],
    /// What stays at the end.
    pub last: &'a [u8],
}

impl ValueFormat {
    /// Checks that the parts go together.
    pub fn new(
        alphabet: Alphabet,
        (min_length, max_length): (u8, u8),
        (keep_first, keep_last): (u8, u8),
    ) -> Result<Self, ValueFormatError> {
        let kept = keep_first.checked_add(keep_last).ok_or(ValueFormatError::Lengths)?;
        let shortest = min_length.checked_sub(kept).ok_or(ValueFormatError::Lengths)?;
        let longest = max_length.checked_sub(kept).ok_or(ValueFormatError::Lengths)?;
        // Two halves, each of one character at least.
        if longest < shortest || shortest < 2 {
            return Err(ValueFormatError::Lengths);
        }
        let radix = u128::from(alphabet.radix());
        match radix.checked_pow(u32::from(longest.div_ceil(2))) {
            Some(half) if half <= LARGEST_HALF => {}
            _ => return Err(ValueFormatError::TooLong),
        }
        let values = radix.saturating_pow(u32::from(shortest));
        if values < LEAST_DOMAIN {
            let (length, radix) = (min_length, alphabet.radix());
            return Err(ValueFormatError::DomainTooSmall { length, encrypted: shortest, radix, values });
        }
        Ok(Self { alphabet, min_length, max_length, keep_first, keep_last })
    }

    /// The characters of values.
    pub const fn alphabet(&self) -> &Alphabet {
        &self.alphabet
    }

    /// The shortest and the longest value's length.
    pub const fn lengths(&self) -> (u8, u8) {
        (self.min_length, self.max_length)
    }

    /// How many characters stay at the front and at the end.
    pub const fn kept(&self) -> (u8, u8) {
        (self.keep_first, self.keep_last)
    }

    /// Takes a value apart.
    pub fn split<'a>(&self, value: &'a [u8]) -> Result<ValueParts<'a>, ValueError> {
        let lengths = usize::from(self.min_length)..=usize::from(self.max_length);
        if !lengths.contains(&value.len()) {
            return Err(ValueError::Length);
        }
        if !value.iter().all(|byte| self.alphabet.numeral(*byte).is_some()) {
            return Err(ValueError::Character);
        }
        let (first, rest) = value.split_at_checked(usize::from(self.keep_first)).ok_or(ValueError::Length)?;
        let middle = rest.len().checked_sub(usize::from(self.keep_last)).ok_or(ValueError::Length)?;
        let (middle, last) = rest.split_at_checked(middle).ok_or(ValueError::Length)?;
        Ok(ValueParts { first, middle, last })
    }

    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        // The alphabet may have any of the separators in it, so it comes last.
        let mut parts = text.splitn(5, ' ');
        let mut number = || parts.next().and_then(|part| part.parse::<u8>().ok());
        let lengths = (number()?, number()?);
        let kept = (number()?, number()?);
        let alphabet = Alphabet::parse(parts.next()?)?;
        Self::new(alphabet, lengths, kept).ok().filter(|format| format.to_string() == text)
    }
}

/// The form in tables: shortest, longest, kept at the front, kept at the end, alphabet; a space between them.
impl fmt::Display for ValueFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { alphabet, min_length, max_length, keep_first, keep_last } = self;
        write!(formatter, "{min_length} {max_length} {keep_first} {keep_last} {}", alphabet.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits() -> Alphabet {
        Alphabet::parse("0123456789").unwrap()
    }

    #[test]
    fn a_domain_below_a_million_is_refused_with_its_arithmetic() {
        let refused =
            |length, kept| ValueFormat::new(digits(), (length, length), kept).unwrap_err().to_string();
        assert!(refused(15, (6, 4)).contains("10^5 = 100000 values"), "{}", refused(15, (6, 4)));
        assert!(refused(16, (8, 4)).contains("10^4 = 10000 values"), "{}", refused(16, (8, 4)));
        for accepted in [(16, (6, 4)), (15, (4, 4)), (6, (0, 0))] {
            ValueFormat::new(digits(), (accepted.0, accepted.0), accepted.1).unwrap();
        }
        // The shortest value decides.
        assert!(ValueFormat::new(digits(), (5, 19), (0, 0)).is_err());
    }

    #[test]
    fn lengths_must_make_sense() {
        for (lengths, kept) in
            [((9, 8), (0, 0)), ((16, 16), (16, 0)), ((16, 16), (200, 100)), ((3, 12), (2, 2))]
        {
            assert_eq!(ValueFormat::new(digits(), lengths, kept), Err(ValueFormatError::Lengths));
        }
        ValueFormat::new(digits(), (6, 56), (0, 0)).unwrap();
        assert_eq!(ValueFormat::new(digits(), (6, 57), (0, 0)), Err(ValueFormatError::TooLong));
        assert_eq!(ValueFormat::new(digits(), (6, 255), (0, 0)), Err(ValueFormatError::TooLong));
    }

    #[test]
    fn an_alphabet_has_no_character_twice() {
        for refused in ["", "0", "00", "0120", "01 2", "01\u{e9}", "01\n"] {
            assert_eq!(Alphabet::parse(refused), None);
        }
        let alphabet = Alphabet::parse("zyx").unwrap();
        assert_eq!(
            (alphabet.numeral(b'x'), alphabet.numeral(b'a'), alphabet.character(0)),
            (Some(2), None, Some(b'z'))
        );
    }

    #[test]
    fn a_format_survives_the_table() {
        for characters in ["0123456789", "0/:|,-", "!\"#$%&'()*+,-./0123456789"] {
            let alphabet = Alphabet::parse(characters).unwrap();
            let format = ValueFormat::new(alphabet, (16, 20), (2, 4)).unwrap();
            assert_eq!(ValueFormat::parse(&format.to_string()), Some(format));
        }
        for refused in ["", "16 16 6 4", "16 16 6 4 ", "016 16 6 4 0123456789", "15 15 6 4 0123456789"] {
            assert_eq!(ValueFormat::parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_value_is_taken_apart_where_the_format_says() {
        let format = ValueFormat::new(digits(), (16, 19), (6, 4)).unwrap();
        let parts = format.split(b"4111111234561111").unwrap();
        assert_eq!([parts.first, parts.middle, parts.last], [b"411111".as_slice(), b"123456", b"1111"]);
        assert_eq!(format.split(b"411111123456111").err(), Some(ValueError::Length));
        assert_eq!(format.split(b"4111 1112 3456 1111").err(), Some(ValueError::Character));
    }
}
