//! The vault's configuration: its defaults, but for limits on connections that a load generator behind one identity
//! and one address would run into, higher limits on what leaves, and a log without a line for each request, as `strongroomd dev` has it.

use std::path::Path;

use super::{TRUST_DOMAIN, Vault};
use crate::Outcome;

pub(super) fn write(vault: &Vault) -> Outcome<()> {
    let text = format!(
        r#"node = "bench"
trust_domain = "{TRUST_DOMAIN}"

[listener]
address = "127.0.0.1:{port}"

[operations]
address = "127.0.0.1:{operations_port}"

[tls]
certificate_file = {certificate}
private_key_file = {private_key}
client_ca_file = {authority}

{store}

[hsm]
module = {module}
token_label = "{label}"
pin_file = {pin}
writable_paths = [{token}]

[witness]
files = [{witness}]

[limits]
connections_per_identity = 4096
handshakes_per_address = 4096
header_timeout_seconds = 600
idle_timeout_seconds = 600
connection_age_seconds = 86400

# What the load generator reveals in a minute no service reveals in a day. Counted all the same.
[limits.velocity]
reveal = {{ items = 4000000000, window_seconds = 3600 }}
decrypt = {{ items = 4000000000, window_seconds = 3600 }}
search = {{ items = 4000000000, window_seconds = 3600 }}

[log]
filter = "warn"

[hardening]
danger_allow_root = true
"#,
        port = vault.port,
        operations_port = vault.operations_port,
        certificate = quoted(&vault.path("server.pem")),
        private_key = quoted(&vault.path("server.key")),
        authority = quoted(&vault.path("ca.pem")),
        store = vault.store.configuration()?,
        module = quoted(vault.token.module_path()),
        label = vault.token.token_label(),
        pin = quoted(&vault.token.pin_path()),
        token = quoted(&vault.path("token")),
        witness = quoted(&vault.path("data/checkpoints.txt")),
    );
    Ok(std::fs::write(vault.path("strongroomd.toml"), text)?)
}

pub(crate) fn quoted(path: &Path) -> String {
    toml::Value::from(path.to_string_lossy().into_owned()).to_string()
}
