//! Law: every method of the Store port that finds a tenant's data takes the tenant first.

use std::fs;

/// What serves the node itself and reveals no tenant's data. Each has its reason in the port's documentation.
const WITHOUT_TENANT: &[&str] = &[
    "commit",
    "check",
    "load_registry",
    "registry_epoch",
    "security_code_keys",
    "security_codes_live",
    "expired_security_codes",
    "stream_head",
    "streams",
    "read_bundles",
    "read_checkpoints",
    "latest_checkpoint",
    "segmented_until",
    "keep_segment",
    "read_segments",
    "keep_checkpoint",
    "note_last_use",
    "put_velocity",
    "take_lease",
    "registry_changed",
    "forget_answers",
];

#[test]
fn finders_take_the_tenant_first() {
    let path = strongroom_laws::root().join("vault/core/src/ports/store/mod.rs");
    let text = fs::read_to_string(path).expect("the port is readable");
    let body = text.split("pub trait Store").nth(1).expect("the port is there");
    let mut methods = 0;
    for method in body.split("async fn ").skip(1) {
        methods += 1;
        let name = method.split('(').next().unwrap_or_default();
        let parameters =
            method.split_once("&self").map(|(_, rest)| rest.trim_start_matches([',', ' ', '\n']));
        let first = parameters.unwrap_or_default().trim_start();
        let tenant_first =
            first.starts_with("tenant: &TenantId") || first.starts_with("tenant: Option<&TenantId>");
        assert!(
            tenant_first || WITHOUT_TENANT.contains(&name),
            "Store::{name} does not take the tenant first"
        );
    }
    assert!(methods > WITHOUT_TENANT.len(), "the port was not read");
}
