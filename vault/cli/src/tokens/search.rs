//! `strongroom tokens search`

use std::path::PathBuf;

use clap::Args;
use strongroom_api::Text;
use strongroom_api::tokens::SearchTokens;
use strongroom_domain::ProfileName;

use crate::arguments::text;
use crate::failure::Failure;
use crate::input;
use crate::session::Session;

/// What to find.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File that holds the card number; standard input if absent
    #[arg(long, value_name = "FILE")]
    pub number_file: Option<PathBuf>,
    /// Token profile, whose scope decides what counts as equal
    #[arg(long, value_parser = text::<ProfileName>, value_name = "NAME")]
    pub profile: Option<ProfileName>,
}

/// Finds them.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let vault = session.vault()?;
    let number = input::secret_line("Card number", arguments.number_file.as_deref())?;
    let request = SearchTokens { profile: arguments.profile.map(Text), ..SearchTokens::card(number) };
    session.show(&vault.search_tokens(&request).await?)
}
