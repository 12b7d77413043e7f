//! Identities and their appointments to roles. Each is a record with who, why, until when, and when it was last used.

mod create;
mod disable;
mod get;
mod grant;
mod list;
mod revoke;
mod velocity_limits;
mod view;

pub use create::NewIdentity;
pub use grant::NewGrant;
pub use velocity_limits::VelocityLimitsView;
pub use view::{GrantView, IdentityView};

use strongroom_domain::Timestamp;

use crate::VaultError;

/// Reasons and names of people go into tables and onto screens: bounded, one line, no control characters.
pub(crate) fn check_reason(reason: &str) -> Result<(), VaultError> {
    if (1..=256).contains(&reason.chars().count()) && !reason.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(VaultError::Invalid("reason must be 1 to 256 characters without control characters"))
    }
}

pub(super) fn check_expiry(expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), VaultError> {
    if expires_at.is_some_and(|end| end <= now) {
        return Err(VaultError::Invalid("expires_at must be in the future"));
    }
    Ok(())
}
