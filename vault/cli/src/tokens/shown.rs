//! How tokens look.

use std::io::{self, Write};

use strongroom_api::List;
use strongroom_api::tokens::TokenView;

use crate::output::{Show, Table, cell};

impl Show for TokenView {
    fn table(&self) -> Table {
        let metadata =
            self.metadata.pairs().map(|(name, value)| (format!("metadata.{name}"), value.to_owned()));
        let table = Table::about()
            .field("token", &self.token.0)
            .field("state", self.state.as_str())
            .field("profile", &self.profile.0)
            .field("brand", self.card.brand.as_str())
            .field("bin", self.card.bin.0)
            .field("last4", self.card.last4.0)
            .field("expiry", expiry(self.card.exp_month, self.card.exp_year))
            .optional("fingerprint", self.fingerprint.as_ref())
            .field("single_use", if self.single_use { "yes" } else { "no" })
            .field("created_at", self.created_at.0)
            .optional("expires_at", self.expires_at.map(|time| time.0));
        table.rows(metadata, |(name, value)| [name, value])
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.token.0)
    }
}

impl Show for List<TokenView> {
    fn table(&self) -> Table {
        let columns =
            ["token", "state", "profile", "brand", "bin", "last4", "expiry", "created_at", "expires_at"];
        Table::of(&columns).rows(&self.items, |token| {
            [
                token.token.to_string(),
                token.state.as_str().to_owned(),
                token.profile.to_string(),
                token.card.brand.as_str().to_owned(),
                token.card.bin.to_string(),
                token.card.last4.to_string(),
                expiry(token.card.exp_month, token.card.exp_year),
                token.created_at.to_string(),
                cell(token.expires_at.map(|time| time.0)),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|token| token.write_quiet(out))
    }
}

/// Month and year as on a card.
pub(super) fn expiry(month: Option<u8>, year: Option<u16>) -> String {
    match (month, year) {
        (Some(month), Some(year)) => format!("{month:02}/{year}"),
        _ => "-".to_owned(),
    }
}
