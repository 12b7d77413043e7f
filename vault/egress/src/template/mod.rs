//! Requests with placeholders for what only the vault knows: `{{card.number}}`.
//!
//! A template is read once. Whatever a value holds when it is put in, the text around it keeps its meaning: each
//! placeholder knows how values are written in its place, and in a place where no way of writing is safe there can be
//! no placeholder. To be sure of the place, the text must be well-formed as what it says it is.

mod body;
mod error;
mod escape;
mod form;
mod header;
mod json;
mod output;
mod placeholder;
mod request;
mod skeleton;
mod text;
mod xml;

pub use body::MediaType;
pub use error::{FillError, FillReason, Place, TemplateError, TemplateReason};
pub use placeholder::{Field, NotATokenName, Placeholder, TokenName, Values};
pub use request::{BodySource, FilledRequest, RequestTemplate, TemplateSource};
