//! `strongroom tokens list`

use clap::Args;
use strongroom_api::tokens::{ListedBrand, ListedState, TokenListQuery};
use strongroom_api::{ListQuery, Text};
use strongroom_domain::{Alias, Bin, IbanEnding, ProfileName, Tag, Timestamp, ValueKind};

use crate::arguments::{PageArguments, one_of, text, time};
use crate::failure::Failure;
use crate::session::Session;

/// Which tokens: everything given must match.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Cards with these first six digits
    #[arg(long, value_parser = text::<Bin>, value_name = "DIGITS")]
    pub bin: Option<Bin>,
    /// Cards or bank accounts that end with these four digits or characters
    #[arg(long, value_parser = text::<IbanEnding>, value_name = "DIGITS")]
    pub last4: Option<IbanEnding>,
    /// Cards of this scheme, such as visa
    #[arg(long, value_parser = text::<ListedBrand>, value_name = "BRAND")]
    pub brand: Option<ListedBrand>,
    /// With this tag
    #[arg(long, value_parser = text::<Tag>, value_name = "TAG")]
    pub tag: Option<Tag>,
    /// The one with this alias
    #[arg(long, value_parser = text::<Alias>, value_name = "ALIAS")]
    pub alias: Option<Alias>,
    /// Values of this kind
    #[arg(long = "type", value_parser = one_of!(ValueKind))]
    pub kind: Option<ValueKind>,
    /// Made by this profile
    #[arg(long, value_parser = text::<ProfileName>, value_name = "NAME")]
    pub profile: Option<ProfileName>,
    /// In this state: active or used
    #[arg(long, value_parser = text::<ListedState>, value_name = "STATE")]
    pub state: Option<ListedState>,
    /// Made at this time or later (RFC 3339)
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub created_from: Option<Timestamp>,
    /// Made before this time (RFC 3339)
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub created_to: Option<Timestamp>,
    /// With an end before this time (RFC 3339), soonest first
    #[arg(long, value_parser = time, value_name = "TIME")]
    pub expires_before: Option<Timestamp>,
    /// Which page
    #[command(flatten)]
    pub page: PageArguments,
}

impl From<Arguments> for TokenListQuery {
    fn from(arguments: Arguments) -> Self {
        let ListQuery { limit, cursor } = arguments.page.into();
        Self {
            bin: arguments.bin.map(Text),
            last4: arguments.last4.map(Text),
            brand: arguments.brand.map(Text),
            tag: arguments.tag.map(Text),
            alias: arguments.alias.map(Text),
            value_type: arguments.kind.map(Text),
            profile: arguments.profile.map(Text),
            state: arguments.state.map(Text),
            created_from: arguments.created_from.map(Text),
            created_to: arguments.created_to.map(Text),
            expires_before: arguments.expires_before.map(Text),
            limit,
            cursor,
        }
    }
}

/// Lists a page of them.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let list = session.vault()?.list_tokens(&arguments.into()).await?;
    session.show(&list)?;
    session.output().tell_next_page(list.next_cursor.as_deref());
    Ok(())
}
