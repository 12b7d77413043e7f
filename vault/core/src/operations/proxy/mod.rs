//! Values used elsewhere: put into a request to a listed destination, by callers who may not see them.

mod forward;
mod parts;
mod retokenize;

pub use forward::{ForwardBody, ForwardRequest, Forwarded};
