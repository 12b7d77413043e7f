//! How tokens look.

use std::io::{self, Write};

use strongroom_api::List;
use strongroom_api::tokens::TokenView;

use crate::output::{Show, Table, cell};

impl Show for TokenView {
    fn table(&self) -> Table {
        let metadata =
            self.metadata.pairs().map(|(name, value)| (format!("metadata.{name}"), value.to_owned()));
        let seen = Seen::of(self);
        let table = Table::about()
            .field("token", &self.token.0)
            .field("state", self.state.as_str())
            .field("profile", &self.profile.0)
            .field("type", self.value_type.as_str())
            .optional("brand", seen.brand)
            .optional("bin", seen.bin)
            .optional("last4", seen.last4)
            .optional("country", seen.country)
            .optional("expiry", seen.expiry)
            .optional("fingerprint", self.fingerprint.as_ref())
            .field("single_use", if self.single_use { "yes" } else { "no" })
            .optional("uses", self.max_uses.map(|most| format!("{} of {most}", self.uses.unwrap_or(0))))
            .field("created_at", self.created_at.0)
            .optional("expires_at", self.expires_at.map(|time| time.0));
        let aliases = self.aliases.iter().map(|alias| ("alias".to_owned(), alias.to_string()));
        let tags = self.tags.iter().map(|tag| ("tag".to_owned(), tag.to_string()));
        table.rows(aliases.chain(tags).chain(metadata), |(name, value)| [name, value])
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", self.token.0)
    }
}

impl Show for List<TokenView> {
    fn table(&self) -> Table {
        let columns = [
            "token",
            "type",
            "state",
            "profile",
            "brand",
            "bin",
            "last4",
            "expiry",
            "created_at",
            "expires_at",
        ];
        Table::of(&columns).rows(&self.items, |token| {
            let seen = Seen::of(token);
            [
                token.token.to_string(),
                token.value_type.as_str().to_owned(),
                token.state.as_str().to_owned(),
                token.profile.to_string(),
                cell(seen.brand),
                cell(seen.bin),
                cell(seen.last4),
                cell(seen.expiry),
                token.created_at.to_string(),
                cell(token.expires_at.map(|time| time.0)),
            ]
        })
    }

    fn write_quiet(&self, out: &mut dyn Write) -> io::Result<()> {
        self.items.iter().try_for_each(|token| token.write_quiet(out))
    }
}

/// What may be seen of the value, of whatever kind it is.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) brand: Option<String>,
    pub(super) bin: Option<String>,
    pub(super) last4: Option<String>,
    pub(super) country: Option<String>,
    expiry: Option<String>,
}

impl Seen {
    pub(super) fn of(token: &TokenView) -> Self {
        let card = token.card.as_ref();
        let account = token.bank_account.as_ref();
        let number = token.identity_number.as_ref();
        let country = account.map(|account| account.country).or(number.and_then(|number| number.country));
        Self {
            brand: card.and_then(|card| card.brand).map(|brand| brand.as_str().to_owned()),
            bin: card.and_then(|card| card.bin).map(|bin| bin.to_string()),
            last4: card
                .and_then(|card| card.last4)
                .map(|digits| digits.to_string())
                .or(account.map(|account| account.last4.clone())),
            country: country.map(|country| country.to_string()),
            expiry: card.map(|card| expiry(card.exp_month, card.exp_year)),
        }
    }
}

/// Month and year as on a card.
pub(super) fn expiry(month: Option<u8>, year: Option<u16>) -> String {
    match (month, year) {
        (Some(month), Some(year)) => format!("{month:02}/{year}"),
        _ => "-".to_owned(),
    }
}
