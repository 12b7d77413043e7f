use strongroom_api::SecretText;
use strongroom_api::grpc::v1;
use strongroom_api::tokens::{DetokenizedToken, RevealedCard};
use strongroom_core::{DetokenizeRequest, Revealed, VaultError};
use strongroom_domain::{DetokenizationPurpose, EncryptTo, Reveal, TokenReference};
use zeroize::Zeroizing;

use super::{ItemCall, text};
use crate::handlers::tokens::revealed;
use crate::problem::Failure;
use crate::request::Asked;

/// `TokenService.DetokenizeToken` and `TokenService.DetokenizeTokens`.
pub(crate) struct Detokenization;

impl ItemCall for Detokenization {
    type Request = v1::DetokenizeTokenRequest;
    type Common = (DetokenizationPurpose, Reveal, Option<EncryptTo>);
    type Item = Result<TokenReference, VaultError>;
    type Output = Revealed;
    type Response = v1::DetokenizeTokenResponse;
    type StreamResponse = v1::DetokenizeTokensResponse;

    fn read(request: v1::DetokenizeTokenRequest) -> Result<(Self::Common, Self::Item), Failure> {
        let purpose = named("DETOKENIZATION_PURPOSE_", request.purpose().as_str_name());
        let reveal = named("REVEAL_", request.reveal().as_str_name());
        let purpose = text("/purpose", &purpose)?.0;
        let reveal = text("/reveal", &reveal)?.0;
        let encrypt_to = request.encrypt_to.map(|to| text("/encrypt_to", &to)).transpose()?;
        // It may be anything, a card number by mistake.
        let presented = Zeroizing::new(request.token);
        // What is no token goes down like one that is not there, so that whoever tries is on record.
        let token = TokenReference::parse(&presented).map_err(|_| VaultError::NotFound);
        Ok(((purpose, reveal, encrypt_to.map(|to| to.0)), token))
    }

    async fn carry_out(
        asked: &Asked,
        (purpose, reveal, encrypt_to): &Self::Common,
        tokens: Vec<Self::Item>,
    ) -> Result<Vec<Result<Revealed, VaultError>>, VaultError> {
        let encrypt_to = encrypt_to.clone();
        let request = DetokenizeRequest { tokens, purpose: *purpose, reveal: *reveal, encrypt_to };
        asked.vault.detokenize(&asked.call, &request).await
    }

    fn response(value: Revealed) -> Result<v1::DetokenizeTokenResponse, Failure> {
        use v1::detokenize_token_response::Value;
        let DetokenizedToken {
            token,
            value_type: _,
            card,
            bank_account,
            identity_number,
            text,
            encrypted_value,
        } = revealed(value);
        let card = card.map(|card| Value::Card(revealed_card(card)));
        let account = bank_account.map(|account| {
            let holder = account.holder.map(onto_the_wire);
            Value::BankAccount(v1::RevealedBankAccount { iban: onto_the_wire(account.iban), holder })
        });
        let number = identity_number.map(|number| {
            let country = number.country.map(|country| country.to_string());
            Value::IdentityNumber(v1::RevealedIdentityNumber {
                number: onto_the_wire(number.number),
                country,
            })
        });
        let text = text.map(|text| Value::Text(onto_the_wire(text)));
        let value = card.or(account).or(number).or(text);
        let value = value.or_else(|| encrypted_value.map(Value::EncryptedValue));
        Ok(v1::DetokenizeTokenResponse { token: token.as_str().to_owned(), value })
    }

    fn result(
        index: u64,
        result: Result<v1::DetokenizeTokenResponse, v1::Problem>,
    ) -> v1::DetokenizeTokensResponse {
        use v1::detokenize_tokens_response::Result as Came;
        v1::DetokenizeTokensResponse { index, result: Some(result.map_or_else(Came::Error, Came::Done)) }
    }
}

fn revealed_card(card: RevealedCard) -> v1::RevealedCard {
    v1::RevealedCard {
        number: onto_the_wire(card.number),
        exp_month: card.exp_month.map(u32::from),
        exp_year: card.exp_year.map(u32::from),
        holder: card.holder.map(onto_the_wire),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the caller was permitted the value and the record of it is durable; it goes into the message that is sent"
)]
fn onto_the_wire(text: SecretText) -> String {
    text.secret().expose().clone()
}

/// A value of an enumeration by the domain's name for it: `REVEAL_MASKED` is `masked`.
fn named(prefix: &str, value: &str) -> String {
    value.strip_prefix(prefix).unwrap_or_default().to_lowercase().replace('_', "-")
}
