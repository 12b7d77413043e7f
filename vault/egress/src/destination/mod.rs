//! Where requests may go: a list that operators write, and nothing else.
//!
//! [`DestinationConfig`] is what stands in the configuration; [`Destination`] is that, checked, with its certificates
//! loaded; [`Target`] is one method and one path of it that a caller may use.

mod config;
mod header_names;
mod host;
mod load;
mod path;
mod private_file;
mod problem;
mod target;
mod tls;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use strongroom_domain::TenantId;
use tokio_rustls::TlsConnector;

use crate::address::Network;

pub use config::{CardInAnswer, DestinationConfig, PathConfig};
pub use host::Host;
pub use path::{NotNormal, PathPattern};
pub use problem::DestinationProblem;
pub use target::{Target, TargetError};

/// All destinations, by name.
#[derive(Default)]
pub struct Destinations(BTreeMap<String, Arc<Destination>>);

impl Destinations {
    /// Checks every destination and loads its files; tells everything that is wrong at once.
    pub fn load(configs: &[DestinationConfig]) -> Result<Self, Vec<DestinationProblem>> {
        let mut destinations = BTreeMap::new();
        let mut problems = Vec::new();
        for config in configs {
            match Destination::load(config) {
                Ok(destination) => {
                    if destinations.insert(config.name.clone(), Arc::new(destination)).is_some() {
                        problems.push(DestinationProblem::new(&config.name, "name", "is there twice"));
                    }
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Self(destinations)) } else { Err(problems) }
    }

    /// The destination of that name, if the tenant may use it.
    pub fn of(&self, tenant: &TenantId, name: &str) -> Option<&Arc<Destination>> {
        self.0.get(name).filter(|destination| destination.tenants.contains(tenant))
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Destination>> {
        self.0.values()
    }
}

/// A place that requests may go to. Everything about it was checked.
pub struct Destination {
    name: String,
    tenants: Vec<TenantId>,
    max_in_flight: usize,
    host: Host,
    port: u16,
    authority: HeaderValue,
    methods: Vec<Method>,
    paths: Vec<PathPattern>,
    request_headers: Vec<HeaderName>,
    allowed_networks: Vec<Network>,
    card_in_answer: CardInAnswer,
    limits: Limits,
    tls: TlsConnector,
}

/// How much and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) request_bytes: usize,
    pub(crate) answer_bytes: usize,
    pub(crate) connect: Duration,
    pub(crate) whole: Duration,
}

impl Destination {
    /// Checks one destination and loads its files; tells everything that is wrong at once.
    pub fn load(config: &DestinationConfig) -> Result<Self, Vec<DestinationProblem>> {
        load::load(config)
    }

    /// One method and path of this destination, if callers may use them. `path` is the path with its query, as it is to
    /// stand in the request line.
    pub fn target(self: &Arc<Self>, method: &str, path: &str) -> Result<Target, TargetError> {
        Target::new(self, method, path)
    }

    /// The name that callers use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many requests may be on their way at a time.
    pub const fn max_in_flight(&self) -> usize {
        self.max_in_flight
    }

    /// How long a request may take at most, from the name to the last byte of the answer.
    pub const fn timeout(&self) -> Duration {
        self.limits.whole
    }

    /// The TCP port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether its host is a name that has to be resolved.
    pub const fn has_name(&self) -> bool {
        matches!(self.host, Host::Name(_))
    }

    /// What is to be done when an answer holds a card number.
    pub const fn card_in_answer(&self) -> CardInAnswer {
        self.card_in_answer
    }

    pub(crate) const fn host(&self) -> &Host {
        &self.host
    }

    /// The `Host` header (RFC 9112, section 3.2).
    pub(crate) const fn authority(&self) -> &HeaderValue {
        &self.authority
    }

    pub(crate) fn allows_header(&self, name: &HeaderName) -> bool {
        self.request_headers.contains(name)
    }

    pub(crate) fn allowed_networks(&self) -> &[Network] {
        &self.allowed_networks
    }

    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) const fn tls(&self) -> &TlsConnector {
        &self.tls
    }
}
