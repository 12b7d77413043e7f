//! Tokens: making, finding, revealing and ending them.

mod create;
mod create_batch;
mod delete;
mod detokenize;
mod detokenize_batch;
mod get;
mod input;
mod list;
mod revealed;
mod search;
mod security_code;
mod update;
mod view;

pub(crate) use create::create;
pub(crate) use create_batch::create_batch;
pub(crate) use delete::delete;
pub(crate) use detokenize::detokenize;
pub(crate) use detokenize_batch::detokenize_batch;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use search::search;
pub(crate) use security_code::{put_security_code, report_authorisation};
pub(crate) use update::update;

pub(super) use create::status_of;
pub(super) use input::value_input;
pub(super) use revealed::exported;

use std::collections::BTreeSet;

use strongroom_api::tokens::DEFAULT_PROFILE;
use strongroom_api::{ProfileNameText, Text};
use strongroom_core::VaultError;
use strongroom_domain::ProfileName;

/// A set off the wire.
pub(super) fn values<T: Ord>(texts: Vec<Text<T>>) -> BTreeSet<T> {
    texts.into_iter().map(|text| text.0).collect()
}

/// The profile that was named, or the one every tenant has.
pub(super) fn profile_or_default(named: Option<ProfileNameText>) -> Result<ProfileName, VaultError> {
    match named {
        Some(name) => Ok(name.0),
        None => Ok(ProfileName::parse(DEFAULT_PROFILE)?),
    }
}
