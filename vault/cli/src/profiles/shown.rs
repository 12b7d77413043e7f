//! How token profiles look.

use std::io::{self, Write};

use strongroom_api::profiles::{CheckDigit, ProfileView};
use strongroom_api::{InText as _, List};

use crate::output::{Show, Table};

impl Show for ProfileView {
    fn table(&self) -> Table {
        Table::about()
            .field("name", &self.name.0)
            .field("format", self.format.as_str())
            .optional("keep", self.keep.map(|keep| keep.as_str()))
            .optional("luhn", self.luhn.map(|luhn| luhn.as_str()))
            .field("show", self.show.as_str())
            .field("min_card_digits", self.min_card_digits)
            .field("card_numbers_left", self.correlation.card_numbers_left)
            .field("reuse", self.reuse.as_str())
            .field("scope", self.scope.write())
            .field("ttl", ttl(self.ttl_seconds))
            .field("single_use", yes_or_no(self.single_use))
            .field("reversible", yes_or_no(self.reversible))
            .field("card_check_digit", check_digit(self.card_check_digit))
            .field("created_at", self.created_at.0)
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.name.0)
    }
}

impl Show for List<ProfileView> {
    fn table(&self) -> Table {
        let columns = ["name", "format", "reuse", "scope", "ttl", "single_use", "reversible", "created_at"];
        Table::of(&columns).rows(&self.items, |profile| {
            [
                profile.name.to_string(),
                profile.format.as_str().to_owned(),
                profile.reuse.as_str().to_owned(),
                profile.scope.write().into_owned(),
                ttl(profile.ttl_seconds),
                yes_or_no(profile.single_use).to_owned(),
                yes_or_no(profile.reversible).to_owned(),
                profile.created_at.to_string(),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|profile| profile.write_quiet(out))
    }
}

fn ttl(seconds: Option<u64>) -> String {
    seconds.map_or_else(|| "without end".to_owned(), |seconds| format!("{seconds} s"))
}

const fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

const fn check_digit(rule: CheckDigit) -> &'static str {
    match rule {
        CheckDigit::Required => "required",
        CheckDigit::Relaxed => "relaxed",
    }
}
