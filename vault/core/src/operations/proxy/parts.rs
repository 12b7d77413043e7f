use strongroom_domain::{Card, Expiry, Secret, Value};
use zeroize::Zeroize;

use super::forward::Used;
use crate::ports::egress::Part;

/// What stands in a placeholder's place; none if the value has no such part.
pub(super) fn part_of(used: &Used, part: Part) -> Option<Secret<String>> {
    if part == Part::SecurityCode {
        return used.security_code.as_ref().map(|code| copy(code.secret()));
    }
    match &used.value {
        Value::Card(card) => of_card(card, part),
        Value::BankAccount(account) => match part {
            Part::Value => Some(copy(account.iban.secret())),
            Part::Holder => account.holder.as_ref().map(|holder| copy(holder.secret())),
            _ => None,
        },
        Value::IdentityNumber(number) => (part == Part::Value).then(|| copy(number.secret())),
        Value::Text(text) => (part == Part::Value).then(|| copy(text.secret())),
    }
}

fn of_card(card: &Card, part: Part) -> Option<Secret<String>> {
    let of_expiry = |write: fn(Expiry) -> String| card.expiry.map(|expiry| Secret::new(write(expiry)));
    match part {
        Part::Number => number(card),
        Part::ExpMonth => of_expiry(|expiry| expiry.month().to_string()),
        Part::ExpMonth2 => of_expiry(|expiry| format!("{:02}", expiry.month())),
        Part::ExpYear => of_expiry(|expiry| format!("{:04}", expiry.year())),
        Part::ExpYear2 => of_expiry(|expiry| format!("{:02}", expiry.year() % 100)),
        Part::Holder => card.holder.as_ref().map(|holder| copy(holder.secret())),
        Part::Brand => Some(Secret::new(card.number.brand().as_str().to_owned())),
        Part::Bin => Some(Secret::new(card.number.bin().to_string())),
        Part::LastFour => Some(Secret::new(card.number.last_four().to_string())),
        // No code is kept with a card: it comes from elsewhere.
        Part::SecurityCode | Part::Value => None,
    }
}

#[expect(clippy::disallowed_methods, reason = "the number goes into the request to the destination")]
fn number(card: &Card) -> Option<Secret<String>> {
    std::str::from_utf8(card.number.expose_digits()).ok().map(|digits| Secret::new(digits.to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "the value goes into the request to the destination")]
fn copy<T: Zeroize + AsRef<str>>(secret: &Secret<T>) -> Secret<String> {
    Secret::new(secret.expose().as_ref().to_owned())
}
