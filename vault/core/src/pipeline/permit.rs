//! Permission as a value. Only this module's parent can mint one, and it is spent by move.

use std::sync::Arc;

use strongroom_domain::{Action, CertificateSerial, NodeName, RequestId, TenantId, TraceId};

use crate::Call;

/// The right to do one thing once. It cannot be built, copied or cloned outside the pipeline; the committer takes it by
/// value, so nothing is written and nothing released without one, and not twice with the same.
///
/// ```compile_fail
/// # fn twice(permit: strongroom_core::Permit) {
/// let first = permit.spend();
/// let second = permit.spend();
/// # }
/// ```
#[derive(Debug)]
pub struct Permit {
    actor: Actor,
    action: &'static str,
    request_id: RequestId,
    trace_id: Option<TraceId>,
    origin: Option<std::net::SocketAddr>,
}

/// A permit that has been used; only good for the record.
#[derive(Debug)]
pub struct SpentPermit(pub(crate) Permit);

#[derive(Debug)]
pub(crate) enum Actor {
    Caller {
        tenant: TenantId,
        id: Arc<str>,
        certificate: CertificateSerial,
    },
    /// A caller whom a record is about that no request of its own carries.
    Watched {
        tenant: TenantId,
        id: Arc<str>,
    },
    Node(NodeName),
}

impl Permit {
    /// Uses it up.
    pub fn spend(self) -> SpentPermit {
        SpentPermit(self)
    }

    pub(super) fn mint(call: &Call, action: Action) -> Self {
        Self {
            actor: Actor::Caller {
                tenant: call.principal.tenant().clone(),
                id: Arc::clone(call.principal.id.uri()),
                certificate: call.principal.certificate.clone(),
            },
            action: action.as_str(),
            request_id: call.request_id.clone(),
            trace_id: call.trace_id.clone(),
            origin: call.origin,
        }
    }

    pub(super) fn mint_for_node(node: &NodeName, action: &'static str, request_id: RequestId) -> Self {
        Self { actor: Actor::Node(node.clone()), action, request_id, trace_id: None, origin: None }
    }

    pub(super) fn mint_for_watched(
        tenant: &TenantId,
        id: &Arc<str>,
        action: &'static str,
        request_id: RequestId,
    ) -> Self {
        let actor = Actor::Watched { tenant: tenant.clone(), id: Arc::clone(id) };
        Self { actor, action, request_id, trace_id: None, origin: None }
    }

    pub(crate) const fn actor(&self) -> &Actor {
        &self.actor
    }

    pub(crate) const fn action(&self) -> &'static str {
        self.action
    }

    pub(crate) const fn request_id(&self) -> &RequestId {
        &self.request_id
    }

    pub(crate) const fn trace_id(&self) -> Option<&TraceId> {
        self.trace_id.as_ref()
    }

    pub(crate) const fn origin(&self) -> Option<std::net::SocketAddr> {
        self.origin
    }
}
