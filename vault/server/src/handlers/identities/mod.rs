//! Identities and what they are appointed to.

mod create;
mod disable;
mod get;
mod grant;
mod list;
mod revoke;
mod velocity_limits;
mod view;

pub(crate) use create::create;
pub(crate) use disable::disable;
pub(crate) use get::get;
pub(crate) use grant::grant;
pub(crate) use list::list;
pub(crate) use revoke::revoke;
pub(crate) use velocity_limits::{get_velocity_limits, set_velocity_limits};
