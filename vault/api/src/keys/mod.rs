//! Keys: making, showing and rotating them. Using them is [`crate::crypto`].

mod create;
mod view;

pub use create::{CreateKey, DEFAULT_ROTATION_DAYS};
pub use view::{KeyVersionView, KeyView};
