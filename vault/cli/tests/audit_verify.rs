//! `strongroom audit verify` over the vectors of the audit format: each export with the findings that belong to it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's helpers may fail it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crypto/src/audit_v1/vectors/export")
}

fn verify(export: &str, further: &[&str]) -> Output {
    // Without a connection of any kind: there is no vault in this.
    Command::new(env!("CARGO_BIN_EXE_strongroom"))
        .env_clear()
        .args(["audit", "verify"])
        .arg(vectors().join(export))
        .args(further)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn key() -> String {
    fs::read_to_string(vectors().join("verifier.key")).unwrap().trim().to_owned()
}

/// The names of the exports.
fn names() -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(vectors())
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix(".ndjson")?.to_owned()))
        .collect();
    names.sort();
    names
}

/// The note of the last checkpoint of an export.
fn last_note(export: &str) -> String {
    let text = fs::read_to_string(vectors().join(export)).unwrap();
    let line = text.lines().rfind(|line| line.contains("\"checkpoint\"")).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    line["note"].as_str().unwrap().to_owned()
}

#[test]
fn every_vector_ends_as_it_should_and_names_the_record() {
    let names = names();
    assert!(names.len() > 10);
    for name in names {
        let output = verify(&format!("{name}.ndjson"), &["--key", &key()]);
        let shown = String::from_utf8(output.stdout).unwrap();
        let findings = fs::read_to_string(vectors().join(format!("{name}.findings"))).unwrap();
        let good = name.starts_with("good");
        assert_eq!(findings.is_empty(), good);
        assert_eq!(output.status.code(), Some(if good { 0 } else { 7 }), "{name}: {shown}");
        assert_eq!(shown.contains("NOT verified"), !good, "{name}: {shown}");
        for finding in findings.lines() {
            assert!(shown.contains(finding), "{name} lacks: {finding}\n{shown}");
        }
        assert!(output.stderr.is_empty(), "{name}");
    }
}

#[test]
fn the_json_is_for_programs() {
    let output = verify("event-removed.ndjson", &["--json", "--key", &key()]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(report["ok"], false);
    assert_eq!(report["findings"][0]["kind"], "sequence_gap");
    assert_eq!(report["findings"][0]["first_record"], 3);

    let output = verify("good-one-tenant.ndjson", &["--json", "--key", &key()]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], true);
    assert_eq!(report["scope"], "tenant:acme");
    assert_eq!(report["streams"][0]["redacted"], 2);
    assert_eq!(report["streams"][0]["last_checkpoint"]["size"], 6);
}

#[test]
fn quiet_writes_the_findings_alone() {
    let output = verify("event-altered.ndjson", &["--quiet", "--key", &key()]);
    assert_eq!(output.stdout, fs::read(vectors().join("event-altered.findings")).unwrap());
    assert!(verify("good-all-tenants.ndjson", &["-q", "--key", &key()]).stdout.is_empty());
}

