//! Landlock: what may be written, and whom the process may connect to.

use std::path::PathBuf;

use landlock::{
    ABI, AccessFs, AccessNet, NetPort, RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, path_beneath_rules,
};

use super::Outcome;

/// The newest interface whose rights are asked for; an older kernel enforces what it knows.
const INTERFACE: ABI = ABI::V5;

/// Reading stays free: the right user reads the right files, and a PKCS#11 module reads where it likes. Writing is
/// confined to what the configuration names, executing is denied everywhere, and so is connecting out over TCP but to
/// the given ports.
pub(super) fn confine(writable: &[PathBuf], outbound_tcp_ports: &[u16]) -> Outcome {
    match restrict(writable, outbound_tcp_ports) {
        Ok(status) => match status.ruleset {
            RulesetStatus::FullyEnforced => Outcome::Done,
            RulesetStatus::PartiallyEnforced => Outcome::Partial(
                "this kernel's Landlock lacks some rights, such as those over TCP".to_owned(),
            ),
            RulesetStatus::NotEnforced => Outcome::Missing("this kernel does not offer Landlock".to_owned()),
        },
        Err(error) => Outcome::Missing(error.to_string()),
    }
}

fn restrict(writable: &[PathBuf], outbound_tcp_ports: &[u16]) -> Result<RestrictionStatus, RulesetError> {
    let writing = AccessFs::from_write(INTERFACE);
    Ruleset::default()
        .handle_access(writing | AccessFs::Execute)?
        .handle_access(AccessNet::ConnectTcp)?
        .create()?
        .add_rules(path_beneath_rules(writable, writing))?
        .add_rules(
            outbound_tcp_ports
                .iter()
                .map(|port| Ok::<_, RulesetError>(NetPort::new(*port, AccessNet::ConnectTcp))),
        )?
        .restrict_self()
}
