//! Whatever is read as an event, a tree or a key is written the same again. No checkpoint passes that the key did not
//! sign, so no export made of anything proves a single record.
//!
//! Every input goes through every reader: the vectors of the format can serve as a corpus as they are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use strongroom_crypto::audit_v1::{
    CheckpointError, CompactRange, Event, Hash, SignedCheckpoint, Verifier, VerifierKey, leaf_hash,
    verify_consistency, verify_inclusion,
};

fuzz_target!(|bytes: &[u8]| {
    event(bytes);
    tree(bytes);
    proofs(bytes);
    export(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        key(text);
        note(text);
    }
});

fn event(bytes: &[u8]) {
    let Ok(event) = Event::parse(bytes) else { return };
    let mut written = Vec::new();
    event.encode(&mut written);
    assert_eq!(written, bytes);
}

fn tree(bytes: &[u8]) {
    let Ok(mut tree) = CompactRange::decode(bytes) else { return };
    assert_eq!(tree.encode(), bytes);
    if tree.size() == CompactRange::MAX_SIZE {
        return;
    }
    let (size, root) = (tree.size(), tree.root());
    tree.append(leaf_hash(bytes));
    assert_eq!(tree.size(), size + 1);
    assert_ne!(tree.root(), root, "a leaf more is another root");
    assert_eq!(CompactRange::decode(&tree.encode()).as_ref(), Ok(&tree));
}

/// Proofs of nothing: they may be handed in with any sizes, and one that holds for a leaf holds for no other.
fn proofs(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first_chunk() else { return };
    let Some((second, rest)) = rest.split_first_chunk() else { return };
    let (first, second) = (u64::from_be_bytes(*first), u64::from_be_bytes(*second));
    let (hashes, _) = rest.as_chunks::<32>();
    let [one, other, proof @ ..] = hashes else { return };
    let inclusion = |leaf: &Hash| verify_inclusion(leaf, first, second, other, proof).is_ok();
    assert!(!(inclusion(one) && inclusion(&leaf_hash(one))));
    let consistency = |root: &Hash| verify_consistency(first, root, second, other, proof).is_ok();
    assert!(!(consistency(one) && consistency(&leaf_hash(one))));
}

fn export(bytes: &[u8]) {
    let report = Verifier::new(trusted_key()).verify(bytes).expect("memory can be read");
    assert!(report.streams.iter().all(|stream| stream.checkpoints == 0 && stream.last_checkpoint.is_none()));
    let records: u64 = report.streams.iter().map(|stream| stream.events + stream.redacted).sum();
    assert!(records == 0 || !report.is_ok(), "records without a signed checkpoint are not proven");
    for finding in &report.findings {
        assert!(!finding.to_string().is_empty());
    }
}

fn key(text: &str) {
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string().parse().as_ref(), Ok(&key));
    }
}

fn note(text: &str) {
    let error = SignedCheckpoint::verify(text, &trusted_key()).expect_err("nobody signed it");
    assert_ne!(error, CheckpointError::Text, "the text is not read before its signature is right");
}

/// The public key of RFC 6979, A.2.5, under a name that the format's vectors use.
fn trusted_key() -> VerifierKey {
    const POINT: [u8; 65] = [
        0x04, 0x60, 0xfe, 0xd4, 0xba, 0x25, 0x5a, 0x9d, 0x31, 0xc9, 0x61, 0xeb, 0x74, 0xc6, 0x35, 0x6d, 0x68,
        0xc0, 0x49, 0xb8, 0x92, 0x3b, 0x61, 0xfa, 0x6c, 0xe6, 0x69, 0x62, 0x2e, 0x60, 0xf2, 0x9f, 0xb6, 0x79,
        0x03, 0xfe, 0x10, 0x08, 0xb8, 0xbc, 0x99, 0xa4, 0x1a, 0xe9, 0xe9, 0x56, 0x28, 0xbc, 0x64, 0xf2, 0xf1,
        0xb2, 0x0c, 0x2d, 0x7e, 0x9f, 0x51, 0x77, 0xa3, 0xc2, 0x94, 0xd4, 0x46, 0x22, 0x99,
    ];
    VerifierKey::new("strongroom.c0ffee", &POINT).expect("a point on P-256")
}
