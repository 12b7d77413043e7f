use serde::Deserialize;
use strongroom_egress::DestinationConfig;

/// `[egress]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EgressConfig {
    /// Where requests with values of tokens may go. None unless listed.
    pub destinations: Vec<DestinationConfig>,
}

impl EgressConfig {
    /// The TCP ports that the process connects to for it: the destinations' own, and that of name servers, which answer
    /// over TCP when an answer is long.
    pub(super) fn outbound_tcp_ports(&self) -> impl Iterator<Item = u16> {
        const DNS: u16 = 53;
        let is_name = |destination: &DestinationConfig| destination.host.parse::<std::net::IpAddr>().is_err();
        let names = self.destinations.iter().any(is_name);
        self.destinations.iter().map(|destination| destination.port).chain(names.then_some(DNS))
    }
}
