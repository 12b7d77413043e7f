//! The committed vectors. Those of events are read; those of exports are also written, so that neither the verifier nor
//! the writer can change without a change to a file that people review.
//!
//! `STRONGROOM_WRITE_VECTORS=1` writes the export vectors anew.

use std::path::PathBuf;

use super::export::{self, Scope};
use super::fixtures::*;
use super::{Event, EventError};
use strongroom_domain::TenantId;

macro_rules! vector {
    ($name:literal) => {
        ($name, include_bytes!(concat!("vectors/event/", $name, ".json")).trim_ascii_end())
    };
}

#[test]
fn events_as_they_are_written() {
    let mut escaped = event(STREAM, 9);
    escaped.object =
        Some("\"quoted\" \\ line\nbreak \u{1b}[31m red, \u{202e}bidi, caf\u{e9}, \u{1f511}".to_owned());
    for ((name, bytes), event) in [
        (vector!("minimal"), event(STREAM, 7)),
        (vector!("full"), full_event()),
        (vector!("escaped"), escaped),
    ] {
        let mut written = Vec::new();
        event.encode(&mut written);
        assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(bytes), "{name}");
        assert_eq!(Event::parse(bytes), Ok(event), "{name}");
    }
}

#[test]
fn events_that_are_none() {
    for ((name, bytes), error) in [
        (vector!("malformed-not-json"), EventError::Malformed),
        (vector!("malformed-missing-member"), EventError::Malformed),
        (vector!("malformed-unknown-member"), EventError::Malformed),
        (vector!("malformed-member-twice"), EventError::Malformed),
        (vector!("malformed-nested-value"), EventError::Malformed),
        (vector!("malformed-negative-sequence"), EventError::Malformed),
        (vector!("malformed-raw-control-character"), EventError::Malformed),
        (vector!("malformed-text-after-object"), EventError::Malformed),
        (vector!("malformed-version-2"), EventError::Version),
        (vector!("malformed-tenant-upper-case"), EventError::Tenant),
        (vector!("malformed-time-without-zone"), EventError::Time),
        (vector!("not-canonical-spaces"), EventError::NotCanonical),
        (vector!("not-canonical-order"), EventError::NotCanonical),
        (vector!("not-canonical-null-member"), EventError::NotCanonical),
        (vector!("not-canonical-raw-non-ascii"), EventError::NotCanonical),
        (vector!("not-canonical-upper-case-escape"), EventError::NotCanonical),
        (vector!("not-canonical-needless-escape"), EventError::NotCanonical),
        (vector!("not-canonical-time-offset"), EventError::NotCanonical),
        (vector!("not-canonical-time-decimals"), EventError::NotCanonical),
    ] {
        assert_eq!(Event::parse(bytes), Err(error), "{name}");
    }
}

/// Six records, two a bundle, checkpoints over 4 and 6.
fn history() -> History {
    history_of(STREAM)
}

fn history_of(stream: &str) -> History {
    History { bundles: vec![(2, false), (4, true), (6, true)], ..History::new(stream, 6) }
}

fn honest() -> Vec<String> {
    export(&Scope::All, &[history().stream(0, &Scope::All)])
}

/// The export that was tampered with in the way that names the file.
fn exports() -> Vec<(&'static str, Vec<String>)> {
    let tenant = Scope::Tenant(TenantId::parse("acme").unwrap());
    let change = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = honest();
        change(&mut lines);
        restate_end(&mut lines);
        lines
    };
    let mut forged = history();
    forged.events[4].outcome = "denied".to_owned();
    let forged = export(&Scope::All, &[forged.stream(0, &Scope::All)]);
    let checkpoint = |lines: &[String]| lines.iter().rposition(|line| line.contains("checkpoint")).unwrap();

    vec![
        ("good-all-tenants", honest()),
        ("good-one-tenant", export(&tenant, &[history().stream(0, &tenant)])),
        (
            "good-several-streams",
            export(
                &Scope::All,
                &["vault-1.1", "vault-1.1.2", "vault-2.1"]
                    .map(|name| history_of(name).stream(0, &Scope::All)),
            ),
        ),
        ("good-later-start", export(&Scope::All, &[history().stream(4, &Scope::All)])),
        (
            "event-altered",
            change(&|lines| {
                let at = line_of(lines, 3);
                lines[at] = lines[at].replace("req_00000003", "req_00000000");
            }),
        ),
        (
            "event-and-leaf-altered",
            change(&|lines| {
                let at = line_of(lines, 4);
                lines[at] = forged[at].clone();
            }),
        ),
        (
            "event-removed",
            change(&|lines| {
                lines.remove(line_of(lines, 3));
            }),
        ),
        (
            "events-swapped",
            change(&|lines| {
                let (one, other) = (line_of(lines, 2), line_of(lines, 5));
                lines.swap(one, other);
            }),
        ),
        (
            "tail-removed-checkpoint-left",
            change(&|lines| {
                lines.drain(line_of(lines, 4)..checkpoint(lines));
            }),
        ),
        (
            "rewritten-with-fresh-hashes",
            change(&|lines| {
                let at = checkpoint(lines);
                let signed = lines[at].clone();
                *lines = forged.clone();
                lines[at] = signed;
            }),
        ),
        (
            "checkpoint-removed",
            change(&|lines| {
                lines.remove(checkpoint(lines));
            }),
        ),
        (
            "checkpoint-text-altered",
            change(&|lines| {
                let at = checkpoint(lines);
                lines[at] = lines[at].replace("\\u000a6\\u000a", "\\u000a5\\u000a");
            }),
        ),
        ("end-missing", honest()[..8].to_vec()),
        (
            "line-is-no-json",
            change(&|lines| {
                let at = line_of(lines, 1);
                lines[at] = lines[at].replace('}', "");
            }),
        ),
    ]
}

#[test]
fn exports_and_what_is_found_in_them() {
    let folder: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "src", "audit_v1", "vectors", "export"].iter().collect();
    let key = format!("{}\n", Signer::new(1).verifier_key(&export::key_name(CLUSTER)));
    let mut files = vec![("verifier.key".to_owned(), key)];
    for (name, lines) in exports() {
        let report = verify(&lines);
        assert_eq!(report.is_ok(), name.starts_with("good"), "{name}");
        let findings: String = report.findings.iter().map(|finding| format!("{finding}\n")).collect();
        files.push((format!("{name}.ndjson"), text(&lines)));
        files.push((format!("{name}.findings"), findings));
    }
    for (name, contents) in files {
        let path = folder.join(&name);
        if std::env::var_os("STRONGROOM_WRITE_VECTORS").is_some() {
            std::fs::write(&path, &contents).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), contents, "{name}");
    }
}
