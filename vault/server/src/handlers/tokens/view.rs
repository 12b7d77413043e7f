use std::num::NonZeroU32;

use strongroom_api::Text;
use strongroom_api::tokens::{BankAccountView, CardView, IdentityNumberView, Metadata, TokenView};
use strongroom_core::{Tokenized, VaultError};
use strongroom_domain::{Expiry, Shown};

/// Onto the wire, with what is said of the security code that came with the card.
pub(in crate::handlers) fn created_view(done: &Tokenized) -> Result<TokenView, VaultError> {
    Ok(TokenView { security_code_expires_at: done.security_code_expires_at.map(Text), ..view(&done.token)? })
}

/// Onto the wire.
pub(super) fn view(token: &strongroom_core::TokenView) -> Result<TokenView, VaultError> {
    let metadata = Metadata::new(token.metadata.pairs().clone())
        .map_err(|_| VaultError::Internal("stored metadata does not have the form of the contract"))?;
    let mut view = TokenView {
        token: Text(token.token.clone()),
        value_type: Text(token.shown.kind()),
        profile: Text(token.profile.clone()),
        card: None,
        bank_account: None,
        identity_number: None,
        fingerprint: token.fingerprint.map(|fingerprint| fingerprint.to_string()),
        state: Text(token.state),
        created_at: Text(token.created_at),
        expires_at: token.expires_at.map(Text),
        security_code_expires_at: None,
        single_use: token.is_single_use(),
        max_uses: token.max_uses.map(NonZeroU32::get),
        uses: token.max_uses.map(|_| token.uses),
        metadata,
        aliases: token.aliases.iter().cloned().map(Text).collect(),
        tags: token.tags.iter().cloned().map(Text).collect(),
    };
    match token.shown {
        Shown::Card { brand, bin, last_four, expiry } => {
            view.card = Some(CardView {
                brand: brand.map(Text),
                bin: bin.map(Text),
                last4: last_four.map(Text),
                exp_month: expiry.map(Expiry::month),
                exp_year: expiry.map(Expiry::year),
            });
        }
        Shown::BankAccount { country, ending } => {
            view.bank_account = Some(BankAccountView { country: Text(country), last4: ending.to_string() });
        }
        Shown::IdentityNumber { country } => {
            view.identity_number = Some(IdentityNumberView { country: country.map(Text) });
        }
        Shown::Text => {}
    }
    Ok(view)
}
