//! The vault as its callers see it, and what its operations stand on.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use strongroom_domain::{NodeName, Principal, RequestId, Role, RoleSet, Timestamp, TokenProfile};

use crate::VaultError;
use crate::alarms::Alarms;
use crate::committer::Committer;
use crate::pipeline::{ActsUnderWay, RunningRequests};
use crate::ports::{Approvals, Clock, Egress, Entropy, Hsm, HsmKeyKind, Policy, Store, Witness};
use crate::registry::{Identity, KeyVersionEntry, RegistryWriter, Snapshot, WorkingKey};
use crate::security_codes::SecurityCodeKeys;
use crate::velocity::{DefaultVelocityLimits, Velocity};

/// The world the vault lives in.
#[derive(Clone)]
pub struct Ports {
    /// The HSM.
    pub hsm: Arc<dyn Hsm>,
    /// The database.
    pub store: Arc<dyn Store>,
    /// The rules.
    pub policy: Arc<dyn Policy>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for everything that is not key material.
    pub entropy: Arc<dyn Entropy>,
    /// Who keeps signed checkpoints beside the database.
    pub witnesses: Vec<Arc<dyn Witness>>,
    /// Who agrees to what one person alone must not bring about.
    pub approvals: Arc<dyn Approvals>,
    /// The way to destinations outside.
    pub egress: Arc<dyn Egress>,
}

/// What can be set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// This node's name; names its audit stream.
    pub node: NodeName,
    /// The epoch of its audit stream: 1, and one more after each restore from a backup.
    pub stream_epoch: u32,
    /// How long an unsealed key may stay in memory before the HSM is asked again.
    pub key_time_to_live: Duration,
    /// How often the audit stream's head is signed while there is news.
    pub checkpoint_interval: Duration,
    /// How often the registry's epoch is compared with the database, where another node may have changed it. The database
    /// tells of changes by itself as well; this is for when its word is lost.
    pub registry_poll_interval: Duration,
    /// How many commits may run side by side. Each lane writes an audit stream of its own; a store that writes one
    /// transaction at a time gains nothing from more than one.
    pub commit_lanes: u32,
    /// How many card numbers must be left to whoever reads what stands beside a token that is equal for equal values. A token
    /// profile that leaves fewer needs somebody else's approval.
    pub least_card_numbers: u64,
    /// How long a request waits for its record to be durable before it is told that it cannot be written.
    pub commit_patience: Duration,
    /// How fast values may leave for an identity that has no limits of its own.
    pub velocity: DefaultVelocityLimits,
}

impl Settings {
    /// The defaults for a node.
    pub const fn new(node: NodeName) -> Self {
        Self {
            node,
            stream_epoch: 1,
            key_time_to_live: Duration::from_secs(3600),
            checkpoint_interval: Duration::from_secs(5),
            registry_poll_interval: Duration::from_millis(500),
            commit_lanes: 1,
            least_card_numbers: TokenProfile::LEAST_CARD_NUMBERS,
            commit_patience: Duration::from_secs(5),
            velocity: DefaultVelocityLimits::safe(),
        }
    }
}

/// A running vault. Cheap to clone; [`Vault::close`] ends it.
#[derive(Clone)]
pub struct Vault {
    pub(crate) core: Arc<Core>,
    pub(crate) tasks: Arc<crate::open::Tasks>,
}

impl Vault {
    /// A name for a request that has just arrived: `req_` and 128 random bits.
    pub fn new_request_id(&self) -> Result<RequestId, VaultError> {
        self.core.own_request_id()
    }

    /// The time by the vault's clock, by which its callers' certificates end.
    pub fn now(&self) -> Timestamp {
        self.core.clock().now()
    }
}

/// What operations stand on.
pub(crate) struct Core {
    pub(crate) ports: Ports,
    pub(crate) settings: Settings,
    pub(crate) current: Arc<ArcSwap<Snapshot>>,
    pub(crate) registry: RegistryWriter,
    pub(crate) committer: Committer,
    pub(crate) running: RunningRequests,
    pub(crate) acts: ActsUnderWay,
    pub(crate) security_codes: SecurityCodeKeys,
    pub(crate) velocity: Velocity,
    pub(crate) alarms: Alarms,
    /// This run of this node, as the holder of leases.
    pub(crate) holder: String,
    pub(crate) started_at: Timestamp,
    pub(crate) verifier_key: strongroom_crypto::audit_v1::VerifierKey,
}

