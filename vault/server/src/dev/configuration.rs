use std::io;
use std::path::Path;

use strongroom_softhsm::DevelopmentToken;

use super::DevelopmentOptions;
use super::files::{self, Layout};
use super::identities::TRUST_DOMAIN;
use super::postgres::Throwaway;
use crate::hosted_field::Origin;

/// Writes the configuration, anew at each start: ports may have changed.
pub(super) fn write(
    layout: &Layout,
    token: &DevelopmentToken,
    options: &DevelopmentOptions,
    postgres: Option<&Throwaway>,
) -> io::Result<()> {
    let root = rustix::process::geteuid().is_root();
    let text = format!(
        r#"# Written by `strongroomd dev` at each start. Never for real data.
node = "dev"
trust_domain = "{TRUST_DOMAIN}"

[listener]
address = "127.0.0.1:{port}"

[operations]
address = "127.0.0.1:{operations_port}"

{field}[tls]
certificate_file = {certificate}
private_key_file = {private_key}
client_ca_file = {authority}

{store}
[hsm]
module = {module}
token_label = "{label}"
pin_file = {pin}
writable_paths = [{token_folder}]

[witness]
files = [{checkpoints}]

# A partner for trying requests that carry cards (docs/handbook/forward-to-a-partner.md): nobody, until somebody serves
# there with a certificate of this folder's authority.
[[egress.destinations]]
name = "partner"
tenants = ["acme"]
host = "localhost"
port = {partner_port}
methods = ["GET", "POST"]
paths = [{{ pattern = "/v1/payments" }}, {{ pattern = "/v1/payments/*" }}]
request_headers = ["authorization", "idempotency-key"]
ca_file = {authority}
allow_private_addresses = ["127.0.0.0/8", "::1/128"]
card_in_answer = "retokenize"

{destinations}
[approvals]
operator_file = {approvals}

[log]
filter = {filter}

[hardening]
danger_allow_root = {root}
"#,
        port = options.port,
        field = options.field_port.map_or_else(String::new, |port| field(port, &options.merchant_origin)),
        filter = toml::Value::from(options.log.as_str()),
        operations_port = options.operations_port,
        partner_port = options.partner_port,
        destinations = layout.destinations()?,
        certificate = quoted(&layout.server("pem")),
        private_key = quoted(&layout.server("key")),
        authority = quoted(&layout.authority()),
        store = postgres.map_or_else(
            || format!("[store.sqlite]\npath = {}\n", quoted(&layout.data().join("strongroom.sqlite"))),
            Throwaway::section,
        ),
        module = quoted(token.module_path()),
        label = token.token_label(),
        pin = quoted(&token.pin_path()),
        token_folder = quoted(&layout.token()),
        approvals = quoted(&layout.approvals()),
        checkpoints = quoted(&layout.witness().join("checkpoints.txt")),
    );
    files::write(&layout.config(), 0o600, text.as_bytes())
}

/// Without TLS: browsers would not take the development authority's word, and this machine's own are trusted without it.
fn field(port: u16, merchant: &Origin) -> String {
    format!(
        r#"[hosted_field]
address = "127.0.0.1:{port}"
origin = "http://127.0.0.1:{port}"
merchant_origins = ["{merchant}"]
tenant = "acme"
key = "browsers"
danger_plain_http = true

"#
    )
}

fn quoted(path: &Path) -> String {
    toml::Value::from(path.to_string_lossy().into_owned()).to_string()
}
