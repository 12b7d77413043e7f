//! An initialised vault: tenants acme, globex and platform, each with one identity per role, named after the role.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use strongroom_contract::{ManualClock, MemoryWitness, SeededEntropy};
use strongroom_core::ports::store::{BundleRow, CommitError, StoreError};
use strongroom_core::ports::{NoApprovals, Store};
use strongroom_core::{
    Call, InitialIdentity, InitialTenant, Initialised, Ports, Settings, StartError, Vault, initialise,
};
use strongroom_crypto::audit_v1::Event;
use strongroom_domain::{
    CertificateSerial, NodeName, Principal, RequestId, Role, ServiceName, SpiffeId, TenantId, Timestamp,
    TrustDomain,
};
use strongroom_policies::CedarPolicy;

use crate::told_egress::ToldEgress;
use crate::watched_hsm::WatchedHsm;
use crate::watched_store::WatchedStore;

/// The node that [`World::vault`] is, and its audit stream.
pub(crate) const NODE: &str = "node-1";
pub(crate) const STREAM: &str = "node-1.1";

/// A vault and the world it lives in.
pub(crate) struct World {
    pub(crate) hsm: Arc<WatchedHsm>,
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) witness: Arc<MemoryWitness>,
    pub(crate) egress: Arc<ToldEgress>,
    pub(crate) ports: Ports,
    pub(crate) vault: Vault,
}

impl World {
    pub(crate) async fn open() -> Self {
        let hsm = Arc::new(WatchedHsm::new(1));
        let store = Arc::new(WatchedStore::new());
        let clock = Arc::new(ManualClock::at(Timestamp::from_unix_millis(1_795_000_000_000)));
        let witness = Arc::new(MemoryWitness::default());
        let egress = Arc::new(ToldEgress::default());
        let ports = Ports {
            hsm: hsm.clone(),
            store: store.clone(),
            policy: policy(),
            clock: clock.clone(),
            entropy: Arc::new(SeededEntropy::new(1)),
            witnesses: vec![witness.clone()],
            approvals: Arc::new(NoApprovals),
            egress: egress.clone(),
        };
        init(ports.clone(), &["acme", "globex", "platform"]).await.unwrap();
        let vault = Vault::open(ports.clone(), settings(NODE)).await.unwrap();
        Self { hsm, store, clock, witness, egress, ports, vault }
    }

    /// Another node of the cluster, or the same one again.
    pub(crate) async fn start(&self, settings: Settings) -> Result<Vault, StartError> {
        Vault::open(self.ports.clone(), settings).await
    }

    /// Every record of this node's stream, as it stands in the bundles.
    pub(crate) async fn records(&self) -> Vec<Event> {
        let bundles = self.store.memory.read_bundles(STREAM, 0, u32::MAX).await.unwrap();
        bundles.iter().flat_map(records_in).collect()
    }

    /// The records of one request.
    pub(crate) async fn records_of(&self, call: &Call) -> Vec<Event> {
        let mut records = self.records().await;
        records.retain(|record| record.request_id == call.request_id.as_str());
        records
    }

    /// Commits fail from now on, or no longer.
    pub(crate) fn fail_commits(&self, fail: bool) {
        let error = CommitError::NotWritten(StoreError::Unavailable("told to fail"));
        self.store.memory.fail_commits(fail.then_some(error));
    }
}

/// Jobs that would come in between wait for longer than any test.
pub(crate) fn settings(node: &str) -> Settings {
    const LONG: Duration = Duration::from_secs(3600);
    Settings {
        checkpoint_interval: LONG,
        registry_poll_interval: LONG,
        ..Settings::new(NodeName::parse(node).unwrap())
    }
}

/// Initialises with these tenants.
pub(crate) async fn init(ports: Ports, tenants: &[&str]) -> Result<Initialised, StartError> {
    let tenants: Vec<_> = tenants.iter().map(|name| initial_tenant(name)).collect();
    initialise(ports, settings(NODE), &trust_domain(), &tenants).await
}

pub(crate) fn initial_tenant(name: &str) -> InitialTenant {
    let tenant = tenant(name);
    let holds_data = !tenant.is_platform();
    let identity = |role: &Role| InitialIdentity {
        service: service(role.as_str()),
        roles: vec![*role],
        reason: "from the start".to_owned(),
    };
    let may_be = |role: &&Role| holds_data || !role.is_data_role();
    InitialTenant { tenant, identities: Role::ALL.iter().filter(may_be).map(identity).collect() }
}

/// A new request by a service of a tenant.
pub(crate) fn call(tenant_name: &str, service_name: &str) -> Call {
    let id = SpiffeId::new(trust_domain(), tenant(tenant_name), service(service_name));
    call_by(id)
}

/// A new request by anybody.
pub(crate) fn call_by(id: SpiffeId) -> Call {
    static REQUESTS: AtomicU64 = AtomicU64::new(1);
    let number = REQUESTS.fetch_add(1, Ordering::SeqCst);
    Call {
        principal: Principal { id, certificate: CertificateSerial::from_bytes(&[1, 2, 3]) },
        request_id: RequestId::parse(&format!("req_{number:032x}")).unwrap(),
        trace_id: None,
        origin: None,
    }
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub(crate) fn service(name: &str) -> ServiceName {
    ServiceName::parse(name).unwrap()
}

pub(crate) fn trust_domain() -> TrustDomain {
    TrustDomain::parse("example.org").unwrap()
}

/// The records of a bundle, read without the vault's own code.
pub(crate) fn records_in(bundle: &BundleRow) -> Vec<Event> {
    let packed = lz4_flex::decompress_size_prepended(&bundle.events).unwrap();
    let mut rest = packed.as_slice();
    let mut events = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let (event, tail) = tail.split_at(u32::from_be_bytes(*length) as usize);
        events.push(Event::parse(event).unwrap());
        rest = tail;
    }
    assert_eq!(events.len(), bundle.count as usize);
    events
}

/// On a runtime of one thread: every other task goes on for as far as it can.
pub(crate) async fn let_others_run() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// Reading the rules takes a moment; once is enough.
fn policy() -> Arc<CedarPolicy> {
    static POLICY: OnceLock<Arc<CedarPolicy>> = OnceLock::new();
    POLICY.get_or_init(|| Arc::new(CedarPolicy::load().unwrap())).clone()
}
