//! What carries out the calls: a folder per resource, a file per verb. Each takes the wire apart into the words of the
//! field, has the vault do it, and puts the result back on the wire. Who may do it is not decided here: the vault's
//! pipeline asks.

pub(crate) mod audit;
pub(crate) mod crypto;
mod cursor;
pub(crate) mod documents;
pub(crate) mod encryption_keys;
pub(crate) mod honeytokens;
pub(crate) mod identities;
pub(crate) mod keys;
pub(crate) mod openapi;
mod page;
pub(crate) mod profiles;
pub(crate) mod proxy;
mod rendered;
pub(crate) mod status;
pub(crate) mod tokens;

use std::future::Future;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;

use crate::problem::Failure;
use crate::request::{Received, Reply};

/// What carries out a call.
pub(crate) type Handler = Arc<dyn Fn(Received) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// What comes of it.
pub(crate) type Outcome = Result<Reply, Failure>;

/// A call with neither body nor query.
pub(crate) fn plain<F>(call: fn(Received) -> F) -> Handler
where
    F: Future<Output = Outcome> + Send + 'static,
{
    Arc::new(move |received| {
        Box::pin(async move {
            received.refuse_query()?;
            call(received).await
        })
    })
}

/// A call with a body, which is read before the handler sees the request.
pub(crate) fn taking<B, F>(call: fn(Received, B) -> F) -> Handler
where
    B: DeserializeOwned + Send + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    Arc::new(move |received| {
        Box::pin(async move {
            received.refuse_query()?;
            let body = received.parse_body()?;
            call(received, body).await
        })
    })
}

/// A call with a query.
pub(crate) fn asking<Q, F>(call: fn(Received, Q) -> F) -> Handler
where
    Q: DeserializeOwned + Send + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    Arc::new(move |received| {
        Box::pin(async move {
            let query = received.parse_query()?;
            call(received, query).await
        })
    })
}
