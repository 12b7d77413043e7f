//! Identities and what they are appointed to.

mod create;
mod grant;
mod reason;
mod view;

pub use create::CreateIdentity;
pub use grant::CreateGrant;
pub use reason::Reason;
pub use view::{GrantView, IdentityView};
