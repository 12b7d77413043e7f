use strongroom_api::SecretText;
use strongroom_api::tokens::{ExpiryError, TokenValue, ValueFieldError};
use strongroom_core::{CardInput, ValueInput, VaultError};

/// Off the wire.
pub(in crate::handlers) fn value_input(
    sent: Result<TokenValue, ValueFieldError>,
) -> Result<ValueInput, VaultError> {
    let misfit = |_| {
        VaultError::Invalid(
            "the type and the value belong together: card or encrypted_card, bank_account, identity_number or text, and only that one",
        )
    };
    match sent.map_err(misfit)? {
        TokenValue::Card(card) => {
            let expiry = card.expiry().map_err(|error| match error {
                ExpiryError::Incomplete => {
                    VaultError::Invalid("exp_month and exp_year belong together: give both or none")
                }
                ExpiryError::Range(error) => VaultError::Card(error),
            })?;
            let (number, holder) = (card.number.into_secret(), card.holder.map(SecretText::into_secret));
            Ok(ValueInput::Card(CardInput { number, expiry, holder }))
        }
        TokenValue::EncryptedCard(jwe) => Ok(ValueInput::EncryptedCard(jwe.into_secret())),
        TokenValue::BankAccount(account) => Ok(ValueInput::BankAccount {
            iban: account.iban.into_secret(),
            holder: account.holder.map(SecretText::into_secret),
        }),
        TokenValue::IdentityNumber(number) => Ok(ValueInput::IdentityNumber {
            number: number.number.into_secret(),
            country: number.country.map(|country| country.0),
        }),
        TokenValue::Text(text) => Ok(ValueInput::Text(text.into_secret())),
    }
}