impl Core {
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.current.load_full()
    }

    pub(crate) const fn registry(&self) -> &RegistryWriter {
        &self.registry
    }

    pub(crate) const fn committer(&self) -> &Committer {
        &self.committer
    }

    pub(crate) const fn running(&self) -> &RunningRequests {
        &self.running
    }

    pub(crate) const fn acts(&self) -> &ActsUnderWay {
        &self.acts
    }

    pub(crate) fn store(&self) -> &dyn Store {
        &*self.ports.store
    }

    pub(crate) fn policy(&self) -> &dyn Policy {
        &*self.ports.policy
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.ports.clock
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.ports.entropy
    }

    pub(crate) fn approvals(&self) -> &dyn Approvals {
        &*self.ports.approvals
    }

    pub(crate) fn egress(&self) -> &dyn Egress {
        &*self.ports.egress
    }

    pub(crate) fn hsm(&self) -> &dyn Hsm {
        &*self.ports.hsm
    }

    /// The roles the caller holds at this moment; none if it is unknown, disabled or expired.
    pub(crate) fn roles_of(&self, principal: &Principal) -> RoleSet {
        self.roles(principal, Identity::roles)
    }

    /// Those of them in which it may be sent values in clear.
    pub(crate) fn roles_in_clear(&self, principal: &Principal) -> RoleSet {
        self.roles(principal, Identity::roles_in_clear)
    }

    fn roles(&self, principal: &Principal, of: fn(&Identity, Timestamp) -> RoleSet) -> RoleSet {
        let snapshot = self.current.load();
        if principal.id.trust_domain() != &snapshot.cluster.trust_domain {
            return RoleSet::EMPTY;
        }
        snapshot
            .identity(principal.tenant(), principal.id.service())
            .map_or(RoleSet::EMPTY, |identity| of(identity, self.clock().now()))
    }

    /// Notes that the caller was let, and by which of its grants.
    pub(crate) fn note_use(&self, principal: &Principal, rests_on: impl Fn(Role) -> bool) {
        if let Some(identity) = self.current.load().identity(principal.tenant(), principal.id.service()) {
            identity.note_use(self.clock().now(), rests_on);
        }
    }

    /// A key version ready for use; asks the HSM if it was not used for a while.
    pub(crate) async fn working_key(
        &self,
        snapshot: &Snapshot,
        version: &KeyVersionEntry,
    ) -> Result<Arc<WorkingKey>, VaultError> {
        let (now, time_to_live) = (self.clock().now(), self.settings.key_time_to_live);
        if let Some(working) = version.at_hand(now, time_to_live) {
            return Ok(working);
        }
        let kek = snapshot.hsm_key(HsmKeyKind::KekData)?;
        version.load(self.hsm(), kek, &snapshot.cluster.cluster_id, now, time_to_live).await
    }

    /// A name for something the node does of itself.
    pub(crate) fn own_request_id(&self) -> Result<RequestId, VaultError> {
        new_request_id(self.entropy())
    }
}

/// `req_` and 128 random bits.
pub(crate) fn new_request_id(entropy: &dyn Entropy) -> Result<RequestId, VaultError> {
    let mut bytes = [0; 16];
    entropy.fill_name(&mut bytes)?;
    let mut name = *b"req_00000000000000000000000000000000";
    for (place, digit) in name.iter_mut().skip(4).zip(hexadecimal(bytes)) {
        *place = digit;
    }
    std::str::from_utf8(&name)
        .ok()
        .and_then(|name| RequestId::parse(name).ok())
        .ok_or(VaultError::Internal("a request id could not be made"))
}

fn hexadecimal(bytes: [u8; 16]) -> impl Iterator<Item = u8> {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
    bytes.into_iter().flat_map(move |byte| [digit(byte >> 4), digit(byte & 0xf)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::EntropyError;

    struct Fixed;

    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            for (place, byte) in buffer.iter_mut().zip([0x00, 0x0f, 0xa9, 0xff].into_iter().cycle()) {
                *place = byte;
            }
            Ok(())
        }
    }

    #[test]
    fn a_request_id_is_all_the_random_bits_in_hexadecimal() {
        assert_eq!(new_request_id(&Fixed).unwrap().as_str(), format!("req_{}", "000fa9ff".repeat(4)));
    }
}
