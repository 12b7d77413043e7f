use strongroom_api::tokens::{DetokenizedToken, RevealedBankAccount, RevealedCard, RevealedIdentityNumber};
use strongroom_api::{SecretText, Text};
use strongroom_core::{Revealed, RevealedValue};
use strongroom_domain::{Card, Expiry, Holder, Pan, Secret, Shown, Token, Value, ValueKind};

/// Onto the wire: the one way a value takes out of the vault.
pub(super) fn revealed(revealed: Revealed) -> DetokenizedToken {
    let kind = match &revealed.value {
        RevealedValue::Masked { shown, .. } => shown.kind(),
        RevealedValue::Full(value) => value.kind(),
        RevealedValue::Encrypted { kind, .. } => *kind,
    };
    let mut answer = empty(revealed.token, kind);
    match revealed.value {
        RevealedValue::Masked { text, shown } => masked(SecretText::new(text), shown, &mut answer),
        RevealedValue::Full(value) => full(&value, &mut answer),
        RevealedValue::Encrypted { jwe, .. } => answer.encrypted_value = Some(jwe),
    }
    answer
}

/// Into a part of an export, which is encrypted to its receiver.
pub(in crate::handlers) fn exported(token: Token, value: &Value) -> DetokenizedToken {
    let mut answer = empty(token, value.kind());
    full(value, &mut answer);
    answer
}

const fn empty(token: Token, kind: ValueKind) -> DetokenizedToken {
    DetokenizedToken {
        token: Text(token),
        value_type: Text(kind),
        card: None,
        bank_account: None,
        identity_number: None,
        text: None,
        encrypted_value: None,
    }
}

fn masked(text: SecretText, shown: Shown, answer: &mut DetokenizedToken) {
    match shown {
        Shown::Card { expiry, .. } => answer.card = Some(card(text, expiry, None)),
        Shown::BankAccount { .. } => {
            answer.bank_account = Some(RevealedBankAccount { iban: text, holder: None });
        }
        Shown::IdentityNumber { country } => {
            let country = country.map(Text);
            answer.identity_number = Some(RevealedIdentityNumber { number: text, country });
        }
        Shown::Text => answer.text = Some(text),
    }
}

fn full(value: &Value, answer: &mut DetokenizedToken) {
    match value {
        Value::Card(Card { number, expiry, holder }) => {
            answer.card = Some(card(full_number(number), *expiry, holder.as_ref()));
        }
        Value::BankAccount(account) => {
            let holder = account.holder.as_ref().map(|holder| whole(holder.secret()));
            answer.bank_account = Some(RevealedBankAccount { iban: whole(account.iban.secret()), holder });
        }
        Value::IdentityNumber(number) => {
            let country = number.country.map(Text);
            answer.identity_number = Some(RevealedIdentityNumber { number: whole(number.secret()), country });
        }
        Value::Text(text) => answer.text = Some(whole(text.secret())),
    }
}

fn card(number: SecretText, expiry: Option<Expiry>, holder: Option<&Holder>) -> RevealedCard {
    RevealedCard {
        number,
        exp_month: expiry.map(Expiry::month),
        exp_year: expiry.map(Expiry::year),
        holder: holder.map(|holder| whole(holder.secret())),
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

#[expect(clippy::disallowed_methods, reason = "the caller was permitted the whole value, as above")]
fn whole(text: &Secret<String>) -> SecretText {
    SecretText::new(text.expose().clone())
}
