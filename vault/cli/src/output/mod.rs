//! What commands write: tables for people, the wire's JSON for scripts, ids alone when quiet.

mod file;
mod printable;
mod table;

use std::io::{self, IsTerminal as _, Write};

use serde::Serialize;
use strongroom_api::to_wiped_json;

pub use file::{NewFile, owner_only, sync_folder_of, with_suffix};
pub use printable::printable;
pub use table::{Table, cell};

use crate::failure::Failure;

/// How to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Tables, for people.
    Tables,
    /// JSON, for scripts.
    Json,
    /// As little as makes sense.
    Quiet,
}

/// Something a command can show.
pub trait Show: Serialize {
    /// For people.
    fn table(&self) -> Table;

    /// The ids alone, one a line; nothing, if it has none.
    fn write_quiet(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// Where and how to write.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    style: Style,
}

impl Output {
    /// Writes to standard output in this style.
    pub const fn new(style: Style) -> Self {
        Self { style }
    }

    /// The style.
    pub const fn style(self) -> Style {
        self.style
    }

    /// Shows it. The JSON is that of the API, on one line.
    pub fn show<T: Show>(self, value: &T) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match self.style {
            Style::Tables => writeln!(out, "{}", value.table().render(io::stdout().is_terminal())),
            Style::Json => {
                // It may hold a secret that was asked for: the buffer is wiped.
                let json = to_wiped_json(value)
                    .map_err(|_| Failure::Local("the answer cannot be written as JSON".to_owned()))?;
                out.write_all(&json).and_then(|()| out.write_all(b"\n"))
            }
            Style::Quiet => value.write_quiet(&mut out),
        }
        .and_then(|()| out.flush())
        .map_err(closed)
    }

    /// Writes bytes as they are: a plaintext, a note.
    pub fn write(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(closed)
    }

    /// Tells a person something beside the result. Scripts and the quiet are not told.
    pub fn note(self, text: &str) {
        if self.style == Style::Tables {
            // A note that cannot be written is no reason to fail.
            let _ = writeln!(io::stderr(), "{}", printable(text));
        }
    }

    /// Tells a person how to see more of a list.
    pub fn tell_next_page(self, cursor: Option<&str>) {
        if let Some(cursor) = cursor {
            self.note(&format!("there is more: --cursor {cursor}"));
        }
    }

    /// Tells of something that went wrong without ending the command.
    pub fn complain(self, text: &str) {
        let _ = writeln!(io::stderr(), "error: {}", printable(text));
    }
}

/// A failed write to standard output.
pub fn closed(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::OutputClosed,
        kind => Failure::Local(format!("standard output: {kind}")),
    }
}
