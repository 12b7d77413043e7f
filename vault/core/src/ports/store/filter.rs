use strongroom_domain::{
    Bin, Brand, IbanEnding, ProfileName, Tag, TenantId, Timestamp, TokenState, ValueKind,
};

use super::{TokenCursor, TokenRow};

/// Which of a tenant's tokens are looked for; everything given must match. Tombstones never do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenFilter {
    /// Cards with these first six digits.
    pub bin: Option<Bin>,
    /// Cards or bank accounts whose last four digits or characters are these.
    pub last_four: Option<IbanEnding>,
    /// Cards of this scheme.
    pub brand: Option<Brand>,
    /// With this tag.
    pub tag: Option<Tag>,
    /// Values of this kind.
    pub kind: Option<ValueKind>,
    /// Made by this profile.
    pub profile: Option<ProfileName>,
    /// In this state.
    pub state: Option<TokenState>,
    /// Made at this time or later.
    pub created_from: Option<Timestamp>,
    /// Made before this time.
    pub created_to: Option<Timestamp>,
    /// With an end, before this time. The list is then ordered by end, soonest first.
    pub expires_before: Option<Timestamp>,
}

impl TokenFilter {
    /// Where a row stands in the list.
    pub fn position(&self, row: &TokenRow) -> TokenCursor {
        let at = match self.expires_before {
            Some(_) => row.expires_at.unwrap_or(row.created_at),
            None => row.created_at,
        };
        TokenCursor { at, token: row.token.clone() }
    }

    /// Whether it is one of the tenant's that are looked for.
    pub fn matches(&self, tenant: &TenantId, row: &TokenRow) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, there: Option<&T>) -> bool {
            wanted.is_none_or(|wanted| there == Some(wanted))
        }
        row.tenant == *tenant
            && row.state != TokenState::Deleted
            && is(self.bin.as_ref(), row.shown.bin().as_ref())
            && is(self.last_four.as_ref(), row.shown.ending().as_ref())
            && is(self.brand.as_ref(), row.shown.brand().as_ref())
            && is(self.kind.as_ref(), Some(&row.shown.kind()))
            && is(self.profile.as_ref(), Some(&row.profile))
            && is(self.state.as_ref(), Some(&row.state))
            && self.tag.as_ref().is_none_or(|tag| row.tags.contains(tag))
            && self.created_from.is_none_or(|from| row.created_at >= from)
            && self.created_to.is_none_or(|to| row.created_at < to)
            && self.expires_before.is_none_or(|before| row.expires_at.is_some_and(|end| end < before))
    }
}
