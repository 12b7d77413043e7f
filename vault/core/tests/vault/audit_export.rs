//! The record as it is taken away proves itself, and shows what was done to it.

use strongroom_core::ports::store::BundleRow;
use strongroom_core::{Call, Vault};
use strongroom_crypto::audit_v1::export::Scope;
use strongroom_crypto::audit_v1::{FindingKind, Report, Verifier};

use crate::asking::{card, card_number, token_for, tokenize_one};
use crate::world::{World, call, tenant};

#[tokio::test]
async fn everything_verifies_under_the_key_that_was_written_down() {
    let world = busy_world().await;
    let (export, report) = exported(&world, &call("platform", "auditor")).await;
    assert_eq!(report.findings, []);
    assert_eq!(report.scope, Some(Scope::All));
    let stream = &report.streams[0];
    assert_eq!((stream.events, stream.redacted), (world.records().await.len() as u64, 0));
    assert!(stream.checkpoints >= 2);
    assert!(export.contains("\"action\":\"audit.export\""), "the export ends with its own record");
    assert!(export.contains("\"outcome\":\"permission_denied\""));
}

#[tokio::test]
async fn a_tenants_export_verifies_and_shows_no_one_elses_records() {
    let world = busy_world().await;
    let (export, report) = exported(&world, &call("globex", "auditor")).await;
    assert_eq!(report.findings, []);
    assert_eq!(report.scope, Some(Scope::Tenant(tenant("globex"))));
    let records = world.records().await;
    let own = records.iter().filter(|record| record.tenant == tenant("globex")).count() as u64;
    assert_eq!(report.streams[0].events, own);
    assert_eq!(report.streams[0].redacted, records.len() as u64 - own);
    assert!(own > 0 && !export.contains("acme"));
}

#[tokio::test]
async fn an_altered_record_is_found() {
    let world = busy_world().await;
    world.store.tamper_bundles(|bundles| {
        for bundle in bundles {
            replace(bundle, "permission_denied", "success_of_sorts!");
        }
    });
    let (_, report) = exported(&world, &call("platform", "auditor")).await;
    assert!(matches!(report.findings[0].kind, FindingKind::HeadMismatch { .. }), "{:?}", report.findings);
}

#[tokio::test]
async fn a_removed_bundle_is_found() {
    let world = busy_world().await;
    world.store.tamper_bundles(|bundles| bundles.retain(|bundle| bundle.first_sequence != 5));
    let (_, report) = exported(&world, &call("platform", "auditor")).await;
    assert_eq!(report.findings[0].sequence, Some(5), "{:?}", report.findings);
    assert!(matches!(report.findings[0].kind, FindingKind::SequenceGap { .. }));
}

#[tokio::test]
async fn a_cut_off_end_is_found() {
    let world = busy_world().await;
    world.store.tamper_bundles(|bundles| bundles.retain(|bundle| bundle.first_sequence < 5));
    let (_, report) = exported(&world, &call("platform", "auditor")).await;
    assert!(matches!(report.findings[0].kind, FindingKind::TruncatedTail { .. }), "{:?}", report.findings);
}

#[tokio::test]
async fn witnesses_are_shown_each_checkpoint() {
    let world = World::open().await;
    let before = world.witness.notes().len();
    let note = world.vault.latest_checkpoints(&call("platform", "auditor")).await.unwrap().pop().unwrap();
    assert_eq!(note.size, world.records().await.len() as u64);
    assert_eq!(world.witness.notes()[before..], [note.note]);
    let _ = world.vault.close().await;
    assert_eq!(world.witness.notes().len(), before + 2, "the stop is under a checkpoint too");
}

#[tokio::test]
async fn a_witness_that_refuses_stops_nothing() {
    let world = World::open().await;
    let before = world.witness.notes();
    world.witness.refuse(true);
    let auditor = call("platform", "auditor");
    world.vault.latest_checkpoints(&auditor).await.unwrap();
    token_for(&world.vault, card(&card_number(1))).await;
    assert_eq!(world.witness.notes(), before);
    world.witness.refuse(false);
    let note = world.vault.latest_checkpoints(&auditor).await.unwrap().pop().unwrap();
    assert_eq!(world.witness.notes()[before.len()..], [note.note]);
}

/// Some successes and refusals in two tenants, with a checkpoint in between.
async fn busy_world() -> World {
    let world = World::open().await;
    for index in 0..3 {
        for name in ["acme", "globex"] {
            tokenize_one(&world.vault, &call(name, "tokenizer"), card(&card_number(index))).await.unwrap();
            tokenize_one(&world.vault, &call(name, "decryptor"), card(&card_number(index)))
                .await
                .unwrap_err();
        }
        world.vault.latest_checkpoints(&call("platform", "auditor")).await.unwrap();
    }
    world
}

/// An export and what a verifier says that knows the cluster's key and every witnessed checkpoint.
async fn exported(world: &World, auditor: &Call) -> (String, Report) {
    let export = export(&world.vault, auditor).await;
    let mut verifier = Verifier::new(world.vault.verifier_key().parse().unwrap());
    for note in world.witness.notes() {
        verifier.remember(&note).unwrap();
    }
    let report = verifier.verify(export.as_slice()).unwrap();
    (String::from_utf8(export).unwrap(), report)
}

pub(crate) async fn export(vault: &Vault, auditor: &Call) -> Vec<u8> {
    let mut parts = vault.export_audit(auditor).await.unwrap();
    let mut export = Vec::new();
    while let Some(part) = parts.next_part().await.unwrap() {
        export.extend_from_slice(&part);
    }
    export
}

/// Replaces a text in the records of a bundle by one of the same length.
fn replace(bundle: &mut BundleRow, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let mut packed = lz4_flex::decompress_size_prepended(&bundle.events).unwrap();
    while let Some(at) = packed.windows(from.len()).position(|window| window == from.as_bytes()) {
        packed[at..at + from.len()].copy_from_slice(to.as_bytes());
    }
    bundle.events = lz4_flex::compress_prepend_size(&packed);
}
