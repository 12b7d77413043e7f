//! Each way of tampering, performed, and the first bad record named.

use super::export::{self, Scope};
use super::fixtures::*;
use super::{CheckpointError, Finding, FindingKind, Report};
use strongroom_domain::TenantId;

/// Thirty records in bundles of five, checkpoints over 10, 20 and 30.
fn honest() -> Vec<String> {
    export(&Scope::All, &[History::new(STREAM, 30).stream(0, &Scope::All)])
}

/// The same history with another record in one place, hashed anew as only the key's holder could sign it.
fn other_history(altered: u64) -> History {
    let mut history = History::new(STREAM, 30);
    history.events[altered as usize].outcome = "denied".to_owned();
    history
}

/// What is found, without the line numbers.
fn found(report: &Report) -> Vec<(Option<u64>, FindingKind)> {
    report.findings.iter().map(|finding| (finding.sequence, finding.kind.clone())).collect()
}

fn assert_found(lines: &[String], expected: &[(u64, FindingKind)]) {
    let expected: Vec<_> = expected.iter().map(|(sequence, kind)| (Some(*sequence), kind.clone())).collect();
    assert_eq!(found(&verify(lines)), expected);
}

fn is_checkpoint(line: &str) -> bool {
    line.starts_with(r#"{"type":"checkpoint""#)
}

fn is_head(line: &str) -> bool {
    line.starts_with(r#"{"type":"bundle""#)
}

/// Puts the checkpoints of one export in the places of another's.
fn with_checkpoints_of(lines: Vec<String>, other: &[String]) -> Vec<String> {
    let mut checkpoints = other.iter().filter(|line| is_checkpoint(line));
    lines
        .into_iter()
        .map(|line| if is_checkpoint(&line) { checkpoints.next().unwrap().clone() } else { line })
        .collect()
}

#[test]
fn an_honest_export_is_proven() {
    let report = verify(&honest());
    assert_eq!(report.findings, []);
    assert!(report.is_ok());
    let stream = &report.streams[0];
    assert_eq!((stream.stream.as_str(), stream.start), (STREAM, 0));
    assert_eq!((stream.events, stream.redacted, stream.checkpoints), (30, 0, 3));
    assert_eq!(stream.last_checkpoint.as_ref().map(|last| last.size()), Some(30));
}

#[test]
fn a_tenant_sees_its_own_and_proves_all() {
    let scope = Scope::Tenant(TenantId::parse("acme").unwrap());
    let lines = export(&scope, &[History::new(STREAM, 30).stream(0, &scope)]);
    assert!(!text(&lines).contains("globex"));
    let report = verify(&lines);
    assert!(report.is_ok());
    assert_eq!((report.streams[0].events, report.streams[0].redacted), (20, 10));
}

#[test]
fn several_streams_are_proven_each_for_itself() {
    let streams =
        ["vault-1.1", "vault-1.2", "vault-2.1"].map(|name| History::new(name, 20).stream(0, &Scope::All));
    let report = verify(&export(&Scope::All, &streams));
    assert!(report.is_ok());
    assert_eq!(report.streams.len(), 3);
}

#[test]
fn an_edit_names_the_record() {
    let mut lines = honest();
    let at = line_of(&lines, 17);
    lines[at] = lines[at].replace(r#""outcome":"success""#, r#""outcome":"denied!""#);
    assert_found(&lines, &[(17, FindingKind::EventAltered)]);
}

#[test]
fn an_edit_with_its_own_hash_names_the_bundle() {
    let mut lines = honest();
    let at = line_of(&lines, 17);
    lines[at] = export(&Scope::All, &[other_history(17).stream(0, &Scope::All)])[at].clone();
    assert_found(&lines, &[(15, FindingKind::HeadMismatch { count: 5, proven: 10 })]);
}

#[test]
fn an_edit_with_hash_and_head_is_found_at_the_next_head_or_checkpoint() {
    let forged = export(&Scope::All, &[other_history(12).stream(0, &Scope::All)]);
    let mut lines = honest();
    let at = line_of(&lines, 12);
    lines[at] = forged[at].clone();
    let head = at + lines[at..].iter().position(|line| is_head(line)).unwrap();
    lines[head] = forged[head].clone();
    assert_found(&lines, &[(15, FindingKind::HeadMismatch { count: 5, proven: 10 })]);
}

#[test]
fn a_deletion_names_the_first_missing() {
    // A gap shows at the head of its bundle; what is missing beyond it, at the next.
    for (first, removed, missing) in [(0, 1, 1), (13, 1, 1), (14, 1, 1), (12, 6, 3), (29, 1, 1), (25, 5, 5)] {
        let mut lines = honest();
        for sequence in first..first + removed {
            lines.remove(line_of(&lines, sequence));
        }
        restate_end(&mut lines);
        let report = verify(&lines);
        assert_eq!(found(&report)[0], (Some(first), FindingKind::SequenceGap { missing }));
    }
}

#[test]
fn a_deletion_with_renumbering_names_the_first_that_moved() {
    let mut lines = honest();
    let at = line_of(&lines, 13);
    lines.remove(at);
    for sequence in 14..30 {
        let at = line_of(&lines, sequence);
        lines[at] =
            lines[at].replacen(&format!(r#""seq":{sequence},"#), &format!(r#""seq":{},"#, sequence - 1), 1);
    }
    restate_end(&mut lines);
    assert_eq!(found(&verify(&lines))[0], (Some(13), FindingKind::ForeignEvent));
}

#[test]
fn a_swap_names_the_first_out_of_place() {
    for (one, other) in [(11, 12), (11, 14), (3, 27)] {
        let mut lines = honest();
        let (first, second) = (line_of(&lines, one), line_of(&lines, other));
        lines.swap(first, second);
        assert_eq!(found(&verify(&lines))[0], (Some(one), FindingKind::SequenceOrder), "{one} {other}");
    }
    let mut lines = honest();
    let (first, second) = (line_of(&lines, 11), line_of(&lines, 12));
    lines.swap(first, second);
    assert_found(&lines, &[(11, FindingKind::SequenceOrder)]);
}

#[test]
fn a_swap_with_renumbering_names_the_first_out_of_place() {
    let mut lines = honest();
    let (first, second) = (line_of(&lines, 11), line_of(&lines, 13));
    lines.swap(first, second);
    lines[first] = lines[first].replacen(r#""seq":13"#, r#""seq":11"#, 1);
    lines[second] = lines[second].replacen(r#""seq":11"#, r#""seq":13"#, 1);
    let expected = [
        (11, FindingKind::ForeignEvent),
        (13, FindingKind::ForeignEvent),
        (10, FindingKind::HeadMismatch { count: 5, proven: 10 }),
    ];
    assert_found(&lines, &expected);
}

#[test]
fn a_repetition_names_the_record() {
    let mut lines = honest();
    let at = line_of(&lines, 13);
    lines.insert(at + 1, lines[at].clone());
    restate_end(&mut lines);
    assert_found(&lines, &[(13, FindingKind::SequenceRepeated)]);
}

#[test]
fn a_file_cut_anywhere_names_the_next_record() {
    let lines = honest();
    for kept in 1..lines.len() {
        let report = verify(&lines[..kept]);
        let next = lines[..kept].iter().filter(|line| line.starts_with(r#"{"type":"event""#)).count() as u64;
        let sequence = (kept > 1).then_some(next);
        assert_eq!(found(&report), [(sequence, FindingKind::MissingEnd)], "{kept}");
    }
    let whole = text(&export(&Scope::All, &[History::new(STREAM, 10).stream(0, &Scope::All)]));
    for kept in (0..whole.len() - 1).step_by(3) {
        assert!(!verifier().verify(&whole.as_bytes()[..kept]).unwrap().is_ok());
    }
    assert!(verifier().verify(whole.trim_end().as_bytes()).unwrap().is_ok());
}

#[test]
fn a_truncated_tail_with_its_checkpoints_left_names_the_first_missing() {
    let mut lines = honest();
    let gone = line_of(&lines, 20);
    let checkpoint = lines.iter().rposition(|line| is_checkpoint(line)).unwrap();
    lines.drain(gone..checkpoint);
    restate_end(&mut lines);
    assert_found(&lines, &[(20, FindingKind::TruncatedTail { signed: 30 })]);
}

#[test]
fn a_truncated_tail_without_its_checkpoints_needs_a_witness() {
    let history = History::new(STREAM, 30);
    let mut lines = honest();
    lines.truncate(line_of(&lines, 20));
    restate_end(&mut lines);
    assert!(verify(&lines).is_ok(), "nothing in the export shows that it once was longer");

    let mut witnessed = verifier();
    witnessed.remember(&history.note(30, &Signer::new(1))).unwrap();
    let report = verify_with(&witnessed, &lines);
    assert_eq!(found(&report), [(Some(20), FindingKind::TruncatedTail { signed: 30 })]);
    assert!(verify_with(&witnessed, &honest()).is_ok());
}

#[test]
fn a_tail_without_checkpoint_names_its_first() {
    let mut lines = honest();
    let checkpoint = lines.iter().rposition(|line| is_checkpoint(line)).unwrap();
    lines.remove(checkpoint);
    assert_found(&lines, &[(20, FindingKind::UnsignedTail { count: 10 })]);
}

#[test]
fn a_rewrite_with_fresh_hashes_names_the_range_since_the_last_good_checkpoint() {
    for altered in 10..20 {
        let forged = export(&Scope::All, &[other_history(altered).stream(0, &Scope::All)]);
        let lines = with_checkpoints_of(forged, &honest());
        assert_found(&lines, &[(10, FindingKind::CheckpointMismatch { count: 10, remembered: false })]);
    }
}

#[test]
fn a_rewrite_without_checkpoints_is_unsigned_and_found_by_a_witness() {
    let mut lines = export(&Scope::All, &[other_history(13).stream(0, &Scope::All)]);
    lines.retain(|line| !is_checkpoint(line));
    assert_found(&lines, &[(0, FindingKind::UnsignedTail { count: 30 })]);

    let mut witnessed = verifier();
    for size in [10, 25] {
        witnessed.remember(&History::new(STREAM, 30).note(size, &Signer::new(1))).unwrap();
    }
    let report = verify_with(&witnessed, &lines);
    assert_eq!(found(&report), [(Some(10), FindingKind::CheckpointMismatch { count: 15, remembered: true })]);
}

#[test]
fn a_rewrite_signed_with_another_key_is_refused() {
    let history = other_history(13);
    let mut lines = export(&Scope::All, &[history.stream(0, &Scope::All)]);
    for (line, size) in lines.iter_mut().filter(|line| is_checkpoint(line)).zip([10, 20, 30]) {
        let mut forged = Vec::new();
        export::checkpoint(&mut forged, &history.note(size, &Signer::new(2)));
        *line = String::from_utf8(forged).unwrap().trim_end().to_owned();
    }
    let refused = FindingKind::CheckpointSignature(CheckpointError::NotSigned);
    let expected = [
        (0, refused.clone()),
        (0, refused.clone()),
        (0, refused),
        (0, FindingKind::UnsignedTail { count: 30 }),
    ];
    assert_found(&lines, &expected);
}

#[test]
fn a_changed_key_is_trusted_when_told_so() {
    let mut old = verifier();
    old.also_trust(Signer::new(2).verifier_key(&export::key_name(CLUSTER))).unwrap();
    let foreign = Signer::new(2).verifier_key(&export::key_name("bad"));
    assert_eq!(old.also_trust(foreign), Err(CheckpointError::OtherLog));
    assert_eq!(old.remember(&History::new(STREAM, 30).note(25, &Signer::new(2))), Ok(()));
    assert!(verify_with(&old, &honest()).is_ok());
}

#[test]
fn two_signed_histories_are_a_fork() {
    // After a restore the vault went on from record 12 and signed again; the witness remembers what came first.
    let mut witnessed = verifier();
    witnessed.remember(&History::new(STREAM, 30).note(15, &Signer::new(1))).unwrap();
    let lines = export(&Scope::All, &[other_history(12).stream(0, &Scope::All)]);
    assert_eq!(found(&verify_with(&witnessed, &lines)), [(Some(10), FindingKind::Fork { size: 15 })]);

    let mut same_size = verifier();
    same_size.remember(&History::new(STREAM, 30).note(20, &Signer::new(1))).unwrap();
    assert_eq!(found(&verify_with(&same_size, &lines)), [(Some(10), FindingKind::Fork { size: 20 })]);
}

#[test]
fn a_whole_stream_left_out_needs_a_witness() {
    let streams = ["vault-1.1", "vault-2.1"].map(|name| History::new(name, 10).stream(0, &Scope::All));
    let mut witnessed = verifier();
    witnessed.remember(&History::new("vault-2.1", 10).note(10, &Signer::new(1))).unwrap();
    assert!(verify_with(&witnessed, &export(&Scope::All, &streams)).is_ok());
    let report = verify_with(&witnessed, &export(&Scope::All, &streams[..1]));
    assert_eq!(found(&report), [(Some(0), FindingKind::TruncatedTail { signed: 10 })]);
    assert_eq!(report.findings[0].stream.as_deref(), Some("vault-2.1"));
}

#[test]
fn a_remembered_checkpoint_is_held_against_its_own_stream() {
    let names = ["vault-1.1", "vault-1.1.2", "vault-2.1"];
    let histories = names.map(|name| History::new(name, 20));
    let streams = histories.clone().map(|history| history.stream(0, &Scope::All));
    // As a witness file has them: in the order in which they were signed, over the streams.
    let mut witnessed = verifier();
    for size in [5, 10, 20] {
        for history in &histories {
            witnessed.remember(&history.note(size, &Signer::new(1))).unwrap();
        }
    }
    let report = verify_with(&witnessed, &export(&Scope::All, &streams));
    assert_eq!(report.findings, []);
    // Two of the export and three that were remembered, in each.
    assert_eq!(report.streams.iter().map(|stream| stream.checkpoints).collect::<Vec<_>>(), [5, 5, 5]);

    let named = |lines: &[Vec<String>]| -> Vec<_> {
        let report = verify_with(&witnessed, &export(&Scope::All, lines));
        report.findings.into_iter().map(|found| (found.stream.unwrap(), found.sequence, found.kind)).collect()
    };
    // Each stream left out is named, and so is the one that was cut or rewritten among others in order.
    let gone = |name: &str| (name.to_owned(), Some(0), FindingKind::TruncatedTail { signed: 20 });
    assert_eq!(named(&streams[1..2]), [gone(names[0]), gone(names[2])]);

    let [first, mut second, third] = streams;
    let whole = second.clone();
    second.truncate(2 + second.iter().position(|line| is_checkpoint(line)).unwrap());
    second.pop();
    let cut = (names[1].to_owned(), Some(10), FindingKind::TruncatedTail { signed: 20 });
    assert_eq!(named(&[first.clone(), second, third.clone()]), [cut]);

    let mut forged = History::new(names[2], 20);
    forged.events[7].outcome = "denied".to_owned();
    let mut forged = forged.stream(0, &Scope::All);
    forged.retain(|line| !is_checkpoint(line));
    let rewritten = FindingKind::CheckpointMismatch { count: 5, remembered: true };
    assert_eq!(named(&[first, whole, forged]), [(names[2].to_owned(), Some(5), rewritten)]);
}

#[test]
fn an_event_withheld_from_all_is_found() {
    let scope = Scope::Tenant(TenantId::parse("acme").unwrap());
    let lines = export(&Scope::All, &[History::new(STREAM, 10).stream(0, &scope)]);
    let expected = [2, 5, 8].map(|sequence| (sequence, FindingKind::EventWithheld));
    assert_found(&lines, &expected);
}

#[test]
fn another_tenants_event_does_not_belong_in_a_tenants_export() {
    let scope = Scope::Tenant(TenantId::parse("acme").unwrap());
    let lines = export(&scope, &[History::new(STREAM, 10).stream(0, &Scope::All)]);
    assert_found(&lines, &[2, 5, 8].map(|sequence| (sequence, FindingKind::ForeignEvent)));
}

#[test]
fn streams_and_clusters_do_not_stand_in_for_each_other() {
    let mut lines = export(&Scope::All, &[History::new("vault-1.1", 10).stream(0, &Scope::All)]);
    let other = History::new("vault-2.1", 10).stream(0, &Scope::All);
    let at = lines.iter().position(|line| is_checkpoint(line)).unwrap();
    lines[at] = other.iter().find(|line| is_checkpoint(line)).unwrap().clone();
    assert_found(&lines, &[(0, FindingKind::WrongOrigin), (0, FindingKind::UnsignedTail { count: 10 })]);

    let foreign: Vec<String> = honest().iter().map(|line| line.replace(CLUSTER, "beef")).collect();
    let report = verify(&foreign);
    assert_eq!(found(&report)[..2], [(None, FindingKind::WrongCluster), (None, FindingKind::WrongOrigin)]);
}

#[test]
fn a_later_start_needs_a_checkpoint_there() {
    let history = History::new(STREAM, 30);
    let lines = export(&Scope::All, &[history.stream(10, &Scope::All)]);
    let report = verify(&lines);
    assert_eq!(report.findings, []);
    assert_eq!((report.streams[0].start, report.streams[0].events), (10, 20));

    let mut unproven = lines.clone();
    unproven.remove(2);
    assert_eq!(found(&verify(&unproven))[0], (Some(10), FindingKind::UnverifiedStart));

    let mut other_start = lines.clone();
    other_start[1] = other_history(3).stream(10, &Scope::All)[0].clone();
    assert_found(&other_start, &[(10, FindingKind::UnverifiedStart)]);

    let mut witnessed = verifier();
    witnessed.remember(&history.note(5, &Signer::new(1))).unwrap();
    let report = verify_with(&witnessed, &lines);
    assert_eq!(found(&report), [(Some(10), FindingKind::RememberedBeforeStart { size: 5 })]);
}

#[test]
fn heads_and_checkpoints_keep_their_places() {
    let mut headless = honest();
    let head = headless.iter().position(|line| is_head(line)).unwrap();
    headless.remove(head);
    assert_found(&headless, &[(0, FindingKind::HeadMissing)]);

    let mut late = honest();
    let checkpoint = late.iter().position(|line| is_checkpoint(line)).unwrap();
    late.swap(checkpoint, checkpoint + 1);
    assert_found(&late, &[(0, FindingKind::CheckpointMisplaced { size: 10 })]);

    let mut early = honest();
    early.swap(checkpoint - 1, checkpoint);
    early.swap(checkpoint - 2, checkpoint - 1);
    assert_eq!(verify(&early).findings, [], "early, a checkpoint waits for its records");

    let mut twice = honest();
    twice.insert(checkpoint + 3, twice[checkpoint].clone());
    assert_eq!(verify(&twice).findings, []);
}

#[test]
fn garbage_is_named_and_bounded() {
    let garbage = b"{\"type\":\"event\",\"seq\":18446744073709551615,\"leaf\":\"\"}\n\xff\xfe\x00\n[[[[\n\n"
        .repeat(1000);
    let report = verifier().verify(garbage.as_slice()).unwrap();
    assert!(!report.is_ok());
    assert_eq!(report.findings.len(), 100);
    assert_eq!(report.unlisted_findings, 4000 + 1 - 100);
    let empty = verifier().verify(&b""[..]).unwrap();
    assert_eq!(found(&empty), [(None, FindingKind::MissingEnd)]);
    let long = [b"{".repeat(600 * 1024).as_slice(), b"\n"].concat();
    let report = verifier().verify(long.as_slice()).unwrap();
    assert_eq!(found(&report)[0], (None, FindingKind::Malformed("a line is at most 512 KiB")));
}

#[test]
fn findings_read_as_english() {
    let finding = |sequence, kind| {
        Finding { stream: Some(STREAM.to_owned()), sequence: Some(sequence), line: 9, kind }.to_string()
    };
    assert_eq!(
        finding(10, FindingKind::CheckpointMismatch { count: 10, remembered: false }),
        "stream vault-1.1: records 10 to 19 are rewritten: they do not lead to the signed checkpoint; the first that \
         may be bad is record 10 (line 9)"
    );
    assert_eq!(
        finding(7, FindingKind::SequenceGap { missing: 1 }),
        "stream vault-1.1: record 7 is missing (line 9)"
    );
}
