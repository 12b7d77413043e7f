//! `strongroom tokens get`

use clap::Args;
use strongroom_domain::TokenReference;

use crate::arguments::text;
use crate::failure::Failure;
use crate::session::Session;

/// Which token.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The token, or alias: and one of its aliases
    #[arg(value_parser = text::<TokenReference>)]
    pub token: TokenReference,
}

/// Shows it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    session.show(&session.vault()?.get_token(&arguments.token).await?)
}
