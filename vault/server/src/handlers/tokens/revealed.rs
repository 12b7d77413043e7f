use strongroom_api::tokens::{DetokenizedToken, RevealedCard, ValueType};
use strongroom_api::{SecretText, Text};
use strongroom_core::Revealed;
use strongroom_domain::{Expiry, Holder, Pan};

/// Onto the wire: the one way a card number takes out of the vault.
pub(super) fn revealed(value: Revealed) -> DetokenizedToken {
    let (number, expiry, holder) = match value.card {
        strongroom_core::RevealedCard::Masked { number, expiry } => (SecretText::new(number), expiry, None),
        strongroom_core::RevealedCard::Full { number, expiry, holder } => {
            (full_number(&number), expiry, holder.as_ref().map(name_of))
        }
    };
    DetokenizedToken {
        token: Text(value.token),
        value_type: ValueType::Card,
        card: RevealedCard {
            number,
            exp_month: expiry.map(Expiry::month),
            exp_year: expiry.map(Expiry::year),
            holder,
        },
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the caller was permitted the whole number and the record of it is durable; it goes into the answer"
)]
fn full_number(number: &Pan) -> SecretText {
    let digits = number.expose_digits();
    let mut text = String::with_capacity(digits.len());
    text.extend(digits.iter().copied().map(char::from));
    SecretText::new(text)
}

#[expect(clippy::disallowed_methods, reason = "shown with the whole number, for the same reason")]
fn name_of(holder: &Holder) -> SecretText {
    SecretText::new(holder.secret().expose().clone())
}
