//! Progress of long work, on standard error, where a person looks and no script reads.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Style;

/// How far long work is. Shows itself on a terminal only, and only to people.
pub struct Progress(ProgressBar);

impl Progress {
    /// Of work over so many bytes, if that is known.
    pub fn of_bytes(total: Option<u64>, style: Style) -> Self {
        let (bar, template) = match total {
            Some(total) => {
                (ProgressBar::new(total), "{bar:30} {percent:>3}%  {bytes}/{total_bytes}  {eta} left  {msg}")
            }
            None => (ProgressBar::new_spinner(), "{spinner} {bytes}  {msg}"),
        };
        Self::shown(bar, template, style)
    }

    /// Of work over an unknown number of things.
    pub fn of_things(style: Style) -> Self {
        Self::shown(ProgressBar::new_spinner(), "{spinner} {human_pos}  {per_sec}  {msg}", style)
    }

    fn shown(bar: ProgressBar, template: &str, style: Style) -> Self {
        if style != Style::Tables || !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// So far in all.
    pub fn at(&self, position: u64) {
        self.0.set_position(position);
    }

    /// So much further.
    pub fn advance(&self, by: u64) {
        self.0.inc(by);
    }

    /// Says something beside the bar.
    pub fn say(&self, text: String) {
        self.0.set_message(text);
    }

    /// Leaves the terminal as it was.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }

    /// A reader that moves the bar.
    pub fn reading<R: io::Read>(&self, reader: R) -> impl io::Read {
        self.0.wrap_read(reader)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
