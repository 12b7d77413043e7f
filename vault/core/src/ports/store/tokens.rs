use std::collections::BTreeSet;
use std::num::NonZeroU32;

use strongroom_domain::{
    Alias, IdempotencyKey, KeyVersion, ProfileName, ScopeName, ServiceName, Shown, Tag, TenantId, Timestamp,
    Token, TokenState,
};

/// A token and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Whose.
    pub tenant: TenantId,
    /// The token; with the tenant, the row's key.
    pub token: Token,
    /// The profile it was made by.
    pub profile: ProfileName,
    /// The sealed value (`envelope_v1`); absent if the profile is one-way or the token has ended.
    pub envelope: Option<Vec<u8>>,
    /// The caller's metadata, sealed (`envelope_v1`); absent if there is none or the token has ended.
    pub metadata_envelope: Option<Vec<u8>>,
    /// What may be known of the value.
    pub shown: Shown,
    /// Its other names. A tombstone keeps them, so that they never come to mean another value.
    pub aliases: BTreeSet<Alias>,
    /// Its labels; none once it is deleted.
    pub tags: BTreeSet<Tag>,
    /// How often the value may be revealed; without end if `None`.
    pub max_uses: Option<NonZeroU32>,
    /// Who made it.
    pub created_by: ServiceName,
    /// When.
    pub created_at: Timestamp,
    /// From when on it is as good as gone, whether or not anything has removed it.
    pub expires_at: Option<Timestamp>,
    /// Where it is in its life.
    pub state: TokenState,
    /// How often the value was revealed, if that is counted.
    pub uses: u32,
    /// 1 at first, one more with each change.
    pub row_version: u32,
}

impl TokenRow {
    /// As it is once it has ended so.
    #[must_use]
    pub fn ended(&self, state: TokenState) -> Self {
        let tags = if state == TokenState::Deleted { BTreeSet::new() } else { self.tags.clone() };
        Self { state, tags, envelope: None, metadata_envelope: None, ..self.revised() }
    }

    /// As it is after a change that is still to be made.
    #[must_use]
    pub fn revised(&self) -> Self {
        Self { row_version: self.row_version.saturating_add(1), ..self.clone() }
    }
}

/// Leads from an alias to a token: at most one such row per tenant and alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasRow {
    /// Whose.
    pub tenant: TenantId,
    /// The alias.
    pub alias: Alias,
    /// The token.
    pub token: Token,
}

/// Leads from a tag to a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagRow {
    /// Whose.
    pub tenant: TenantId,
    /// The tag.
    pub tag: Tag,
    /// When the token was made: tokens of a tag are listed in this order.
    pub created_at: Timestamp,
    /// The token.
    pub token: Token,
}

/// By what equal values are found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FingerprintKey {
    /// Inside which values are compared; `None` is the whole tenant.
    pub scope: Option<ScopeName>,
    /// The version of the tenant's tokenization key it was computed with.
    pub key_version: KeyVersion,
    /// The fingerprint (`fingerprint_v1`).
    pub fingerprint: [u8; 32],
}

/// Leads from a value's fingerprint to a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerprintRow {
    /// Whose.
    pub tenant: TenantId,
    /// The fingerprint.
    pub key: FingerprintKey,
    /// The token.
    pub token: Token,
    /// Whether this token is *the* token of the value: at most one such row per tenant and key.
    pub deterministic: bool,
}

/// A position in a list of a tenant's tokens, which is ordered by creation, or by end if that is asked for, then token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenCursor {
    /// When the last one seen was made, or is to end.
    pub at: Timestamp,
    /// The last one seen.
    pub token: Token,
}

/// The answer to a request that must happen once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    /// Whose.
    pub tenant: TenantId,
    /// Who asked; another service may use the same key for something else.
    pub service: ServiceName,
    /// The caller's key for the request.
    pub key: IdempotencyKey,
    /// The version of the tenant's tokenization key behind `request_digest`.
    pub key_version: KeyVersion,
    /// Keyed digest of the request (`fingerprint_v1`): a request may hold a card number.
    pub request_digest: [u8; 32],
    /// The sealed answer (`envelope_v1`).
    pub answer: Vec<u8>,
    /// When.
    pub created_at: Timestamp,
}
