//! Identities and what they are appointed to.

mod create;
mod grant;
mod reason;
mod velocity_limits;
mod view;

pub use create::CreateIdentity;
pub use grant::CreateGrant;
pub use reason::Reason;
pub use velocity_limits::{SetVelocityLimits, VelocityLimit, VelocityLimitsView};
pub use view::{GrantView, IdentityView};
