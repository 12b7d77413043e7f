//! Keys: made, rotated, looked at. Their material is never part of an answer.

mod create;
mod get;
mod list;
mod material;
mod rotate;
mod view;

pub use create::NewKey;
pub use view::{KeyVersionView, KeyView};

pub(crate) use material::{new_key_id, new_version};
