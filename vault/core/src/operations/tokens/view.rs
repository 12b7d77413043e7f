use std::collections::BTreeSet;
use std::num::NonZeroU32;

use strongroom_crypto::fingerprint_v1::Fingerprint;
use strongroom_domain::{Alias, ProfileName, Shown, Tag, Timestamp, Token, TokenState};

use super::Metadata;
use crate::ports::store::TokenRow;

/// What may be known of a token without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    /// The token.
    pub token: Token,
    /// The profile it was made by.
    pub profile: ProfileName,
    /// What may be known of the value.
    pub shown: Shown,
    /// Its other names.
    pub aliases: BTreeSet<Alias>,
    /// Its labels.
    pub tags: BTreeSet<Tag>,
    /// Equal for equal values in the profile's scope; present where the value was at hand.
    pub fingerprint: Option<Fingerprint>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is as good as gone.
    pub expires_at: Option<Timestamp>,
    /// How often the value may be revealed; without end if `None`.
    pub max_uses: Option<NonZeroU32>,
    /// How often it was revealed, if that is counted.
    pub uses: u32,
    /// Where it is in its life.
    pub state: TokenState,
    /// The caller's own pairs.
    pub metadata: Metadata,
}

/// The token a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokenized {
    /// The token.
    pub token: TokenView,
    /// Whether it was made now; otherwise the value had it before.
    pub created: bool,
    /// When the security code that came with the card is gone at the latest.
    pub security_code_expires_at: Option<Timestamp>,
}

impl TokenView {
    /// Whether revealing the full value uses it up.
    pub fn is_single_use(&self) -> bool {
        self.max_uses == Some(NonZeroU32::MIN)
    }

    pub(in crate::operations) fn of(
        row: &TokenRow,
        metadata: Metadata,
        fingerprint: Option<Fingerprint>,
    ) -> Self {
        Self {
            token: row.token.clone(),
            profile: row.profile.clone(),
            shown: row.shown,
            aliases: row.aliases.clone(),
            tags: row.tags.clone(),
            fingerprint,
            created_at: row.created_at,
            expires_at: row.expires_at,
            max_uses: row.max_uses,
            uses: row.uses,
            state: row.state,
            metadata,
        }
    }
}
