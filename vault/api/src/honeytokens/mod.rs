//! Honeytokens: tokens that nobody has business with.

mod create;
mod view;

pub use create::CreateHoneytoken;
pub use view::HoneytokenView;
