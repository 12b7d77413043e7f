use serde::Deserialize;

/// `[hardening]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HardeningConfig {
    /// Refuse to start where a step is not possible, instead of warning. Some containers lack Landlock or the right to
    /// lock memory.
    pub required: bool,
    /// TCP ports that the process may connect to beside its database's and its destinations': a network HSM's. None by default, so nothing that
    /// gets into the process can talk to the outside.
    pub outbound_tcp_ports: Vec<u16>,
    /// Lets the process run as root.
    pub danger_allow_root: bool,
}
