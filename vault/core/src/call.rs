use strongroom_domain::{Principal, RequestId, TraceId};

/// One request as it arrived: who, and how to find it again.
#[derive(Debug, Clone)]
pub struct Call {
    /// The authenticated caller.
    pub principal: Principal,
    /// The vault's own name for the request.
    pub request_id: RequestId,
    /// The caller's trace, if it sent one.
    pub trace_id: Option<TraceId>,
    /// The address it came from.
    pub origin: Option<std::net::SocketAddr>,
}
