//! Keys: making, showing and rotating them. Using them is [`crate::crypto`].

mod create;
mod value_format;
mod view;

pub use create::{CreateKey, DEFAULT_ROTATION_DAYS};
pub use value_format::ValueFormatInput;
pub use view::{KeyVersionView, KeyView};