#[test]
fn keys_may_come_from_a_file() {
    let file = vectors().join("verifier.key");
    let output = verify("good-all-tenants.ndjson", &["--key-file", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_remembered_checkpoint_shows_a_cut_end() {
    let folder = tempfile::tempdir().unwrap();
    // An export whose last records were removed together with their checkpoint: it proves itself.
    let whole = fs::read_to_string(vectors().join("good-all-tenants.ndjson")).unwrap();
    let lines: Vec<_> = whole.lines().collect();
    let first_checkpoint = lines.iter().position(|line| line.contains("\"checkpoint\"")).unwrap();
    let mut cut = lines[..=first_checkpoint].join("\n");
    cut.push_str("\n{\"type\":\"end\",\"events\":4}\n");
    let export = folder.path().join("cut.ndjson");
    fs::write(&export, cut).unwrap();
    let export = export.to_str().unwrap();
    assert_eq!(verify(export, &["--key", &key()]).status.code(), Some(0));

    // A witness kept the later checkpoint, among others and with empty lines between.
    let notes = folder.path().join("witness.notes");
    let text = serde_json::from_str::<serde_json::Value>(lines[first_checkpoint]).unwrap();
    let early = text["note"].as_str().unwrap().to_owned();
    fs::write(&notes, format!("{early}\n\n{}", last_note("good-all-tenants.ndjson"))).unwrap();
    let notes = notes.to_str().unwrap();
    let output = verify(export, &["--key", &key(), "--checkpoints", notes]);
    assert_eq!(output.status.code(), Some(7));
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("record 4 is the first missing"), "{shown}");

    // Against the whole record the same notes are in order.
    let output = verify("good-all-tenants.ndjson", &["--key", &key(), "--checkpoints", notes]);
    assert_eq!(output.status.code(), Some(0));
}

/// The notes of an export's checkpoints, in its order.
fn notes(export: &str) -> Vec<String> {
    let text = fs::read_to_string(vectors().join(export)).unwrap();
    let lines = text.lines().filter(|line| line.contains("\"type\":\"checkpoint\""));
    lines
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["note"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// What is found in an export by whoever remembers these notes, and the exit code.
fn found(export: &str, notes: &str) -> (Option<i32>, Vec<serde_json::Value>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("witness.notes");
    fs::write(&file, notes).unwrap();
    let output = verify(export, &["--json", "--key", &key(), "--checkpoints", file.to_str().unwrap()]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code(), report["findings"].as_array().unwrap().clone())
}

#[test]
fn notes_of_several_streams_stand_in_one_file() {
    const EXPORT: &str = "good-several-streams.ndjson";
    // As a witness keeps them: the early ones of all streams, then the late ones, with an empty line after each.
    let notes = notes(EXPORT);
    let (early, late) = (notes.iter().step_by(2), notes.iter().skip(1).step_by(2));
    let witnessed: String = early.chain(late).map(|note| format!("{note}\n")).collect();
    assert_eq!(notes.len(), 6);
    assert_eq!(found(EXPORT, &witnessed), (Some(0), Vec::new()));

    // One stream was taken out of the export; the others are in order.
    let whole = fs::read_to_string(vectors().join(EXPORT)).unwrap();
    let mut left = true;
    let kept = whole.lines().filter(|line| {
        if line.starts_with("{\"type\":\"stream\"") {
            left = !line.contains("\"stream\":\"vault-1.1.2\"");
        }
        left || line.contains("\"type\":\"end\"")
    });
    let kept: String = kept.map(|line| format!("{line}\n")).collect();
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("left-out.ndjson");
    fs::write(&export, kept.replace("\"events\":18", "\"events\":12")).unwrap();
    let export = export.to_str().unwrap();
    assert_eq!(
        verify(export, &["--key", &key()]).status.code(),
        Some(0),
        "nothing in it shows that more was there"
    );
    let (code, findings) = found(export, &witnessed);
    assert_eq!((code, findings.len()), (Some(7), 1), "{findings:?}");
    assert_eq!(findings[0]["stream"], "vault-1.1.2");
    assert_eq!(findings[0]["kind"], "truncated_tail");
    assert!(findings[0]["text"].as_str().unwrap().contains("vault-1.1.2"));
}

#[test]
fn a_note_that_cannot_be_used_is_no_silent_success() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("witness.notes");
    let note = last_note("good-all-tenants.ndjson");
    let rekor = vectors().join("../checkpoint/rekor.note");
    for (text, line) in [
        (format!("{note}{}", note.replacen("6\n", "7\n", 1)), "line 6"),
        (format!("{note}some text\n"), "line 6"),
        (fs::read_to_string(rekor).unwrap(), "line 1"),
        (String::new(), "no checkpoint"),
    ] {
        fs::write(&notes, text).unwrap();
        let output =
            verify("good-all-tenants.ndjson", &["--key", &key(), "--checkpoints", notes.to_str().unwrap()]);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{errors}");
        assert!(errors.contains(line), "{errors}");
    }
}

#[test]
fn a_key_of_another_log_proves_nothing() {
    let other = fs::read_to_string(vectors().join("../checkpoint/rekor.key")).unwrap();
    let output = verify("good-all-tenants.ndjson", &["--key", other.trim()]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(verify("good-all-tenants.ndjson", &[]).status.code(), Some(2));
    assert_eq!(
        verify("good-all-tenants.ndjson", &["--key", "strongroom.c0ffee+00+AA=="]).status.code(),
        Some(2)
    );
    assert_eq!(verify("missing.ndjson", &["--key", &key()]).status.code(), Some(1));
}

#[test]
fn reads_standard_input() {
    let file = fs::File::open(vectors().join("events-swapped.ndjson")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_strongroom"))
        .env_clear()
        .args(["audit", "verify", "-", "--key", &key()])
        .stdin(file)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(7));
}
