//! Public keys to which values leave encrypted for an identity.

mod create;
mod list;
mod revoke;
mod view;

pub(crate) use create::create;
pub(crate) use list::list;
pub(crate) use revoke::revoke;
