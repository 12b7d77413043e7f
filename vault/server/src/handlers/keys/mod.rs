//! Keys: making, showing and rotating them. Using them is [`super::crypto`].

mod create;
mod get;
mod list;
mod rotate;
mod view;

pub(crate) use create::create;
pub(crate) use get::get;
pub(crate) use list::list;
pub(crate) use rotate::rotate;
