//! The calls, a file per resource.

mod audit;
mod crypto;
mod documents;
mod honeytokens;
mod identities;
mod keys;
mod profiles;
mod proxy;
mod status;
mod tokens;

pub use audit::AuditExport;

use serde::Serialize;
use serde::de::DeserializeOwned;
use strongroom_api::RouteId;

use crate::query::Pairs;
use crate::transport::Call;
use crate::{Client, ClientError};

impl Client {
    async fn get<T: DeserializeOwned>(
        &self,
        id: RouteId,
        parameters: &[&str],
        query: Pairs,
    ) -> Result<T, ClientError> {
        self.transport.send(Call::new(id, parameters).query(query), None).await
    }

    async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        id: RouteId,
        parameters: &[&str],
        body: &B,
    ) -> Result<T, ClientError> {
        let call = Call::new(id, parameters).body(body)?;
        self.transport.send(call, self.idempotency_key.as_ref()).await
    }

    async fn post_nothing<T: DeserializeOwned>(
        &self,
        id: RouteId,
        parameters: &[&str],
    ) -> Result<T, ClientError> {
        self.transport.send(Call::new(id, parameters), self.idempotency_key.as_ref()).await
    }
}
