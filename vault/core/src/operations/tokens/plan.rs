//! From what a caller sent to what is to be done about it: everything that needs no database.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use strongroom_crypto::fingerprint_v1::Fingerprint;
use strongroom_domain::{Alias, KeyVersion, Reuse, Secret, Tag, TenantId, TokenProfile, Value};

use super::input::Parsed;
use super::named::check_counts;
use super::{Metadata, NewToken};
use crate::VaultError;
use crate::operations::security_codes::{CheckedSecurityCode, NOT_A_CARD};
use crate::ports::store::FingerprintKey;
use crate::registry::{Snapshot, TenantState, WorkingKey};
use crate::vault::Core;

/// One value on its way to a token.
pub(super) struct Plan<'a> {
    pub(super) profile: &'a TokenProfile,
    pub(super) value: Value,
    pub(super) metadata: &'a Metadata,
    pub(super) aliases: &'a BTreeSet<Alias>,
    pub(super) tags: &'a BTreeSet<Tag>,
    pub(super) ttl: Option<Duration>,
    pub(super) max_uses: Option<NonZeroU32>,
    pub(super) security_code: Option<CheckedSecurityCode>,
    /// With the current key version, for the answer. Left out where so few card numbers are left that it and what stands
    /// beside it would say which.
    pub(super) fingerprint: Option<Fingerprint>,
    /// With every version under which an older token of the same value may stand, newest first.
    pub(super) known_as: Vec<FingerprintKey>,
}

/// The tenant's fingerprint keys, newest first.
pub(super) type FingerprintKeys = [(KeyVersion, std::sync::Arc<WorkingKey>)];

/// Checks a request and works out its fingerprints.
pub(super) async fn plan<'a>(
    core: &Core,
    snapshot: &Snapshot,
    request: &'a NewToken,
    state: &'a TenantState,
    keys: &FingerprintKeys,
) -> Result<Plan<'a>, VaultError> {
    let profile = state.profile(&request.profile)?;
    let Parsed { value, security_code: encrypted } =
        request.value.parse(core, snapshot, state, profile).await?;
    let max_uses = if profile.single_use { Some(NonZeroU32::MIN) } else { request.max_uses };
    if max_uses.is_some() && (profile.reuse == Reuse::Deterministic || !profile.reversible) {
        return Err(VaultError::Invalid(
            "single_use and max_uses need a profile that is random and reversible",
        ));
    }
    check_counts(&request.aliases, &request.tags)?;
    let security_code = security_code(request, encrypted, &value, profile)?;
    let known_as = fingerprint_keys(&value, &state.tenant, profile, keys);
    let current = known_as.first().ok_or(VaultError::IntegrityFailure)?;
    Ok(Plan {
        profile,
        metadata: &request.metadata,
        aliases: &request.aliases,
        tags: &request.tags,
        ttl: time_to_live(request.ttl, profile.ttl)?,
        max_uses,
        security_code,
        fingerprint: shown_fingerprint(current, &value, profile, core.settings.least_card_numbers),
        known_as,
        value,
    })
}

/// The fingerprint as it may stand in an answer. Whoever keeps it beside a truncated number keeps a pair like a
/// deterministic token and that number.
pub(super) fn shown_fingerprint(
    key: &FingerprintKey,
    value: &Value,
    profile: &TokenProfile,
    least_card_numbers: u64,
) -> Option<Fingerprint> {
    let may_show = match value {
        Value::Card(card) => profile.card_numbers_left(card.number.len()) >= least_card_numbers,
        _ => true,
    };
    may_show.then(|| Fingerprint::from_bytes(key.fingerprint))
}

/// The security code beside the card, or the one that the client encrypted with it.
fn security_code(
    request: &NewToken,
    encrypted: Option<Secret<String>>,
    value: &Value,
    profile: &TokenProfile,
) -> Result<Option<CheckedSecurityCode>, VaultError> {
    let code = match (&request.security_code, &encrypted) {
        (Some(_), Some(_)) => {
            return Err(VaultError::Invalid("the security code is encrypted with the card: give it once"));
        }
        (None, None) if request.security_code_ttl.is_some() => {
            return Err(VaultError::Invalid("security_code_ttl_seconds needs a security_code"));
        }
        (None, None) => return Ok(None),
        (Some(code), None) | (None, Some(code)) => code,
    };
    if !profile.reversible {
        // Without a number there is nothing that it could authorise.
        return Err(VaultError::TokenNotReversible);
    }
    let Value::Card(card) = value else { return Err(NOT_A_CARD) };
    CheckedSecurityCode::of(code, request.security_code_ttl, card.number.brand()).map(Some)
}

/// The fingerprints of a value in the profile's scope, one per key version. Values of different kinds are never equal.
pub(super) fn fingerprint_keys(
    value: &Value,
    tenant: &TenantId,
    profile: &TokenProfile,
    keys: &FingerprintKeys,
) -> Vec<FingerprintKey> {
    let (class, identity) = (value.kind().as_str(), value.identity());
    keys.iter()
        .map(|(version, working)| FingerprintKey {
            scope: profile.scope.clone(),
            key_version: *version,
            fingerprint: *working
                .fingerprint
                .fingerprint(tenant, profile.scope_name(), class, identity)
                .as_bytes(),
        })
        .collect()
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
