//! From what a caller sent to what is to be done about it: everything that needs no database.

use std::time::Duration;

use strongroom_crypto::fingerprint_v1::Fingerprint;
use strongroom_domain::{Card, Holder, KeyVersion, LuhnRule, Pan, Reuse, TenantId, TokenProfile};

use super::{CardInput, Metadata, NewToken};
use crate::VaultError;
use crate::ports::store::FingerprintKey;
use crate::registry::{TenantState, WorkingKey};

/// What fingerprints of cards are computed over beside tenant and scope.
pub(super) const CARD_CLASS: &str = "card";

/// One value on its way to a token.
pub(super) struct Plan<'a> {
    pub(super) profile: &'a TokenProfile,
    pub(super) card: Card,
    pub(super) metadata: &'a Metadata,
    pub(super) ttl: Option<Duration>,
    pub(super) single_use: bool,
    /// With the current key version.
    pub(super) fingerprint: Fingerprint,
    /// With every version under which an older token of the same value may stand, newest first.
    pub(super) known_as: Vec<FingerprintKey>,
}

/// The tenant's fingerprint keys, newest first.
pub(super) type FingerprintKeys = [(KeyVersion, std::sync::Arc<WorkingKey>)];

/// Checks a request and works out its fingerprints.
pub(super) fn plan<'a>(
    request: &'a NewToken,
    tenant: &TenantId,
    state: &'a TenantState,
    keys: &FingerprintKeys,
) -> Result<Plan<'a>, VaultError> {
    let profile = state.profile(&request.profile)?;
    let card = parse_card(&request.card, profile.card_check_digit)?;
    let single_use = profile.single_use || request.single_use;
    if single_use && (profile.reuse == Reuse::Deterministic || !profile.reversible) {
        return Err(VaultError::Invalid("single_use needs a profile that is random and reversible"));
    }
    let known_as = fingerprint_keys(&card.number, tenant, profile, keys);
    let current = known_as.first().ok_or(VaultError::IntegrityFailure)?;
    Ok(Plan {
        profile,
        metadata: &request.metadata,
        ttl: time_to_live(request.ttl, profile.ttl)?,
        single_use,
        fingerprint: Fingerprint::from_bytes(current.fingerprint),
        known_as,
        card,
    })
}

/// The fingerprints of a number in the profile's scope, one per key version.
pub(super) fn fingerprint_keys(
    number: &Pan,
    tenant: &TenantId,
    profile: &TokenProfile,
    keys: &FingerprintKeys,
) -> Vec<FingerprintKey> {
    #[expect(clippy::disallowed_methods, reason = "the number enters a keyed hash")]
    let digits = number.expose_digits();
    keys.iter()
        .map(|(version, working)| FingerprintKey {
            scope: profile.scope.clone(),
            key_version: *version,
            fingerprint: *working
                .fingerprint
                .fingerprint(tenant, profile.scope_name(), CARD_CLASS, digits)
                .as_bytes(),
        })
        .collect()
}

/// Reads the number by the profile's rule.
pub(super) fn parse_number(card: &CardInput, rule: LuhnRule) -> Result<Pan, VaultError> {
    #[expect(clippy::disallowed_methods, reason = "parsed into the type that keeps it secret")]
    let number = card.number.expose();
    if strongroom_domain::Token::parse(number).is_ok_and(|token| token.is_opaque()) {
        return Err(VaultError::CardNumberIsToken);
    }
    Ok(Pan::parse(number, rule)?)
}

fn parse_card(input: &CardInput, rule: LuhnRule) -> Result<Card, VaultError> {
    let number = parse_number(input, rule)?;
    let holder = input
        .holder
        .as_ref()
        .map(|holder| {
            #[expect(clippy::disallowed_methods, reason = "parsed into the type that keeps it secret")]
            Holder::parse(holder.expose().clone())
        })
        .transpose()?;
    Ok(Card { number, expiry: input.expiry, holder })
}

/// A request may shorten the profile's time, not lengthen it.
fn time_to_live(
    requested: Option<Duration>,
    profile: Option<Duration>,
) -> Result<Option<Duration>, VaultError> {
    match (requested, profile) {
        (Some(requested), _) if requested < Duration::from_secs(1) || requested > TokenProfile::MAX_TTL => {
            Err(VaultError::Invalid("ttl_seconds must be 1 to 3153600000 (100 years)"))
        }
        (Some(requested), Some(most)) if requested > most => {
            Err(VaultError::Invalid("ttl_seconds must not exceed the profile's"))
        }
        (Some(requested), _) => Ok(Some(requested)),
        (None, most) => Ok(most),
    }
}
