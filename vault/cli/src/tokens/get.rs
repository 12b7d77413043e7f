//! `strongroom tokens get`

use clap::Args;
use strongroom_domain::Token;

use crate::arguments::text;
use crate::failure::Failure;
use crate::session::Session;

/// Which token.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The token
    #[arg(value_parser = text::<Token>)]
    pub token: Token,
}

/// Shows it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    session.show(&session.vault()?.get_token(&arguments.token).await?)
}
