use std::time::Duration;

use strongroom_domain::{Brand, Secret, SecurityCode};

use crate::VaultError;
use crate::security_codes::{DEFAULT_TIME_TO_LIVE, LONGEST_TIME_TO_LIVE};

/// A security code as it was sent.
pub struct SecurityCodeInput {
    /// Three or four digits.
    pub code: Secret<String>,
    /// For how long, if not for 15 minutes.
    pub ttl: Option<Duration>,
}

/// A security code that can be the card's, and for how long it is kept.
pub(crate) struct CheckedSecurityCode {
    pub(super) code: SecurityCode,
    pub(super) ttl: Duration,
}

impl CheckedSecurityCode {
    /// Checks a code against the brand of its card: of one that is not known here, both lengths may be.
    pub(crate) fn of(sent: &Secret<String>, ttl: Option<Duration>, brand: Brand) -> Result<Self, VaultError> {
        #[expect(clippy::disallowed_methods, reason = "parsed into the type that keeps it secret")]
        let code = SecurityCode::parse(sent.expose().clone())?;
        code.fits(brand)?;
        Ok(Self { code, ttl: time_to_live(ttl)? })
    }
}

fn time_to_live(requested: Option<Duration>) -> Result<Duration, VaultError> {
    match requested {
        None => Ok(DEFAULT_TIME_TO_LIVE),
        Some(ttl) if ttl >= Duration::from_secs(1) && ttl <= LONGEST_TIME_TO_LIVE => Ok(ttl),
        Some(_) => Err(VaultError::Invalid("a security code is kept for 1 to 3600 seconds")),
    }
}

/// What is said where there is no card.
pub(crate) const NOT_A_CARD: VaultError = VaultError::Invalid("only a card has a security code");
