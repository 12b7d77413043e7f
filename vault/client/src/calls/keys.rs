use futures_util::Stream;
use strongroom_api::keys::{CreateKey, KeyView};
use strongroom_api::{List, ListQuery, RouteId};
use strongroom_domain::KeyName;

use crate::{Client, ClientError, pages, query};

/// Keys.
impl Client {
    /// Makes a key.
    pub async fn create_key(&self, request: &CreateKey) -> Result<KeyView, ClientError> {
        self.post(RouteId::CreateKey, &[], request).await
    }

    /// A key and its versions, without material.
    pub async fn get_key(&self, key: &KeyName) -> Result<KeyView, ClientError> {
        self.get(RouteId::GetKey, &[key.as_str()], Vec::new()).await
    }

    /// One page of the tenant's keys.
    pub async fn list_keys(&self, page: &ListQuery) -> Result<List<KeyView>, ClientError> {
        self.get(RouteId::ListKeys, &[], query::of_list(page)).await
    }

    /// All of the tenant's keys.
    pub fn keys(&self) -> impl Stream<Item = Result<KeyView, ClientError>> + use<> {
        pages::all(self.clone(), RouteId::ListKeys, Vec::new())
    }

    /// Makes a new version of a key, which protects from then on.
    pub async fn rotate_key(&self, key: &KeyName) -> Result<KeyView, ClientError> {
        self.post_nothing(RouteId::RotateKey, &[key.as_str()]).await
    }
}
