use futures_util::Stream;
use strongroom_api::tokens::{
    AuthorisationResult, CreateToken, CreateTokens, CreatedToken, DetokenizeToken, DetokenizeTokens,
    DetokenizedItem, DetokenizedToken, PresentedToken, PutSecurityCode, ReportAuthorisation, SearchTokens,
    SecurityCodeKept, TokenListQuery, TokenView, UpdateToken,
};
use strongroom_api::{Batch, List, RouteId, Text};
use strongroom_domain::{DetokenizationPurpose, EncryptTo, Reveal, TokenReference};

use crate::transport::Call;
use crate::{Client, ClientError, pages, query};

/// Tokens. Wherever one is named, one of its aliases will do ([`TokenReference`]).
impl Client {
    /// Turns a value into a token.
    pub async fn create_token(&self, request: &CreateToken) -> Result<TokenView, ClientError> {
        self.post(RouteId::CreateToken, &[], request).await
    }

    /// Turns up to 1,000 values into tokens, each on its own.
    pub async fn create_tokens(&self, request: &CreateTokens) -> Result<Batch<CreatedToken>, ClientError> {
        self.post(RouteId::CreateTokens, &[], request).await
    }

    /// What is known of a token without its value.
    pub async fn get_token(&self, token: impl Into<TokenReference>) -> Result<TokenView, ClientError> {
        self.get(RouteId::GetToken, &[&token.into().to_string()], Vec::new()).await
    }

    /// One page of the tenant's tokens that match, without their values.
    pub async fn list_tokens(&self, wanted: &TokenListQuery) -> Result<List<TokenView>, ClientError> {
        self.get(RouteId::ListTokens, &[], query::of_tokens(wanted)).await
    }

    /// All of the tenant's tokens that match, without their values.
    pub fn tokens(
        &self,
        wanted: &TokenListQuery,
    ) -> impl Stream<Item = Result<TokenView, ClientError>> + use<> {
        pages::all(self.clone(), RouteId::ListTokens, query::of_tokens(wanted))
    }

    /// Changes a token's metadata, end, aliases and tags.
    pub async fn update_token(
        &self,
        token: impl Into<TokenReference>,
        update: &UpdateToken,
    ) -> Result<TokenView, ClientError> {
        self.post(RouteId::UpdateToken, &[&token.into().to_string()], update).await
    }

    /// Keeps the security code of a token's card until its payment is authorised, in place of any before it. Not tried again
    /// once it may have been carried out: it could bring back a code that has served.
    pub async fn put_security_code(
        &self,
        token: impl Into<TokenReference>,
        request: &PutSecurityCode,
    ) -> Result<SecurityCodeKept, ClientError> {
        self.post(RouteId::PutSecurityCode, &[&token.into().to_string()], request).await
    }

    /// Tells how an authorisation ended, and has the security code destroyed. Not tried again once it may have been carried
    /// out: it could destroy the code of the payment after.
    pub async fn report_authorisation(
        &self,
        token: impl Into<TokenReference>,
        result: AuthorisationResult,
    ) -> Result<(), ClientError> {
        let token = token.into().to_string();
        let parameters = [token.as_str()];
        let call =
            Call::new(RouteId::ReportAuthorisation, &parameters).body(&ReportAuthorisation { result })?;
        self.transport.send_plain(call).await
    }

    /// Ends a token and its value.
    pub async fn delete_token(&self, token: impl Into<TokenReference>) -> Result<(), ClientError> {
        self.transport.send_plain(Call::new(RouteId::DeleteToken, &[&token.into().to_string()])).await
    }

    /// The value of a token, for a purpose.
    pub async fn detokenize_token(
        &self,
        token: impl Into<TokenReference>,
        purpose: DetokenizationPurpose,
        reveal: Reveal,
    ) -> Result<DetokenizedToken, ClientError> {
        let request = DetokenizeToken { purpose: Text(purpose), reveal: Text(reveal), encrypt_to: None };
        self.post(RouteId::DetokenizeToken, &[&token.into().to_string()], &request).await
    }

    /// The whole value of a token, for a purpose, encrypted to one of the caller's keys: what carries the answer cannot read it.
    pub async fn detokenize_token_encrypted(
        &self,
        token: impl Into<TokenReference>,
        purpose: DetokenizationPurpose,
        encrypt_to: &EncryptTo,
    ) -> Result<DetokenizedToken, ClientError> {
        let encrypt_to = Some(Text(encrypt_to.clone()));
        let request = DetokenizeToken { purpose: Text(purpose), reveal: Text(Reveal::Full), encrypt_to };
        self.post(RouteId::DetokenizeToken, &[&token.into().to_string()], &request).await
    }

    /// The values of up to 1,000 tokens, each on its own, for one purpose.
    pub async fn detokenize_tokens(
        &self,
        tokens: &[TokenReference],
        purpose: DetokenizationPurpose,
        reveal: Reveal,
    ) -> Result<Batch<DetokenizedItem>, ClientError> {
        let items = tokens.iter().map(PresentedToken::from).collect();
        let request =
            DetokenizeTokens { purpose: Text(purpose), reveal: Text(reveal), encrypt_to: None, items };
        self.post(RouteId::DetokenizeTokens, &[], &request).await
    }

    /// The whole values of up to 1,000 tokens, each on its own, for one purpose, encrypted to one of the caller's keys.
    pub async fn detokenize_tokens_encrypted(
        &self,
        tokens: &[TokenReference],
        purpose: DetokenizationPurpose,
        encrypt_to: &EncryptTo,
    ) -> Result<Batch<DetokenizedItem>, ClientError> {
        let items = tokens.iter().map(PresentedToken::from).collect();
        let (reveal, encrypt_to) = (Text(Reveal::Full), Some(Text(encrypt_to.clone())));
        let request = DetokenizeTokens { purpose: Text(purpose), reveal, encrypt_to, items };
        self.post(RouteId::DetokenizeTokens, &[], &request).await
    }

    /// The tokens of a value.
    pub async fn search_tokens(&self, request: &SearchTokens) -> Result<List<TokenView>, ClientError> {
        self.post(RouteId::SearchTokens, &[], request).await
    }
}
