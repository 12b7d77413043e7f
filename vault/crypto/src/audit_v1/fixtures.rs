//! Events, keys and whole histories for the tests.

use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use strongroom_domain::{TenantId, Timestamp};

use super::export::{self, Scope};
use super::{Checkpoint, CompactRange, Event, Report, SignedCheckpoint, Verifier, VerifierKey, leaf_hash};

pub(super) const CLUSTER: &str = "c0ffee";
pub(super) const STREAM: &str = "vault-1.1";

/// An event with the members that every event has.
pub(super) fn event(stream: &str, sequence: u64) -> Event {
    Event {
        stream: stream.to_owned(),
        sequence,
        // 2026-11-03T09:30:00Z
        time: Timestamp::from_unix_millis(1_793_698_200_000 + sequence as i64),
        tenant: TenantId::parse(if sequence % 3 == 2 { "globex" } else { "acme" }).unwrap(),
        actor: "spiffe://example.org/tenant/acme/service/shop".to_owned(),
        certificate: None,
        action: "token.create".to_owned(),
        object: None,
        alias: None,
        outcome: "success".to_owned(),
        purpose: None,
        reveal: None,
        destination: None,
        profile: None,
        key: None,
        key_version: None,
        request_id: format!("req_{sequence:08}"),
        trace_id: None,
        origin: None,
        count: 1,
        row_version: None,
        registry_epoch: None,
    }
}

/// An event with every member.
pub(super) fn full_event() -> Event {
    Event {
        certificate: Some("01ab".to_owned()),
        action: "token.detokenize".to_owned(),
        object: Some("tok_0123456789abcdefghjkmnpqrstvwxyz".to_owned()),
        alias: Some("customer-42/card-1".to_owned()),
        outcome: "denied".to_owned(),
        purpose: Some("refund".to_owned()),
        reveal: Some("masked".to_owned()),
        destination: Some("acquirer".to_owned()),
        profile: Some("default".to_owned()),
        key: Some("key_00010203040506ff".to_owned()),
        key_version: Some(3),
        trace_id: Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned()),
        origin: Some("[2001:db8::1]:51820".to_owned()),
        count: 1000,
        row_version: Some(2),
        registry_epoch: Some(9_007_199_254_740_993),
        ..event(STREAM, 42)
    }
}

/// A key that signs as the HSM would: `r ‖ s` over the SHA-256 of the text.
pub(super) struct Signer(SigningKey);

impl Signer {
    pub(super) fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    pub(super) fn public_key(&self) -> Vec<u8> {
        self.0.verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    pub(super) fn verifier_key(&self, name: &str) -> VerifierKey {
        VerifierKey::new(name, &self.public_key()).unwrap()
    }

    pub(super) fn sign(&self, text: &str) -> [u8; 64] {
        let signature: Signature = self.0.sign(text.as_bytes());
        signature.to_bytes().into()
    }

    pub(super) fn note(&self, name: &str, checkpoint: &Checkpoint) -> String {
        let signature = self.sign(&checkpoint.signed_text());
        SignedCheckpoint::assemble(checkpoint, &self.verifier_key(name), &signature).unwrap()
    }

    /// A note over any text, checkpoint or not.
    pub(super) fn note_over(&self, name: &str, text: &str) -> String {
        let signature = Signature::from_slice(&self.sign(text)).unwrap().to_der();
        let line = [&self.verifier_key(name).id(), signature.as_bytes()].concat();
        format!("{text}\n\u{2014} {name} {}\n", data_encoding::BASE64.encode(&line))
    }
}

/// What happened on one node, how it was bundled and where it was signed.
#[derive(Debug, Clone)]
pub(super) struct History {
    pub(super) events: Vec<Event>,
    /// The end of each bundle, and whether a checkpoint follows.
    pub(super) bundles: Vec<(u64, bool)>,
}

impl History {
    /// Bundles of five, a checkpoint after every second.
    pub(super) fn new(stream: &str, events: u64) -> Self {
        Self {
            events: (0..events).map(|sequence| event(stream, sequence)).collect(),
            bundles: (1..=events / 5).map(|bundle| (bundle * 5, bundle % 2 == 0)).collect(),
        }
    }

    pub(super) fn encoded(&self, sequence: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.events[sequence as usize].encode(&mut bytes);
        bytes
    }

    pub(super) fn tree(&self, size: u64) -> CompactRange {
        let mut tree = CompactRange::new();
        (0..size).for_each(|sequence| tree.append(leaf_hash(&self.encoded(sequence))));
        tree
    }

    pub(super) fn note(&self, size: u64, signer: &Signer) -> String {
        let origin = export::origin(CLUSTER, &self.events[0].stream);
        let checkpoint = Checkpoint::new(&origin, size, self.tree(size).root()).unwrap();
        signer.note(&export::key_name(CLUSTER), &checkpoint)
    }

    /// The stream's lines, from a bundle boundary on.
    pub(super) fn stream(&self, start: u64, scope: &Scope) -> Vec<String> {
        let signer = Signer::new(1);
        let mut tree = self.tree(start);
        let mut out = Vec::new();
        export::stream(&mut out, CLUSTER, &self.events[0].stream, (start > 0).then_some(&tree));
        if start > 0 {
            export::checkpoint(&mut out, &self.note(start, &signer));
        }
        for (end, signed) in self.bundles.iter().filter(|(end, _)| *end > start) {
            let first = tree.size();
            for sequence in first..*end {
                let bytes = self.encoded(sequence);
                let shown = match scope {
                    Scope::All => true,
                    Scope::Tenant(tenant) => self.events[sequence as usize].tenant == *tenant,
                };
                export::event(&mut out, sequence, &leaf_hash(&bytes), shown.then_some(bytes.as_slice()));
                tree.append(leaf_hash(&bytes));
            }
            export::bundle(&mut out, first, *end - first, &tree.root());
            if *signed {
                export::checkpoint(&mut out, &self.note(*end, &signer));
            }
        }
        lines(out)
    }
}

/// A whole export: header, streams, end.
pub(super) fn export(scope: &Scope, streams: &[Vec<String>]) -> Vec<String> {
    let mut head = Vec::new();
    export::header(&mut head, CLUSTER, scope, Timestamp::from_unix_millis(1_793_700_000_000));
    let mut all = lines(head);
    all.extend(streams.iter().flatten().cloned());
    restate_end(&mut all);
    all
}

/// Ends the lines with the number of events that they now have.
pub(super) fn restate_end(lines: &mut Vec<String>) {
    lines.retain(|line| !line.starts_with(r#"{"type":"end""#));
    let events = lines.iter().filter(|line| line.starts_with(r#"{"type":"event""#)).count();
    lines.push(format!(r#"{{"type":"end","events":{events}}}"#));
}

pub(super) fn verifier() -> Verifier {
    Verifier::new(Signer::new(1).verifier_key(&export::key_name(CLUSTER)))
}

pub(super) fn verify(lines: &[String]) -> Report {
    verify_with(&verifier(), lines)
}

pub(super) fn verify_with(verifier: &Verifier, lines: &[String]) -> Report {
    verifier.verify(text(lines).as_bytes()).unwrap()
}

pub(super) fn text(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Where the event's line is.
pub(super) fn line_of(lines: &[String], sequence: u64) -> usize {
    let start = format!(r#"{{"type":"event","seq":{sequence},"#);
    lines.iter().position(|line| line.starts_with(&start)).unwrap()
}

fn lines(bytes: Vec<u8>) -> Vec<String> {
    String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
}
