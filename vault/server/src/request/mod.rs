//! A request on its way from the connection to its handler.
//!
//! The order is in [`Edge::serve`] and below it, and nowhere else: a name, **who is it, is there room, where to, what do
//! the headers say**, and only then the body. Nothing that an unknown caller sent is parsed beyond the request line and
//! the trace it claims to belong to.

mod admission;
mod body;
mod congestion;
mod headers;
mod identity;
mod marks;
mod observation;
mod path;
mod received;
mod reply;
mod trace;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::response::Response;
use futures_util::FutureExt;
use http::request::Parts;
use http::{StatusCode, Version};
use http_body::Body as _;
use strongroom_api::{ErrorCode, Route, RouteId};
use strongroom_core::{Call, Vault};
use strongroom_domain::RequestId;

use crate::handlers::Handler;
use crate::listener::TurnedAway;
use crate::problem::Failure;
use crate::router::Limits;
use admission::{Admission, Admitted};
use identity::Known;
use observation::Observation;

pub(crate) use marks::Marks;
pub(crate) use received::Received;
pub(crate) use reply::Reply;

/// What every request passes through.
pub(crate) struct Edge {
    vault: Vault,
    limits: Limits,
    admission: Admission,
    outside: Admission,
}

/// Where a request is going, by its path alone.
#[derive(Clone)]
pub(crate) enum Place {
    /// To a path of the table, with the calls that are there.
    Path(Arc<[Endpoint]>),
    /// To no path of the table.
    Nowhere,
}

/// A call and what carries it out.
pub(crate) struct Endpoint {
    pub(crate) route: &'static Route,
    pub(crate) handler: Handler,
    pub(crate) marks: Arc<Marks>,
}

impl Edge {
    pub(crate) fn new(vault: Vault, limits: Limits) -> Self {
        let (admission, outside) =
            (Admission::inside(limits.in_flight), Admission::outside(limits.in_flight));
        Self { vault, admission, outside, limits }
    }

    /// Answers a request, whatever it is. Every answer carries the request's name, and every request leaves one line in
    /// the log and its mark in the metrics, also when its caller goes away before the answer.
    pub(crate) async fn serve(self: Arc<Self>, place: Place, request: Request) -> Response {
        let Ok(request_id) = self.vault.new_request_id() else {
            tracing::error!("a request could not be given a name");
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            return response;
        };
        let (parts, body) = request.into_parts();
        let is_http_1 = parts.version < Version::HTTP_2;
        let mut observation = Observation::begin(&request_id, &place, &parts);
        let answering =
            AssertUnwindSafe(self.answer(&place, parts, body, &request_id, &mut observation)).catch_unwind();
        let outcome = answering.await.unwrap_or_else(|_panic| Err(Failure::internal("the handler panicked")));
        match outcome {
            Ok((reply, admitted)) => reply.into_response(&request_id, observation, admitted),
            Err(failure) => {
                observation.failed(&failure);
                // A body that was not read stands in the way of the next request on the connection.
                let is_unread = failure.code() == ErrorCode::Unauthenticated || !observation.has_read_body();
                let retry_after = failure.retry_after().unwrap_or(self.limits.retry_after);
                let mut refusal = reply::refusal(&failure, &request_id, retry_after, is_unread && is_http_1);
                if failure.code() == ErrorCode::Overloaded {
                    refusal.extensions_mut().insert(TurnedAway);
                }
                observation.sent(refusal.body().size_hint().lower());
                refusal
            }
        }
    }

    async fn answer(
        &self,
        place: &Place,
        mut parts: Parts,
        body: Body,
        request_id: &RequestId,
        observation: &mut Observation,
    ) -> Result<(Reply, Admitted), Failure> {
        if body.is_end_stream() {
            observation.read_body(0);
        }
        let Known { principal, origin } = identity::authenticate(&parts.extensions, self.vault.now())?;
        observation.known(&principal);
        let waits_outside = place.waits_outside();
        let house = if waits_outside { &self.outside } else { &self.admission };
        let mut admitted = match house.admit(principal.tenant()) {
            Ok(admitted) => admitted,
            Err(failure) => {
                // A connection costs its caller and the vault far more than a small body: it is kept for the next try.
                if let Some(length) = body::discard_if_small(body).await {
                    observation.read_body(length);
                }
                return Err(failure);
            }
        };

        path::refuse_ambiguous(parts.uri.path())?;
        let Endpoint { route, handler, .. } = place.endpoint(&parts.method)?;
        let stated = headers::read(route, &parts.headers)?;
        let parameters = RawPathParams::from_request_parts(&mut parts, &())
            .await
            .map_err(|_| Failure::internal("the path's parameters could not be read"))?;

        let body = body::read(body, stated.content_length, route.body_cap, self.limits.body_deadline).await?;
        observation.read_body(body.len());
        let received = Received {
            vault: self.vault.clone(),
            call: Call {
                principal,
                request_id: request_id.clone(),
                trace_id: observation.trace_id().cloned(),
                origin: Some(origin),
            },
            parameters,
            once: stated.idempotency_key.map(|key| (key, format!("{} {}", route.method, parts.uri.path()))),
            uri: parts.uri,
            body,
        };
        let began = Instant::now();
        let replied = handler(received).await;
        if !waits_outside {
            admitted.took(began.elapsed());
        }
        Ok((replied?, admitted))
    }
}

impl Place {
    /// Whether what is there waits for somebody outside the vault.
    fn waits_outside(&self) -> bool {
        match self {
            Self::Path(endpoints) => endpoints.iter().any(|endpoint| endpoint.route.id == RouteId::Forward),
            Self::Nowhere => false,
        }
    }

    fn endpoint(&self, method: &http::Method) -> Result<&Endpoint, Failure> {
        let Self::Path(endpoints) = self else { return Err(Failure::not_found()) };
        endpoints.iter().find(|endpoint| endpoint.route.method == method.as_str()).ok_or_else(|| {
            let methods: Vec<_> = endpoints.iter().map(|endpoint| endpoint.route.method).collect();
            Failure::method_not_allowed(&methods)
        })
    }
}
