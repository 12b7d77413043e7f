//! A vault in memory with two tenants, and callers of every kind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use strongroom_contract::{ManualClock, MemoryHsm, MemoryStore, SeededEntropy};
use strongroom_core::ports::{
    AccessRequest, Approval, ApprovalRequest, ApprovalSubject, Approvals, Clock, Decision, NoEgress, Policy,
};
use strongroom_core::{InitialIdentity, InitialTenant, Ports, Settings, Vault, initialise};
use strongroom_domain::{
    CertificateSerial, NodeName, Principal, Role, ServiceName, SpiffeId, TenantId, Timestamp, TrustDomain,
};
use strongroom_policies::CedarPolicy;
use strongroom_server::authn::{Identified, Peer, Unidentified};
use strongroom_server::router::{Limits, router};
use tower::ServiceExt;

/// The test card of every card scheme's manual.
pub(crate) const CARD: &str = "4111111111111111";

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// A service of a tenant with a certificate that holds: `acme/shop`.
    Service(&'static str),
    /// One whose certificate ended while its connection lived.
    Expired(&'static str),
    /// One whose certificate names nobody here.
    Unidentified(Unidentified),
    /// A connection of which the listener said nothing.
    Nobody,
}

/// Each world has randomness of its own, so that no two requests of all the tests have the same name.
static WORLDS: AtomicU64 = AtomicU64::new(1);

pub(crate) struct World {
    pub(crate) router: Router,
    pub(crate) hsm: Arc<MemoryHsm>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    ports: Ports,
    _vault: Vault,
}

/// An answer, read to its end.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The services of tenant acme and what they may do. Tenant other has a shop too.
const SERVICES: &[(&str, &[Role])] = &[
    ("shop", &[Role::Tokenizer, Role::Detokenizer, Role::Encryptor, Role::Decryptor]),
    ("second", &[Role::Tokenizer]),
    ("keys", &[Role::KeyAdmin]),
    ("people", &[Role::IdentityAdmin]),
    ("auditor", &[Role::Auditor]),
    ("operator", &[Role::Operator]),
    ("gateway", &[Role::Gateway]),
    ("nobody", &[]),
];

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default(), Arc::new(CedarPolicy::load().unwrap())).await
    }

    pub(crate) async fn with(limits: Limits, policy: Arc<dyn Policy>) -> Self {
        Self::open(limits, policy, Settings::new(node("node"))).await
    }

    /// A node that writes so many audit streams.
    pub(crate) async fn with_lanes(commit_lanes: u32) -> Self {
        let settings = Settings { commit_lanes, ..Settings::new(node("node")) };
        Self::open(Limits::default(), Arc::new(CedarPolicy::load().unwrap()), settings).await
    }

    async fn open(limits: Limits, policy: Arc<dyn Policy>, settings: Settings) -> Self {
        let (hsm, store) = (Arc::new(MemoryHsm::new(1)), Arc::new(MemoryStore::new()));
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix_millis(1_795_359_600_000)));
        let ports = Ports {
            hsm: hsm.clone(),
            store: store.clone(),
            policy,
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::new(WORLDS.fetch_add(1, Ordering::SeqCst))),
            witnesses: Vec::new(),
            approvals: Arc::new(OneReceiver),
            egress: Arc::new(NoEgress),
        };
        initialise(ports.clone(), settings.clone(), &trust_domain(), &[tenant("acme"), tenant("other")])
            .await
            .unwrap();
        let vault = Vault::open(ports.clone(), settings).await.unwrap();
        Self { router: router(vault.clone(), limits), hsm, store, clock, ports, _vault: vault }
    }

    /// Another node of the cluster starts, and ends.
    pub(crate) async fn visit_of_node(&self, name: &str) {
        Vault::open(self.ports.clone(), Settings::new(node(name))).await.unwrap().close().await.unwrap();
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, caller: &Caller, mut request: Request<Body>) -> Answered {
        if let Some(peer) = self.peer(caller) {
            request.extensions_mut().insert(Arc::new(peer));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answered { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, service: &'static str, path: &str) -> Answered {
        self.send(&Caller::Service(service), request("GET", path, None)).await
    }

    pub(crate) async fn post(&self, service: &'static str, path: &str, body: &Value) -> Answered {
        self.send(&Caller::Service(service), request("POST", path, Some(body))).await
    }

    /// Makes a token for this card by the default profile.
    pub(crate) async fn token(&self, service: &'static str, number: &str) -> String {
        let body = json!({ "type": "card", "card": { "number": number } });
        self.post(service, "/v1/tokens", &body).await.expect(201)["token"].as_str().unwrap().to_owned()
    }

    /// The audit events of a request.
    pub(crate) async fn events_of(&self, request_id: &str) -> Vec<Value> {
        let path = format!("/v1/audit/events?request_id={request_id}");
        self.get("acme/auditor", &path).await.expect(200)["items"].as_array().unwrap().clone()
    }

    /// How many events are on record.
    pub(crate) async fn recorded(&self) -> u64 {
        use strongroom_core::ports::Store;
        self.store.stream_head("node.1").await.unwrap().map_or(0, |head| head.size)
    }

    pub(crate) fn peer(&self, caller: &Caller) -> Option<Peer> {
        let hour = Duration::from_secs(3600);
        let identity = match caller {
            Caller::Service(name) => Ok(identified(name, self.clock.now().plus(hour))),
            Caller::Expired(name) => Ok(identified(name, self.clock.now().minus(Duration::from_millis(1)))),
            Caller::Unidentified(reason) => Err(*reason),
            Caller::Nobody => return None,
        };
        Some(Peer { origin: "192.0.2.7:50000".parse().unwrap(), identity })
    }
}

impl Answered {
    /// The body, which must have come with this status.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The problem, which must be this one and whole.
    pub(crate) fn expect_problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["request_id"], self.request_id());
        assert_eq!(self.header("content-type"), "application/problem+json");
        problem
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn request_id(&self) -> &str {
        self.header("x-request-id")
    }

    /// The body with the request's name taken out: what must not differ between two refusals.
    pub(crate) fn anonymous(&self) -> (u16, String) {
        (self.status, self.text().replace(self.request_id(), "req"))
    }
}

