use comfy_table::presets::{NOTHING, UTF8_HORIZONTAL_ONLY};
use comfy_table::{ContentArrangement, Row};

use super::printable;

/// Rows for people. Every cell is made printable on its way in.
pub struct Table(comfy_table::Table);

impl Table {
    /// A table of many things with these columns.
    pub fn of(columns: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.set_header(Row::from(columns.iter().map(|name| name.to_uppercase()).collect::<Vec<_>>()));
        Self(table)
    }

    /// A table about one thing: a name and a value a row.
    pub fn about() -> Self {
        Self(comfy_table::Table::new())
    }

    /// Adds a row.
    #[must_use]
    pub fn row<const COLUMNS: usize>(mut self, cells: [String; COLUMNS]) -> Self {
        self.0.add_row(Row::from(cells.iter().map(|cell| printable(cell).into_owned()).collect::<Vec<_>>()));
        self
    }

    /// Adds a name and a value.
    #[must_use]
    pub fn field(self, name: &str, value: impl ToString) -> Self {
        self.row([name.to_owned(), value.to_string()])
    }

    /// Adds a name and a value, if there is one.
    #[must_use]
    pub fn optional(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Adds a row for each thing.
    #[must_use]
    pub fn rows<T, const COLUMNS: usize>(
        self,
        things: impl IntoIterator<Item = T>,
        cells: impl Fn(T) -> [String; COLUMNS],
    ) -> Self {
        things.into_iter().fold(self, |table, thing| table.row(cells(thing)))
    }

    /// Ruled and fitted for a terminal; one plain line a row for a pipe.
    pub fn render(mut self, terminal: bool) -> String {
        if terminal {
            // Fitting a table to a terminal that is too narrow, or does not know how wide it is, leaves letters in columns.
            let fits = self.0.width().is_some_and(|columns| columns >= NARROWEST);
            let arrangement = if fits { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
            self.0.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(arrangement);
            return self.0.to_string();
        }
        self.0.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        self.0.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }
}

/// The fewest columns that a table is fitted into.
const NARROWEST: u16 = 60;

/// A value that may be absent, in a cell.
pub fn cell(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gets_one_line_a_row() {
        let table = Table::of(&["name", "state"])
            .row(["a".repeat(300), "active".to_owned()])
            .row(["b\nc".to_owned(), "used".to_owned()]);
        let rendered = table.render(false);
        assert_eq!(rendered.lines().count(), 3, "{rendered}");
        assert!(rendered.contains("b\\nc"));
    }
}
