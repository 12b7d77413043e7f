//! Tokens that nobody has business with.

mod create;
mod list;
mod view;
mod withdraw;

pub(crate) use create::create;
pub(crate) use list::list;
pub(crate) use withdraw::withdraw;
