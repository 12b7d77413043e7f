use strongroom_api::grpc::v1::create_token_request::Value;
use strongroom_api::grpc::{v1, write_message};
use strongroom_api::tokens::{
    BankAccountInput, CardInput, CreateToken, IdentityNumberInput, Metadata, TokenValue, TokenView,
};
use strongroom_api::{InText, SecretText, Text};
use strongroom_core::{Answer, Idempotency, NewToken, Tokenized, VaultError};

use super::{ItemCall, text};
use crate::handlers::rendered::rendered;
use crate::handlers::tokens::{created_view, new_token, status_of};
use crate::problem::Failure;
use crate::request::{Asked, RawMessage, frame, unless_refused};

/// `TokenService.CreateToken`: once for an idempotency key.
pub(crate) async fn create_token(
    asked: Asked,
    mut request: v1::CreateTokenRequest,
) -> Result<RawMessage, Failure> {
    // Written anew: maps come in any order, and the same request must be recognised. Without the security code, of which not
    // even a digest may be kept.
    let code = request.security_code.take();
    let canonical = write_message(&request);
    request.security_code = code;
    let ((), item) = Creation::read(request)?;
    let request_id = &asked.call.request_id;
    let render = |results: &Vec<Result<Tokenized, VaultError>>| {
        let refused = |error: VaultError| rendered(request_id, 0, Err::<(), _>(error));
        match results.as_slice() {
            [Ok(done)] => match response(done) {
                Ok(response) => Answer { status: status_of(done), body: frame(&[response]).to_vec() },
                Err(error) => refused(error),
            },
            [Err(error)] => refused(error.clone()),
            _ => refused(VaultError::Internal("one value gave not one token")),
        }
    };
    let once =
        asked.once.as_ref().map(|(key, target)| Idempotency { key: key.clone(), target, body: &canonical });
    let answer = asked.vault.tokenize(&asked.call, vec![item], once, render).await?;
    Ok(unless_refused(answer)?.body.into())
}

/// `TokenService.CreateTokens`.
pub(crate) struct Creation;

impl ItemCall for Creation {
    type Request = v1::CreateTokenRequest;
    type Common = ();
    /// What a rule refuses is on record like any refusal.
    type Item = Result<NewToken, VaultError>;
    type Output = Tokenized;
    type Response = v1::CreateTokenResponse;
    type StreamResponse = v1::CreateTokensResponse;

    fn read(request: v1::CreateTokenRequest) -> Result<((), Self::Item), Failure> {
        let item = wanted(request)?.map_or(Err(NO_VALUE), |mut wanted| {
            let code = wanted.security_code.take();
            new_token(wanted, code)
        });
        Ok(((), item))
    }

    async fn carry_out(
        asked: &Asked,
        (): &(),
        items: Vec<Self::Item>,
    ) -> Result<Vec<Result<Tokenized, VaultError>>, VaultError> {
        asked.vault.tokenize_each(&asked.call, items).await
    }

    fn response(done: Tokenized) -> Result<v1::CreateTokenResponse, Failure> {
        Ok(response(&done)?)
    }

    fn result(index: u64, result: Result<v1::CreateTokenResponse, v1::Problem>) -> v1::CreateTokensResponse {
        use v1::create_tokens_response::Result as Made;
        v1::CreateTokensResponse { index, result: Some(result.map_or_else(Made::Error, Made::Done)) }
    }
}

const NO_VALUE: VaultError = VaultError::Invalid(
    "a value is missing: one of card, encrypted_card, bank_account, identity_number and text",
);

