//! The canonical bytes of a table's row.

use crate::Injective;

/// A row, column by column in an order that its table settles. The name and the kind of each column are part of the
/// bytes, so neither two columns nor an absent and an empty value can be taken for each other.
pub struct Row(Injective);

impl Row {
    /// A row of that table, without columns yet.
    pub fn new(table: &str) -> Self {
        Self(Injective::new("row").part(table.as_bytes()))
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        self.column(name, TEXT, value.as_bytes())
    }

    /// Adds bytes.
    #[must_use]
    pub fn bytes(self, name: &str, value: &[u8]) -> Self {
        self.column(name, BYTES, value)
    }

    /// Adds an integer.
    #[must_use]
    pub fn integer(self, name: &str, value: i64) -> Self {
        self.column(name, INTEGER, &value.to_be_bytes())
    }

    /// Adds a text that may be absent. Present, it counts like [`Row::text`].
    #[must_use]
    pub fn optional_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self.absent(name),
        }
    }

    /// Adds bytes that may be absent. Present, they count like [`Row::bytes`].
    #[must_use]
    pub fn optional_bytes(self, name: &str, value: Option<&[u8]>) -> Self {
        match value {
            Some(value) => self.bytes(name, value),
            None => self.absent(name),
        }
    }

    /// Adds an integer that may be absent. Present, it counts like [`Row::integer`].
    #[must_use]
    pub fn optional_integer(self, name: &str, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.integer(name, value),
            None => self.absent(name),
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn absent(self, name: &str) -> Self {
        self.column(name, ABSENT, &[])
    }

    fn column(self, name: &str, kind: u8, value: &[u8]) -> Self {
        Self(self.0.part(name.as_bytes()).part(&[kind]).part(value))
    }
}

const ABSENT: u8 = 0;
const TEXT: u8 = 1;
const BYTES: u8 = 2;
const INTEGER: u8 = 3;
