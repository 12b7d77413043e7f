use strongroom_api::Text;
use strongroom_api::tokens::{CardView, Metadata, TokenView, ValueType};
use strongroom_core::VaultError;
use strongroom_domain::Expiry;

/// Onto the wire.
pub(super) fn view(token: &strongroom_core::TokenView) -> Result<TokenView, VaultError> {
    let card = &token.card;
    Ok(TokenView {
        token: Text(token.token.clone()),
        value_type: ValueType::Card,
        profile: Text(token.profile.clone()),
        card: CardView {
            brand: Text(card.brand),
            bin: Text(card.bin),
            last4: Text(card.last_four),
            exp_month: card.expiry.map(Expiry::month),
            exp_year: card.expiry.map(Expiry::year),
        },
        fingerprint: token.fingerprint.map(|fingerprint| fingerprint.to_string()),
        state: Text(token.state),
        created_at: Text(token.created_at),
        expires_at: token.expires_at.map(Text),
        single_use: token.single_use,
        metadata: Metadata::new(token.metadata.pairs().clone())
            .map_err(|_| VaultError::Internal("stored metadata does not have the form of the contract"))?,
    })
}