/// The same request as REST has it; nothing if it has no value.
fn wanted(request: v1::CreateTokenRequest) -> Result<Option<CreateToken>, Failure> {
    let value = match request.value {
        None => None,
        Some(Value::Card(card)) => Some(TokenValue::Card(card_input(card)?)),
        Some(Value::EncryptedCard(jwe)) => Some(TokenValue::EncryptedCard(SecretText::new(jwe))),
        Some(Value::BankAccount(account)) => Some(TokenValue::BankAccount(BankAccountInput {
            iban: SecretText::new(account.iban),
            holder: account.holder.map(SecretText::new),
        })),
        Some(Value::IdentityNumber(number)) => Some(TokenValue::IdentityNumber(IdentityNumberInput {
            country: number.country.map(|code| text("/identity_number/country", &code)).transpose()?,
            number: SecretText::new(number.number),
        })),
        Some(Value::Text(text)) => Some(TokenValue::Text(SecretText::new(text))),
    };
    let metadata = Metadata::new(request.metadata).map_err(|error| Failure::misfit("/metadata", error))?;
    let profile = request.profile.map(|name| text("/profile", &name)).transpose()?;
    let aliases = texts("/aliases", &request.aliases)?;
    let tags = texts("/tags", &request.tags)?;
    Ok(value.map(|value| CreateToken {
        profile,
        ttl_seconds: request.ttl_seconds,
        single_use: request.single_use,
        max_uses: request.max_uses,
        security_code: request.security_code.map(SecretText::new),
        security_code_ttl_seconds: request.security_code_ttl_seconds,
        metadata,
        aliases,
        tags,
        ..CreateToken::of(value)
    }))
}

fn card_input(card: v1::CardInput) -> Result<CardInput, Failure> {
    Ok(CardInput {
        exp_month: card.exp_month.map(|month| small("/card/exp_month", month)).transpose()?,
        exp_year: card.exp_year.map(|year| small("/card/exp_year", year)).transpose()?,
        number: SecretText::new(card.number),
        holder: card.holder.map(SecretText::new),
    })
}

fn texts<T: InText>(pointer: &str, texts: &[String]) -> Result<Vec<Text<T>>, Failure> {
    texts.iter().enumerate().map(|(place, one)| text(&format!("{pointer}/{place}"), one)).collect()
}

/// A number that JSON would not have taken either.
fn small<T: TryFrom<u32>>(pointer: &str, number: u32) -> Result<T, Failure> {
    T::try_from(number).map_err(|_| Failure::misfit(pointer, "is too large"))
}

fn response(done: &Tokenized) -> Result<v1::CreateTokenResponse, VaultError> {
    Ok(v1::CreateTokenResponse { token: Some(token_view(created_view(done)?)?), created: done.created })
}

/// From what REST shows.
fn token_view(view: TokenView) -> Result<v1::TokenView, VaultError> {
    use v1::token_view::Shown;
    let card = view.card.map(|card| {
        Shown::Card(v1::CardView {
            brand: card.brand.map(|brand| brand.0.write().into_owned()),
            bin: card.bin.map(|bin| bin.0.write().into_owned()),
            last4: card.last4.map(|last4| last4.0.write().into_owned()),
            exp_month: card.exp_month.map(u32::from),
            exp_year: card.exp_year.map(u32::from),
        })
    });
    let account = view.bank_account.map(|account| {
        let country = account.country.0.write().into_owned();
        Shown::BankAccount(v1::BankAccountView { country, last4: account.last4 })
    });
    let number = view.identity_number.map(|number| {
        let country = number.country.map(|country| country.0.write().into_owned());
        Shown::IdentityNumber(v1::IdentityNumberView { country })
    });
    Ok(v1::TokenView {
        token: view.token.0.write().into_owned(),
        shown: card.or(account).or(number),
        r#type: view.value_type.0.write().into_owned(),
        profile: view.profile.0.write().into_owned(),
        fingerprint: view.fingerprint,
        state: view.state.0.write().into_owned(),
        created_at: Some(timestamp(view.created_at.0)?),
        expires_at: view.expires_at.map(|end| timestamp(end.0)).transpose()?,
        single_use: view.single_use,
        max_uses: view.max_uses,
        uses: view.uses,
        security_code_expires_at: view.security_code_expires_at.map(|end| timestamp(end.0)).transpose()?,
        metadata: view.metadata.into_pairs(),
        aliases: view.aliases.iter().map(|alias| alias.0.write().into_owned()).collect(),
        tags: view.tags.iter().map(|tag| tag.0.write().into_owned()).collect(),
    })
}

fn timestamp(time: strongroom_domain::Timestamp) -> Result<prost_types::Timestamp, VaultError> {
    let (seconds, millis) = (time.unix_millis().div_euclid(1000), time.unix_millis().rem_euclid(1000));
    let nanos = i32::try_from(millis * 1_000_000).map_err(|_| VaultError::Internal("a time out of range"))?;
    Ok(prost_types::Timestamp { seconds, nanos })
}
