use strongroom_domain::{TenantId, Timestamp, Token, TokenReference, TokenState};

use super::named::find_named;
use crate::VaultError;
use crate::ports::store::TokenRow;
use crate::vault::Core;

/// The row, if the token may still be used. Time decides here, at the moment of reading, whether or not anything has
/// removed the row since.
pub(in crate::operations) fn live(row: Option<TokenRow>, now: Timestamp) -> Result<TokenRow, VaultError> {
    let row = row.ok_or(VaultError::NotFound)?;
    check_live(&row, now)?;
    Ok(row)
}

/// Whether the token may still be used.
pub(super) fn check_live(row: &TokenRow, now: Timestamp) -> Result<(), VaultError> {
    match row.state {
        TokenState::Deleted => Err(VaultError::NotFound),
        TokenState::Used => Err(VaultError::TokenUsed),
        TokenState::Active if row.expires_at.is_some_and(|end| end <= now) => Err(VaultError::TokenExpired),
        TokenState::Active => Ok(()),
    }
}

/// Whether it can be a token of this vault at all. Most guesses and typing errors end here, without a question to the
/// database, and with the answer of a token that does not exist.
pub(super) fn plausible(token: &Token) -> Result<(), VaultError> {
    if !token.is_opaque() || strongroom_crypto::token_v1::checksum_is_right(token) {
        Ok(())
    } else {
        Err(VaultError::NotFound)
    }
}

/// The token that the tenant names so, if it may still be used.
pub(in crate::operations) async fn find_live(
    core: &Core,
    tenant: &TenantId,
    reference: &TokenReference,
) -> Result<TokenRow, VaultError> {
    live(find_named(core.store(), tenant, reference).await?, core.clock().now())
}
