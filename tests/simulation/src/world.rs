//! The whole of it: two nodes over one store and one HSM, their clock, and what the model holds of them.

use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use strongroom_contract::{MemoryHsm, MemoryWitness, SeededEntropy};
use strongroom_core::ports::{Clock, NoApprovals, NoEgress};
use strongroom_core::{Call, InitialIdentity, InitialTenant, Ports, Settings, initialise};
use strongroom_domain::{
    CertificateSerial, NodeName, Principal, RequestId, Role, ServiceName, SpiffeId, TenantId, TrustDomain,
};
use strongroom_policies::CedarPolicy;
use tokio::time::Instant;

use crate::Plan;
use crate::asking::Visit;
use crate::clock::SimulatedClock;
use crate::dice::Dice;
use crate::disk::Disk;
use crate::hsm_line::HsmLine;
use crate::life::Life;
use crate::model::Model;
use crate::node::Node;
use crate::store_line::StoreLine;
use crate::trace::Trace;

/// The tenants that hold data; the platform's own is beside them.
pub(crate) const TENANTS: [&str; 2] = ["acme", "globex"];
pub(crate) const PLATFORM: &str = "platform";
const NODES: [&str; 2] = ["node-1", "node-2"];

/// How long a node that reaches the store may go on without hearing of what the other has changed.
const NEWS_TRAVELS_IN: Duration = Duration::from_secs(1);

/// Everything there is.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) dice: Dice,
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) disk: Arc<Disk>,
    pub(crate) hsm: Arc<MemoryHsm>,
    pub(crate) witness: Arc<MemoryWitness>,
    pub(crate) nodes: Vec<Arc<Node>>,
    pub(crate) model: Mutex<Model>,
    pub(crate) trace: Trace,
    /// Whether clients reach the nodes and have patience.
    pub(crate) quiet: AtomicBool,
    pub(crate) verifier_key: String,
    entropy: Arc<SeededEntropy>,
    policy: Arc<CedarPolicy>,
    requests: AtomicU64,
}

/// Something that one node has acknowledged and the other is still to hear of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Change {
    at: Instant,
    /// Where; `None` if an earlier attempt may have made it elsewhere and this answer only repeats it.
    by: Option<(usize, u64)>,
}

impl Change {
    pub(crate) fn now(visit: &Visit) -> Self {
        Self { at: Instant::now(), by: Some((visit.node, visit.life)) }
    }

    pub(crate) fn somewhere() -> Self {
        Self { at: Instant::now(), by: None }
    }
}

impl World {
    /// A fresh cluster with nobody in it but one identity for each role of each tenant. No node runs yet.
    pub(crate) async fn found(plan: Plan) -> Result<Arc<Self>, Box<dyn Error>> {
        let seed = plan.seed;
        let mut nodes = Vec::with_capacity(NODES.len());
        for (index, name) in NODES.iter().enumerate() {
            nodes.push(Arc::new(Node::new(seed, index, NodeName::parse(name)?)));
        }
        let mut world = Self {
            plan,
            dice: Dice::named(seed, "script"),
            clock: Arc::new(SimulatedClock::start()),
            disk: Arc::new(Disk::new(plan.planted)),
            hsm: Arc::new(MemoryHsm::new(seed)),
            witness: Arc::new(MemoryWitness::default()),
            nodes,
            model: Mutex::default(),
            trace: Trace::begin(plan.keeps_history),
            quiet: AtomicBool::new(true),
            verifier_key: String::new(),
            entropy: Arc::new(SeededEntropy::new(seed)),
            policy: policy()?,
            requests: AtomicU64::new(0),
        };
        let tenants: Vec<_> =
            TENANTS.iter().chain([&PLATFORM]).map(|name| initial_tenant(name)).collect::<Result<_, _>>()?;
        let first = world.nodes.first().ok_or("there is no node")?;
        let ports = world.ports(first, &Arc::new(Life::begin()));
        let settings = Self::settings(&first.name);
        let initialised = Box::pin(initialise(ports, settings, &trust_domain()?, &tenants)).await?;
        world.verifier_key = initialised.verifier_key;
        Ok(Arc::new(world))
    }

    /// What a life of a node stands on.
    pub(crate) fn ports(&self, node: &Node, life: &Arc<Life>) -> Ports {
        Ports {
            hsm: Arc::new(HsmLine {
                hsm: Arc::clone(&self.hsm),
                line: Arc::clone(&node.hsm),
                life: Arc::clone(life),
            }),
            store: Arc::new(StoreLine {
                disk: Arc::clone(&self.disk),
                line: Arc::clone(&node.store),
                life: Arc::clone(life),
                late_commits: self.plan.late_commits,
            }),
            policy: self.policy.clone(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            entropy: self.entropy.clone(),
            witnesses: vec![self.witness.clone()],
            approvals: Arc::new(NoApprovals),
            egress: Arc::new(NoEgress),
        }
    }

    /// How a node is set.
    pub(crate) fn settings(node: &NodeName) -> Settings {
        Settings::new(node.clone())
    }

    pub(crate) fn any_node(&self) -> usize {
        self.dice.position(self.nodes.len())
    }

    /// A new request of a service.
    pub(crate) fn call(&self, tenant: &str, service: &str) -> Result<Call, Box<dyn Error + Send + Sync>> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let id = SpiffeId::new(trust_domain()?, TenantId::parse(tenant)?, ServiceName::parse(service)?);
        Ok(Call {
            principal: Principal { id, certificate: CertificateSerial::from_bytes(&[1, 2, 3]) },
            request_id: RequestId::parse(&format!("req_{number:032x}"))?,
            trace_id: None,
            origin: None,
        })
    }

    /// Whether the node must have heard of the change when the visit began: at once where it was acknowledged, and
    /// elsewhere a second after it could.
    pub(crate) fn must_know(&self, visit: &Visit, change: &Change) -> bool {
        if let Some((node, life)) = change.by
            && visit.node == node
        {
            return visit.life >= life;
        }
        let Some(node) = self.nodes.get(visit.node) else { return false };
        let could = node.store.last_trouble().map_or(change.at, |at| at.max(change.at));
        visit.serving_since >= change.at || visit.begun >= could + NEWS_TRAVELS_IN
    }

    /// Goes on from one step to the next without faults of the network between clients and nodes, or with them.
    pub(crate) fn set_quiet(&self, quiet: bool) {
        self.quiet.store(quiet, Ordering::SeqCst);
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet.load(Ordering::SeqCst)
    }
}

pub(crate) fn trust_domain() -> Result<TrustDomain, strongroom_domain::NameError> {
    TrustDomain::parse("example.org")
}

fn initial_tenant(name: &str) -> Result<InitialTenant, Box<dyn Error>> {
    let tenant = TenantId::parse(name)?;
    let holds_data = !tenant.is_platform();
    let mut identities = Vec::new();
    for role in Role::ALL.iter().filter(|role| holds_data || !role.is_data_role()) {
        identities.push(InitialIdentity {
            service: ServiceName::parse(role.as_str())?,
            roles: vec![*role],
            reason: "from the start".to_owned(),
        });
    }
    Ok(InitialTenant { tenant, identities })
}

/// Reading the rules takes a moment; once is enough.
fn policy() -> Result<Arc<CedarPolicy>, Box<dyn Error>> {
    static POLICY: OnceLock<Arc<CedarPolicy>> = OnceLock::new();
    if let Some(policy) = POLICY.get() {
        return Ok(Arc::clone(policy));
    }
    let policy = Arc::new(CedarPolicy::load()?);
    Ok(Arc::clone(POLICY.get_or_init(|| policy)))
}
