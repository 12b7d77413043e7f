//! Tokens: a value goes in, something that stands for it comes out, and back.

mod choose;
mod create;
mod delete;
mod detokenize;
mod encrypted_card;
mod get;
mod input;
mod list;
mod live;
mod metadata;
mod named;
mod plan;
mod search;
mod update;
mod value;
mod view;

pub(in crate::operations) use create::CreateTokens;
pub use create::NewToken;
pub use detokenize::{DetokenizeRequest, Revealed, RevealedValue};
pub(in crate::operations) use detokenize::{Found, Work};
pub use input::{CardInput, ValueInput};
pub use list::{TokenPage, TokenQuery};
pub(super) use live::find_live;
pub use metadata::Metadata;
pub use named::SetChange;
pub use update::TokenUpdate;
pub use view::{TokenView, Tokenized};

pub(in crate::operations) use live::live;
pub(in crate::operations) use named::find_named;
