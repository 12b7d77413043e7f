//! The hosted card field: a listener of its own that serves the files of `vault/client/browser` and one tenant's public
//! keys, to anybody, and nothing else. It knows no route of the API, reads no body and tells no two callers apart but by
//! address; whatever else is asked for is not there.

mod files;
mod keys;
mod origin;
mod rate;

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use strongroom_core::VaultError;

use crate::authn::Peer;
use crate::listener::TurnedAway;
use files::Files;
use keys::PublishedKeys;
pub use origin::Origin;
use rate::Rate;

/// Serves the field to pages of these merchants. `fetch` gives the keys to publish, newest first, when it is told those
/// that were published before.
pub fn router<Fetching>(
    merchants: &[Origin],
    requests_per_second_per_address: u32,
    fetch: impl Fn(Vec<String>) -> Fetching + Send + Sync + 'static,
) -> Result<Router, &'static str>
where
    Fetching: Future<Output = Result<Vec<String>, VaultError>> + Send + 'static,
{
    let hosted = Arc::new(HostedField {
        files: Files::embedded(merchants)?,
        keys: PublishedKeys::new(fetch),
        rate: Rate::of(requests_per_second_per_address),
    });
    Ok(Router::new().fallback(move |request: Request| {
        let hosted = Arc::clone(&hosted);
        // Nobody reads a body here: it is dropped with the connection's own limits.
        let (head, _) = request.into_parts();
        async move { hosted.answer(&head).await }
    }))
}

struct HostedField {
    files: Files,
    keys: PublishedKeys,
    rate: Rate,
}

impl HostedField {
    async fn answer(&self, request: &Parts) -> Response {
        let origin = request.extensions.get::<Arc<Peer>>().map(|peer| peer.origin.ip());
        let (file, response) = self.respond(request, origin).await;
        let status = response.status().as_str().to_owned();
        metrics::counter!("strongroom_hosted_field_requests_total", "file" => file, "status" => status)
            .increment(1);
        response
    }

    /// The answer, and the name of the file it is about: one of a fixed list.
    async fn respond(&self, request: &Parts, origin: Option<IpAddr>) -> (&'static str, Response) {
        if origin.is_some_and(|origin| !self.rate.takes(origin, Instant::now())) {
            let mut response = refusal(StatusCode::TOO_MANY_REQUESTS, header::RETRY_AFTER, "1");
            response.extensions_mut().insert(TurnedAway);
            return (NONE, response);
        }
        if !matches!(request.method, Method::GET | Method::HEAD) {
            return (NONE, refusal(StatusCode::METHOD_NOT_ALLOWED, header::ALLOW, "GET, HEAD"));
        }
        let found = match request.uri.query() {
            None => self.files.find(request.uri.path()),
            Some(_) => None,
        };
        let Some((file, headers)) = found else {
            return (NONE, refusal(StatusCode::NOT_FOUND, header::CACHE_CONTROL, "no-store"));
        };
        let (body, etag) = match &file.content {
            Some((body, etag)) => (body.clone(), etag.clone()),
            None => match self.keys.current().await {
                Some(keys) => (keys.body.clone(), keys.etag.clone()),
                None => {
                    return (file.name, refusal(StatusCode::SERVICE_UNAVAILABLE, header::RETRY_AFTER, "5"));
                }
            },
        };
        let mut response = Response::new(Body::empty());
        response.headers_mut().extend(headers.clone());
        response.headers_mut().insert(header::ETAG, etag.clone());
        if is_known(&request.headers, &etag) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return (file.name, response);
        }
        response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
        if request.method == Method::GET {
            *response.body_mut() = Body::from(body);
        }
        (file.name, response)
    }
}

/// For requests that are about none of the files.
const NONE: &str = "none";

fn refusal(status: StatusCode, name: HeaderName, value: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

/// Whether the caller has this version (RFC 9110, section 13.1.2: compared weakly).
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let Ok(etag) = etag.to_str() else { return false };
    let listed = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    listed
        .flat_map(|list| list.split(','))
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests;
