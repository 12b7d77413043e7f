use futures_util::Stream;
use strongroom_api::honeytokens::{CreateHoneytoken, HoneytokenView};
use strongroom_api::{List, ListQuery, RouteId};

use crate::{Client, ClientError, pages, query};

/// Tokens that nobody has business with.
impl Client {
    /// Marks a token: from now on each use of it raises an alarm.
    pub async fn create_honeytoken(&self, request: &CreateHoneytoken) -> Result<HoneytokenView, ClientError> {
        self.post(RouteId::CreateHoneytoken, &[], request).await
    }

    /// One page of the tenant's honeytokens, without the tokens.
    pub async fn list_honeytokens(&self, page: &ListQuery) -> Result<List<HoneytokenView>, ClientError> {
        self.get(RouteId::ListHoneytokens, &[], query::of_list(page)).await
    }

    /// All of the tenant's honeytokens.
    pub fn honeytokens(&self) -> impl Stream<Item = Result<HoneytokenView, ClientError>> + use<> {
        pages::all(self.clone(), RouteId::ListHoneytokens, Vec::new())
    }

    /// Takes a mark away, by its id (`hny_…`).
    pub async fn withdraw_honeytoken(&self, honeytoken: &str) -> Result<HoneytokenView, ClientError> {
        self.post_nothing(RouteId::WithdrawHoneytoken, &[honeytoken]).await
    }
}
