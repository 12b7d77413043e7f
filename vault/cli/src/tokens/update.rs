//! `strongroom tokens update`

use clap::Args;
use strongroom_api::Text;
use strongroom_api::tokens::{AliasChange, TagChange, UpdateToken};
use strongroom_domain::{Alias, Tag, Timestamp, TokenReference};

use crate::arguments::{pair, text, time};
use crate::failure::Failure;
use crate::session::Session;

/// What to change.
#[derive(Debug, Args)]
#[group(id = "change", required = true, multiple = true, args = ["metadata", "no_metadata", "expires_at", "never_expires", "add_alias", "remove_alias", "add_tag", "remove_tag"])]
pub struct Arguments {
    /// The token, or alias: and one of its aliases
    #[arg(value_parser = text::<TokenReference>)]
    pub token: TokenReference,
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
    /// Another name for the token; may be given more than once
    #[arg(long, value_parser = text::<Alias>, value_name = "ALIAS")]
    pub add_alias: Vec<Alias>,
    /// A name that it no longer has, and that another token may be given; may be given more than once
    #[arg(long, value_parser = text::<Alias>, value_name = "ALIAS")]
    pub remove_alias: Vec<Alias>,
    /// A label for the token; may be given more than once
    #[arg(long, value_parser = text::<Tag>, value_name = "TAG")]
    pub add_tag: Vec<Tag>,
    /// A label that it no longer has; may be given more than once
    #[arg(long, value_parser = text::<Tag>, value_name = "TAG")]
    pub remove_tag: Vec<Tag>,
}

/// Onto the wire.
pub(super) fn texts<T>(values: Vec<T>) -> Vec<Text<T>> {
    values.into_iter().map(Text).collect()
}

/// Changes it.
pub(super) async fn run(arguments: Arguments, session: &Session) -> Result<(), Failure> {
    let changes_metadata = arguments.no_metadata || !arguments.metadata.is_empty();
    let aliases = AliasChange { add: texts(arguments.add_alias), remove: texts(arguments.remove_alias) };
    let tags = TagChange { add: texts(arguments.add_tag), remove: texts(arguments.remove_tag) };
    let update = UpdateToken {
        aliases: Some(aliases).filter(|change| *change != AliasChange::default()),
        tags: Some(tags).filter(|change| *change != TagChange::default()),
        metadata: changes_metadata.then(|| super::create::metadata(arguments.metadata)).transpose()?,
        expires_at: match (arguments.never_expires, arguments.expires_at) {
            (true, _) => Some(None),
            (false, Some(end)) => Some(Some(Text(end))),
            (false, None) => None,
        },
    };
    session.show(&session.vault()?.update_token(&arguments.token, &update).await?)
}
