//! Law: a crate uses only crates of lower layers, and crates of one layer are blind to each other.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Which layer each room is on. A crate that is not here fails the law: decide where it belongs.
const LAYERS: &[(&str, u8)] = &[
    ("strongroom-domain", 0),
    ("strongroom-crypto", 1),
    ("strongroom-api", 1),
    ("strongroom-egress", 1),
    ("strongroom-core", 2),
    ("strongroom-store", 3),
    ("strongroom-pkcs11", 3),
    ("strongroom-policies", 3),
    ("strongroom-client", 4),
    ("strongroom-server", 5),
    ("strongroom-cli", 5),
    ("strongroom-gateway", 5),
];

/// Rooms for development and tests. The product may not need them, but for `strongroomd dev`.
const TEST_ROOMS: &[&str] = &[
    "strongroom-softhsm",
    "strongroom-browser-tests",
    "strongroom-contract",
    "strongroom-e2e",
    "strongroom-interop",
    "strongroom-laws",
    "strongroom-leak",
    "strongroom-crash",
    "strongroom-simulation",
    "strongroom-cluster",
    "strongroom-sdk-tests",
    "strongroom-bench",
    "strongroom-postgres-server",
];

/// Edges that a layer alone would allow and the architecture does not.
const FORBIDDEN: &[(&str, &str)] = &[
    // Operators' tools and payments speak HTTP only; they cannot reach keys or tables by another way.
    ("strongroom-cli", "strongroom-core"),
    ("strongroom-cli", "strongroom-store"),
    ("strongroom-cli", "strongroom-pkcs11"),
    ("strongroom-client", "strongroom-core"),
    ("strongroom-client", "strongroom-crypto"),
    ("strongroom-gateway", "strongroom-core"),
    ("strongroom-gateway", "strongroom-crypto"),
    ("strongroom-gateway", "strongroom-store"),
    ("strongroom-gateway", "strongroom-pkcs11"),
];

#[test]
fn dependencies_run_one_way() {
    let manifest = strongroom_laws::root().join("Cargo.toml");
    let metadata =
        MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata runs");
    let layers: BTreeMap<&str, u8> = LAYERS.iter().copied().collect();
    let mut broken = Vec::new();
    for package in &metadata.packages {
        let name = package.name.as_str();
        if TEST_ROOMS.contains(&name) {
            continue;
        }
        let Some(layer) = layers.get(name) else {
            broken.push(format!("{name} is on no layer"));
            continue;
        };
        let normal =
            package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
        for used in
            normal.map(|dependency| dependency.name.as_str()).filter(|used| used.starts_with("strongroom"))
        {
            let allowed = match layers.get(used) {
                Some(used_layer) => used_layer < layer && !FORBIDDEN.contains(&(name, used)),
                None => used == "strongroom-softhsm" && name == "strongroom-server",
            };
            if !allowed {
                broken.push(format!("{name} must not depend on {used}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_core_knows_no_wire_and_no_database() {
    let manifest = strongroom_laws::root().join("Cargo.toml");
    let metadata =
        MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata runs");
    for package in &metadata.packages {
        let banned: &[&str] = match package.name.as_str() {
            "strongroom-domain" => &["serde", "serde_json", "tokio", "axum", "sqlx", "cryptoki"],
            "strongroom-core" => {
                &["serde", "serde_json", "axum", "hyper", "sqlx", "cryptoki", "cedar-policy"]
            }
            "strongroom-cli" | "strongroom-client" => &["cryptoki", "sqlx", "axum"],
            _ => continue,
        };
        let normal =
            package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        for dependency in normal {
            assert!(
                !banned.contains(&dependency.name.as_str()),
                "{} must not depend on {}",
                package.name,
                dependency.name
            );
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_house() {
    for manifest in strongroom_laws::files(&strongroom_laws::root(), "Cargo.toml") {
        let text = std::fs::read_to_string(&manifest).expect("a manifest is readable");
        if text.contains("[workspace]") {
            continue;
        }
        assert!(
            text.contains("[lints]\nworkspace = true"),
            "{} sets its own lints",
            strongroom_laws::shown(&manifest)
        );
    }
}
