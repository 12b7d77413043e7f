//! What is told of a request outside its answer: one line in the log, its mark in the metrics. Names and numbers only:
//! never the path as it came, the query, or anything of a body, since tokens and worse stand there.

use std::sync::Arc;
use std::time::Instant;

use http::Method;
use http::request::Parts;
use strongroom_domain::{Principal, RequestId, TraceId};

use super::marks::Marks;
use super::{Place, trace};
use crate::problem::Failure;

/// A request as it is being observed. Tells when dropped, so that one whose caller went away is told of as well.
pub(super) struct Observation {
    request_id: RequestId,
    trace_id: Option<TraceId>,
    principal: Option<Principal>,
    route: &'static str,
    marks: Arc<Marks>,
    path: &'static str,
    method: &'static str,
    started: Instant,
    received: Option<usize>,
    sent: u64,
    status: u16,
    code: &'static str,
    cause: Option<&'static str>,
}

/// The status of those who did not wait for one.
const WENT_AWAY: u16 = 499;
/// What requests to nowhere are counted under.
const NO_ROUTE: &str = "none";

impl Observation {
    pub(super) fn begin(request_id: &RequestId, place: &Place, parts: &Parts) -> Self {
        let (path, route) = match place {
            Place::Path(endpoints) => {
                let route = endpoints.iter().find(|endpoint| endpoint.route.method == parts.method.as_str());
                let route = route.map(|endpoint| (endpoint.route.id.as_str(), &endpoint.marks));
                (endpoints.first().map_or("", |endpoint| endpoint.route.path), route)
            }
            Place::Method(endpoint) => (endpoint.path, Some((endpoint.label, &endpoint.marks))),
            Place::Nowhere => ("", None),
        };
        Self {
            request_id: request_id.clone(),
            trace_id: trace::trace_id(&parts.headers),
            principal: None,
            route: route.map_or(NO_ROUTE, |(name, _)| name),
            marks: route.map_or_else(|| Arc::new(Marks::of(NO_ROUTE)), |(_, marks)| Arc::clone(marks)),
            path,
            method: name_of(&parts.method),
            started: Instant::now(),
            received: None,
            sent: 0,
            status: WENT_AWAY,
            code: "went_away",
            cause: None,
        }
    }

    pub(super) fn known(&mut self, principal: &Principal) {
        self.principal = Some(principal.clone());
    }

    pub(super) const fn trace_id(&self) -> Option<&TraceId> {
        self.trace_id.as_ref()
    }

    pub(super) const fn read_body(&mut self, length: usize) {
        self.received = Some(length);
    }

    pub(super) const fn has_read_body(&self) -> bool {
        self.received.is_some()
    }

    pub(super) const fn succeeded(&mut self, status: u16) {
        self.status = status;
        self.code = "ok";
    }

    pub(super) const fn sent(&mut self, bytes: u64) {
        self.sent = self.sent.saturating_add(bytes);
    }

    pub(super) fn failed(&mut self, failure: &Failure) {
        self.status = failure.code().status();
        self.code = failure.code().as_str();
        self.cause = failure.cause();
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        let duration = self.started.elapsed();
        self.marks.request(self.status, self.code, duration);
        macro_rules! tell {
            ($level:ident) => {
                tracing::$level!(
                    request_id = self.request_id.as_str(),
                    trace_id = self.trace_id.as_ref().map(TraceId::as_str),
                    tenant = self.principal.as_ref().map(|principal| principal.tenant().as_str()),
                    service = self.principal.as_ref().map(|principal| principal.id.service().as_str()),
                    route = self.route,
                    method = self.method,
                    path = self.path,
                    status = self.status,
                    code = self.code,
                    cause = self.cause,
                    duration_microseconds = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX),
                    bytes_received = self.received,
                    bytes_sent = self.sent,
                    "request"
                )
            };
        }
        if self.status == 500 {
            tell!(error);
        } else {
            tell!(info);
        }
    }
}

/// Methods are free text to whoever sends them.
fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
