//! TLS 1.3 and nothing older, client certificates required, one list of authorities: our own.
//!
//! There are no session tickets: a resumed session would skip the check of the client's certificate. A new set of
//! files takes effect as a whole or not at all, and connections made under the old one are told to end.

mod material;
mod server;

pub use material::{Material, PublicMaterial};
pub use server::ServerTls;

#[cfg(test)]
pub(crate) mod fixtures;
