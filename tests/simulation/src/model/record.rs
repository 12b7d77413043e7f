//! The record as it stands in the store, read without the vault's own code.

use std::collections::BTreeMap;

use strongroom_core::ports::Store;
use strongroom_core::ports::store::BundleRow;
use strongroom_crypto::audit_v1::Event;
use strongroom_domain::Action;

use crate::disk::Disk;

/// Every record, by request.
#[derive(Default)]
pub(crate) struct Record {
    streams: BTreeMap<String, u64>,
    by_request: BTreeMap<String, Vec<Event>>,
    expected: BTreeMap<String, Expected>,
    /// How often each token was revealed in full.
    reveals: BTreeMap<String, u32>,
}

struct Expected {
    action: Action,
    items: usize,
}

/// A rule that was broken, and by what.
pub(crate) type Broken = (&'static str, String);

/// Where each stream has been read to.
pub(crate) type ReadSoFar = BTreeMap<String, u64>;

/// Bundles after these places, or what cannot be read.
pub(crate) async fn read(disk: &Disk, from: ReadSoFar) -> Result<Vec<BundleRow>, Broken> {
    let unreadable = |what: &'static str| ("the store can be read", what.to_owned());
    let mut news = Vec::new();
    for stream in disk.memory.streams().await.map_err(|_| unreadable("streams"))? {
        let from = from.get(&stream).copied().unwrap_or(0);
        news.extend(disk.read_bundles(&stream, from, u32::MAX).await.map_err(|_| unreadable("bundles"))?);
    }
    Ok(news)
}

impl Record {
    pub(crate) fn read_so_far(&self) -> ReadSoFar {
        self.streams.clone()
    }

    /// A request is on its way: it may leave so many records of success, and only with this action.
    pub(crate) fn expect(&mut self, request: &str, action: Action, items: usize) {
        self.expected.insert(request.to_owned(), Expected { action, items });
    }

    /// Takes in what was read; what is known already is passed over.
    pub(crate) fn take_in(&mut self, news: Result<Vec<BundleRow>, Broken>) -> Option<Broken> {
        match news {
            Ok(bundles) => bundles.iter().find_map(|bundle| self.take_in_bundle(bundle).err()),
            Err(broken) => Some(broken),
        }
    }

    fn take_in_bundle(&mut self, bundle: &BundleRow) -> Result<(), Broken> {
        let next = self.streams.entry(bundle.stream.clone()).or_insert(0);
        if bundle.end() <= *next {
            return Ok(());
        }
        if bundle.first_sequence != *next {
            let found = format!("{} goes on at {} after {next}", bundle.stream, bundle.first_sequence);
            return Err(("an audit stream has no gaps", found));
        }
        *next = bundle.end();
        let events = unpack(bundle).ok_or(("records can be read", bundle.stream.clone()))?;
        for (sequence, event) in (bundle.first_sequence..).zip(events) {
            if event.sequence != sequence || event.stream != bundle.stream {
                let found = format!("{} at {sequence} says {}", bundle.stream, event.sequence);
                return Err(("a record stands in its own place", found));
            }
            self.take_in_event(event)?;
        }
        Ok(())
    }

    fn take_in_event(&mut self, event: Event) -> Result<(), Broken> {
        if event.certificate.is_none() {
            return Ok(());
        }
        let Some(expected) = self.expected.get(&event.request_id) else {
            return Err(("a record belongs to a request that was made", event.request_id));
        };
        if event.action != expected.action.as_str() {
            return Err(("a record names what was asked for", event.action));
        }
        let most = expected.items;
        let is_reveal = event.action == Action::TokenDetokenize.as_str()
            && event.reveal.as_deref() == Some("full")
            && event.outcome == "success";
        if let Some(token) = event.object.as_ref().filter(|_| is_reveal) {
            *self.reveals.entry(token.clone()).or_default() += 1;
        }
        let of_request = self.by_request.entry(event.request_id.clone()).or_default();
        of_request.push(event);
        let successes = of_request.iter().filter(|event| event.outcome == "success").count();
        if successes > most {
            let found = format!("{successes} successes on record of a request that asked for {most} things");
            return Err(("nothing is on record twice", found));
        }
        Ok(())
    }

    /// How many successes of a request are on record.
    pub(crate) fn successes(&self, request: &str) -> usize {
        self.outcomes(request).into_iter().filter(|outcome| *outcome == "success").count()
    }

    /// How a request ended, by its records.
    pub(crate) fn outcomes(&self, request: &str) -> Vec<&str> {
        self.of(request).iter().map(|event| event.outcome.as_str()).collect()
    }

    /// The records of a request.
    pub(crate) fn of(&self, request: &str) -> &[Event] {
        self.by_request.get(request).map_or(&[], Vec::as_slice)
    }

    /// How often a token was revealed in full, by the record.
    pub(crate) fn reveals_of(&self, token: &str) -> u32 {
        self.reveals.get(token).copied().unwrap_or(0)
    }

    /// The newest request of a tenant's that is on record.
    pub(crate) fn some_request_of(&self, tenant: &str, skip: usize) -> Option<String> {
        let of_tenant = |events: &&Vec<Event>| events.iter().any(|event| event.tenant.as_str() == tenant);
        let mut requests = self.by_request.iter().rev().filter(|(_, events)| of_tenant(events));
        requests.nth(skip).map(|(request, _)| request.clone())
    }
}

fn unpack(bundle: &BundleRow) -> Option<Vec<Event>> {
    let packed = lz4_flex::decompress_size_prepended(&bundle.events).ok()?;
    let mut rest = packed.as_slice();
    let mut events = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let (event, tail) = tail.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        events.push(Event::parse(event).ok()?);
        rest = tail;
    }
    rest.is_empty().then_some(events)
}
