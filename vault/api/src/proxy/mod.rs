//! `POST /v1/proxy`.

mod forward;
mod tokens;

pub use forward::{ForwardHeader, ForwardRequest, ForwardedAnswer};
pub use tokens::TokensByName;
