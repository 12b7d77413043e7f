//! Random events, random histories, random tampering.

use proptest::prelude::*;
use strongroom_domain::{TenantId, Timestamp};

use super::export::Scope;
use super::fixtures::*;
use super::{CompactRange, Event, leaf_hash};

fn tenants() -> impl Strategy<Value = TenantId> {
    prop_oneof!["acme", "globex", "a-0"].prop_map(|name| TenantId::parse(&name).unwrap())
}

prop_compose! {
    fn events()(
        (stream, sequence, millis, tenant, actor, certificate) in
            (any::<String>(), any::<u64>(), any::<i64>(), tenants(), any::<String>(), any::<Option<String>>()),
        (action, object, alias, outcome, purpose, reveal) in
            (any::<String>(), any::<Option<String>>(), any::<Option<String>>(), any::<String>(), any::<Option<String>>(), any::<Option<String>>()),
        (destination, profile) in (any::<Option<String>>(), any::<Option<String>>()),
        (key, key_version, request_id, trace_id, origin) in
            (any::<Option<String>>(), any::<Option<u32>>(), any::<String>(), any::<Option<String>>(), any::<Option<String>>()),
        (count, row_version, registry_epoch) in (any::<u32>(), any::<Option<u32>>(), any::<Option<u64>>()),
    ) -> Event {
        Event {
            stream, sequence, time: Timestamp::from_unix_millis(millis), tenant, actor, certificate, action, object,
            alias, outcome, purpose, reveal, destination, profile, key, key_version, request_id, trace_id, origin, count, row_version,
            registry_epoch,
        }
    }
}

fn encoded(event: &Event) -> Vec<u8> {
    let mut out = Vec::new();
    event.encode(&mut out);
    out
}

prop_compose! {
    /// One to six bundles of one to six events, a checkpoint after some and after the last.
    fn histories()(bundles in prop::collection::vec((1_u64..=6, any::<bool>()), 1..=6)) -> History {
        let mut end = 0;
        let mut bundles: Vec<_> = bundles.into_iter().map(|(length, signed)| { end += length; (end, signed) }).collect();
        bundles.last_mut().unwrap().1 = true;
        History { events: (0..end).map(|sequence| event(STREAM, sequence)).collect(), bundles }
    }
}

/// Lines whose place and every byte counts: events and heads. Of checkpoints the bytes count.
fn is_record(line: &str) -> bool {
    line.starts_with(r#"{"type":"event""#) || line.starts_with(r#"{"type":"bundle""#)
}

#[derive(Debug, Clone)]
enum Tampering {
    Remove(prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Byte(prop::sample::Index, prop::sample::Index, u8),
    Rewrite(prop::sample::Index),
}

fn tamperings() -> impl Strategy<Value = Tampering> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        index().prop_map(Tampering::Remove),
        (index(), index()).prop_map(|(from, to)| Tampering::Repeat(from, to)),
        (index(), index()).prop_map(|(one, other)| Tampering::Swap(one, other)),
        (index(), index(), 1_u8..=255).prop_map(|(line, byte, change)| Tampering::Byte(line, byte, change)),
        index().prop_map(Tampering::Rewrite),
    ]
}

/// The export after the tampering, in bytes.
fn tampered(history: &History, tampering: &Tampering) -> Vec<u8> {
    let mut lines = export(&Scope::All, &[history.stream(0, &Scope::All)]);
    let records: Vec<usize> = (0..lines.len()).filter(|place| is_record(&lines[*place])).collect();
    match tampering {
        Tampering::Remove(record) => {
            lines.remove(*record.get(&records));
        }
        Tampering::Repeat(record, place) => {
            let line = lines[*record.get(&records)].clone();
            lines.insert(*place.get(&records), line);
        }
        Tampering::Swap(one, other) => lines.swap(*one.get(&records), *other.get(&records)),
        Tampering::Byte(line, byte, change) => {
            // Every line but the header, whose time nothing proves.
            let place = 1 + line.index(lines.len() - 1);
            let before: usize = lines[..place].iter().map(|line| line.len() + 1).sum();
            let position = before + byte.index(lines[place].len());
            let mut bytes = text(&lines).into_bytes();
            bytes[position] ^= change;
            return bytes;
        }
        Tampering::Rewrite(altered) => {
            let mut rewritten = history.clone();
            let altered = altered.index(rewritten.events.len());
            rewritten.events[altered].actor = "spiffe://example.org/tenant/acme/service/other".to_owned();
            let checkpoint = |line: &&String| line.starts_with(r#"{"type":"checkpoint""#);
            let mut signed = lines.iter().filter(checkpoint).cloned().collect::<Vec<_>>().into_iter();
            lines = export(&Scope::All, &[rewritten.stream(0, &Scope::All)]);
            lines
                .iter_mut()
                .filter(|line| line.starts_with(r#"{"type":"checkpoint""#))
                .for_each(|line| *line = signed.next().unwrap());
        }
    }
    restate_end(&mut lines);
    text(&lines).into_bytes()
}

proptest! {
    #[test]
    fn what_is_encoded_is_parsed_again(event in events()) {
        let bytes = encoded(&event);
        prop_assert!(bytes.iter().all(|byte| matches!(byte, b' '..=b'~')));
        if bytes.len() <= Event::MAX_LENGTH {
            prop_assert_eq!(Event::parse(&bytes), Ok(event));
        }
    }

    #[test]
    fn different_events_have_different_bytes(one in events(), other in events()) {
        prop_assert_eq!(one == other, encoded(&one) == encoded(&other));
    }

    #[test]
    fn one_changed_byte_is_another_event_or_none(event in events(), place: prop::sample::Index, change in 1_u8..=255) {
        let mut bytes = encoded(&event);
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        prop_assert_ne!(Event::parse(&bytes), Ok(event));
    }

    #[test]
    fn a_tree_survives_its_bytes(leaves in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut tree = CompactRange::new();
        leaves.iter().for_each(|leaf| tree.append(leaf_hash(&[*leaf])));
        prop_assert_eq!(CompactRange::decode(&tree.encode()), Ok(tree));
    }

    #[test]
    fn garbage_never_verifies_and_never_panics(garbage in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!verifier().verify(garbage.as_slice()).unwrap().is_ok());
        let _ = Event::parse(&garbage);
        let _ = CompactRange::decode(&garbage);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_history_is_proven_and_every_tampering_found(history in histories(), tampering in tamperings()) {
        let honest = text(&export(&Scope::All, &[history.stream(0, &Scope::All)])).into_bytes();
        prop_assert!(verifier().verify(honest.as_slice()).unwrap().is_ok());
        let tampered = tampered(&history, &tampering);
        let report = verifier().verify(tampered.as_slice()).unwrap();
        prop_assert_eq!(report.is_ok(), tampered == honest);
        for finding in &report.findings {
            prop_assert!(finding.to_string().is_ascii());
        }
    }
}
