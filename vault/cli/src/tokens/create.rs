//! `strongroom tokens create`

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use strongroom_api::tokens::{
    BankAccountInput, CardInput, CreateToken, IdentityNumberInput, Metadata, TokenValue,
};
use strongroom_api::{SecretText, Text};
use strongroom_domain::{Alias, CountryCode, ProfileName, Tag, ValueKind};

use super::update::texts;
use crate::arguments::{one_of, pair, seconds, text, whole_number};
use crate::failure::Failure;
use crate::input;
use crate::session::Session;

/// What to create.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What the token is to stand for
    #[arg(long = "type", default_value = "card", value_parser = one_of!(ValueKind))]
    pub kind: ValueKind,
    /// File that holds the card number, IBAN, identity number or text; standard input if absent
    #[arg(long, value_name = "FILE")]
    pub number_file: Option<PathBuf>,
    /// Country of an identity number (ISO 3166-1, two letters)
    #[arg(long, value_parser = country, value_name = "COUNTRY")]
    pub country: Option<CountryCode>,
    /// Month the card expires
    #[arg(long, requires = "exp_year", value_parser = whole_number::<u8, 1, 12>, value_name = "MONTH")]
    pub exp_month: Option<u8>,
    /// Year the card expires, four digits
    #[arg(long, requires = "exp_month", value_parser = whole_number::<u16, 2000, 2099>, value_name = "YEAR")]
    pub exp_year: Option<u16>,
    /// Name on the card or of the bank account
    #[arg(long, value_name = "NAME")]
    pub holder: Option<String>,
    /// Token profile
    #[arg(long, value_parser = text::<ProfileName>, value_name = "NAME")]
    pub profile: Option<ProfileName>,
    /// How long the token lives, such as 3600, 12h or 30d; as the profile says if absent
    #[arg(long, value_parser = seconds, value_name = "TIME")]
    pub ttl: Option<u64>,
    /// Revealing the full value uses the token up
    #[arg(long)]
    pub single_use: bool,
    /// How often the full value may be revealed
    #[arg(long, value_parser = whole_number::<u32, 1, 1_000_000>, value_name = "TIMES", conflicts_with = "single_use")]
    pub max_uses: Option<u32>,
    /// What to find with the token again; may be given more than once
    #[arg(long, value_parser = pair, value_name = "NAME=VALUE")]
    pub metadata: Vec<(String, String)>,
    /// Another name for the token, such as customer-42/card-1; may be given more than once
    #[arg(long, value_parser = text::<Alias>, value_name = "ALIAS")]
    pub alias: Vec<Alias>,
    /// A label to find the token by, with others; may be given more than once
    #[arg(long, value_parser = text::<Tag>, value_name = "TAG")]
    pub tag: Vec<Tag>,
}

/// Creates it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let metadata = metadata(arguments.metadata)?;
    let vault = session.vault()?;
    let number = input::secret_line(prompt(arguments.kind), arguments.number_file.as_deref())?;
    let holder = arguments.holder.map(SecretText::new);
    let value = match arguments.kind {
        ValueKind::Card => TokenValue::Card(CardInput {
            number,
            exp_month: arguments.exp_month,
            exp_year: arguments.exp_year,
            holder,
        }),
        ValueKind::BankAccount => TokenValue::BankAccount(BankAccountInput { iban: number, holder }),
        ValueKind::IdentityNumber => {
            TokenValue::IdentityNumber(IdentityNumberInput { number, country: arguments.country.map(Text) })
        }
        ValueKind::Text => TokenValue::Text(number),
    };
    let request = CreateToken {
        profile: arguments.profile.map(Text),
        ttl_seconds: arguments.ttl,
        single_use: arguments.single_use.then_some(true),
        max_uses: arguments.max_uses,
        metadata,
        aliases: texts(arguments.alias),
        tags: texts(arguments.tag),
        ..CreateToken::of(value)
    };
    session.show(&vault.create_token(&request).await?)
}

fn country(text: &str) -> Result<CountryCode, String> {
    CountryCode::parse(text).ok_or_else(|| "must be two upper-case letters (ISO 3166-1)".to_owned())
}

const fn prompt(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Card => "Card number",
        ValueKind::BankAccount => "IBAN",
        ValueKind::IdentityNumber => "Identity number",
        ValueKind::Text => "Text",
    }
}

pub(super) fn metadata(pairs: Vec<(String, String)>) -> Result<Metadata, Failure> {
    let count = pairs.len();
    let pairs: BTreeMap<_, _> = pairs.into_iter().collect();
    if pairs.len() < count {
        return Err(Failure::Usage("a name in --metadata stands there twice".to_owned()));
    }
    Metadata::new(pairs).map_err(|allowed| Failure::Usage(allowed.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_checked_before_anything_is_read() {
        let pair = |name: &str| (name.to_owned(), "x".to_owned());
        assert!(metadata(vec![pair("order"), pair("shop")]).is_ok());
        assert!(metadata(vec![pair("order"), pair("order")]).is_err());
        assert!(metadata(vec![pair("cvc")]).is_err());
    }
}
