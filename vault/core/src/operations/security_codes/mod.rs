//! Card security codes: handed in, filled into an authorisation by the egress proxy, destroyed with its result. Nobody is shown
//! one.

mod consume;
mod input;
mod open;
mod place;
mod put;

pub use consume::AuthorisationResult;
pub use input::SecurityCodeInput;

pub(crate) use consume::forget;
pub(crate) use input::{CheckedSecurityCode, NOT_A_CARD};
pub(crate) use open::open_security_code;
pub(crate) use put::seal_security_code;
