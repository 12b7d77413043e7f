//! `strongroom tokens update`

use clap::Args;
use strongroom_api::Text;
use strongroom_api::tokens::UpdateToken;
use strongroom_domain::{Timestamp, Token};

use crate::arguments::{pair, text};
use crate::failure::Failure;
use crate::session::Session;

/// What to change.
#[derive(Debug, Args)]
#[group(id = "change", required = true, multiple = true, args = ["metadata", "no_metadata", "expires_at", "never_expires"])]
pub struct Arguments {
    /// The token
    #[arg(value_parser = text::<Token>)]
    pub token: Token,
    /// All metadata from now on; may be given more than once
    #[arg(long, value_parser = pair, value_name = "NAME=VALUE", conflicts_with = "no_metadata")]
    pub metadata: Vec<(String, String)>,
    /// No metadata from now on
    #[arg(long)]
    pub no_metadata: bool,
    /// When the token is to end (RFC 3339)
    #[arg(long, value_parser = time, value_name = "TIME", conflicts_with = "never_expires")]
    pub expires_at: Option<Timestamp>,
    /// The token is not to end
    #[arg(long)]
    pub never_expires: bool,
}

fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse_rfc3339(text)
        .ok_or_else(|| "must be an RFC 3339 time, such as 2027-01-31T00:00:00Z".to_owned())
}

/// Changes it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let changes_metadata = arguments.no_metadata || !arguments.metadata.is_empty();
    let update = UpdateToken {
        metadata: changes_metadata.then(|| super::create::metadata(arguments.metadata)).transpose()?,
        expires_at: match (arguments.never_expires, arguments.expires_at) {
            (true, _) => Some(None),
            (false, Some(end)) => Some(Some(Text(end))),
            (false, None) => None,
        },
    };
    session.show(&session.vault()?.update_token(&arguments.token, &update).await?)
}
