//! Honeytokens: tokens that nobody has business with. Each use of one raises an alarm.
//!
//! A honeytoken is made by a service like any other token and then marked. The mark is a digest under a key that the
//! database does not hold, and no record of the marking names the token: callers, readers of the database and those who list
//! the marks all see a token like its neighbours.

mod create;
mod list;
mod view;
mod withdraw;

pub use create::NewHoneytoken;
pub use view::HoneytokenView;
