use strongroom_crypto::fingerprint_v1::Fingerprint;
use strongroom_domain::{Bin, Brand, Expiry, LastFour, ProfileName, Timestamp, Token, TokenState};

use super::Metadata;
use crate::ports::store::TokenRow;

/// What may be known of a token without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenView {
    /// The token.
    pub token: Token,
    /// The profile it was made by.
    pub profile: ProfileName,
    /// What may be known of the card.
    pub card: CardView,
    /// Equal for equal values in the profile's scope; present where the value was at hand.
    pub fingerprint: Option<Fingerprint>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is as good as gone.
    pub expires_at: Option<Timestamp>,
    /// Whether revealing the value uses it up.
    pub single_use: bool,
    /// Where it is in its life.
    pub state: TokenState,
    /// The caller's own pairs.
    pub metadata: Metadata,
}

/// What may be known of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardView {
    /// Card scheme.
    pub brand: Brand,
    /// First six digits.
    pub bin: Bin,
    /// Last four digits.
    pub last_four: LastFour,
    /// When the card expires.
    pub expiry: Option<Expiry>,
}

/// The token a value was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokenized {
    /// The token.
    pub token: TokenView,
    /// Whether it was made now; otherwise the value had it before.
    pub created: bool,
}

impl TokenView {
    pub(super) fn of(row: &TokenRow, metadata: Metadata, fingerprint: Option<Fingerprint>) -> Self {
        Self {
            token: row.token.clone(),
            profile: row.profile.clone(),
            card: CardView {
                brand: row.brand,
                bin: row.bin,
                last_four: row.last_four,
                expiry: row.card_expiry,
            },
            fingerprint,
            created_at: row.created_at,
            expires_at: row.expires_at,
            single_use: row.single_use,
            state: row.state,
            metadata,
        }
    }
}