/// A second person who agrees to every export to the receiver of the samples, and to nothing else.
struct OneReceiver;

#[async_trait::async_trait]
impl Approvals for OneReceiver {
    async fn approval(&self, request: &ApprovalRequest<'_>) -> Approval {
        let theirs = crate::samples::pair(crate::samples::RECEIVER).public().thumbprint_bytes();
        match request.subject {
            ApprovalSubject::TokenExport { receiver, .. } if *receiver == theirs => Approval::Granted,
            _ => Approval::Missing,
        }
    }
}

/// What a body to this path is: lines, or JSON.
pub(crate) fn content_type(path: &str) -> &'static str {
    if path.contains("/parts/") { "application/x-ndjson" } else { "application/json" }
}

/// A request with a body of JSON, of lines if it is a text, or with none.
pub(crate) fn request(method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    match body {
        Some(Value::String(lines)) => with_bytes(method, path, lines.clone().into_bytes()),
        Some(body) => with_bytes(method, path, body.to_string().into_bytes()),
        None => request.body(Body::empty()).unwrap(),
    }
}

/// A request with these bytes for JSON, or for lines.
pub(crate) fn with_bytes(method: &str, path: &str, body: Vec<u8>) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", content_type(path))
        .header("content-length", body.len())
        .body(Body::from(body))
        .unwrap()
}

/// A request whose body never ends.
pub(crate) fn endless(path: &str) -> Request<Body> {
    let body = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::convert::Infallible>>());
    let request = Request::builder().method("POST").uri(path).header("content-type", "application/json");
    request.body(body).unwrap()
}

/// A policy that is none: it panics.
pub(crate) struct Panicking;

impl Policy for Panicking {
    fn decide(&self, _request: &AccessRequest<'_>) -> Decision {
        panic!("a made-up fault with {CARD} in it")
    }

    fn fingerprint(&self) -> &'static str {
        "none"
    }
}

fn trust_domain() -> TrustDomain {
    TrustDomain::parse("example.org").unwrap()
}

fn node(name: &str) -> NodeName {
    NodeName::parse(name).unwrap()
}

fn tenant(name: &str) -> InitialTenant {
    let identity = |(service, roles): &(&str, &[Role])| InitialIdentity {
        service: ServiceName::parse(service).unwrap(),
        roles: roles.to_vec(),
        reason: "made for a test".to_owned(),
    };
    InitialTenant {
        tenant: TenantId::parse(name).unwrap(),
        identities: SERVICES.iter().map(identity).collect(),
    }
}

fn identified(name: &str, not_after: Timestamp) -> Identified {
    let (tenant, service) = name.split_once('/').unwrap();
    let id =
        SpiffeId::new(trust_domain(), TenantId::parse(tenant).unwrap(), ServiceName::parse(service).unwrap());
    Identified { principal: Principal { id, certificate: CertificateSerial::from_bytes(&[1]) }, not_after }
}
