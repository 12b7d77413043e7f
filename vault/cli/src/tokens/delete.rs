//! `strongroom tokens delete`

use clap::Args;
use strongroom_domain::TokenReference;

use crate::arguments::text;
use crate::failure::Failure;
use crate::session::Session;

/// Which tokens.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The tokens, each as itself or as alias: and one of its aliases
    #[arg(required = true, value_parser = text::<TokenReference>)]
    pub tokens: Vec<TokenReference>,
}

/// Ends them, in their order; stops at the first that fails.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let vault = session.vault()?;
    for (done, token) in arguments.tokens.iter().enumerate() {
        if let Err(error) = vault.delete_token(token).await {
            let failure = Failure::from(error);
            let several = arguments.tokens.len() > 1;
            return Err(if several { failure.and(&format!("{done} deleted before it")) } else { failure });
        }
    }
    session.output().note(&format!("deleted: {}", arguments.tokens.len()));
    Ok(())
}
