//! Finding records: segments tell where to look, and what is found is read from the record itself.

use std::collections::BTreeMap;

use strongroom_crypto::audit_v1::Event;
use strongroom_domain::{Alias, TenantId, Timestamp};

use super::segments::{Term, TermFilter, cut_streams};
use super::unpack;
use crate::VaultError;
use crate::ports::Store;
use crate::ports::store::{AuditFilter, AuditPosition, BundleRow, SegmentRow, StoreError};

/// Segments read at a time.
const SEGMENTS: u32 = 64;
/// Bundles read at a time.
const BUNDLES: u32 = 64;
/// The most segments whose records one search reads: about a quarter of a million records. A search that would need
/// more answers with what it has and where to go on.
const MOST_SEGMENTS_OPENED: usize = 256;
/// The most segments one search looks at.
const MOST_SEGMENTS_SEEN: usize = 16 * 1024;

/// A part of what there is.
pub(crate) struct Found {
    /// Newest first.
    pub(crate) events: Vec<Event>,
    /// Where to go on, if there may be more.
    pub(crate) next: Option<AuditPosition>,
}

/// Records that match, newest first; `only` is `None` for the platform's auditors, who see all tenants. Finds all that
/// was committed before it was called.
pub(crate) async fn search(
    store: &dyn Store,
    only: Option<&TenantId>,
    filter: &AuditFilter,
    before: Option<&AuditPosition>,
    limit: usize,
) -> Result<Found, VaultError> {
    cut_streams(store).await?;
    let wanted = Wanted::new(only, filter, before);
    let mut newest = Newest { wanted: &wanted, capacity: limit.saturating_add(1), events: BTreeMap::new() };
    for stream in store.streams().await? {
        let tail = store.segmented_until(&stream).await?;
        newest.take_bundles(store, &stream, tail, u64::MAX).await?;
    }
    let stopped_at = search_segments(store, &wanted, &mut newest).await?;
    Ok(newest.finish(limit, stopped_at))
}

/// Goes through segments, latest first, until no earlier one can hold anything newer than what was found. If it is too
/// much, returns where it stopped.
async fn search_segments(
    store: &dyn Store,
    wanted: &Wanted<'_>,
    newest: &mut Newest<'_, '_>,
) -> Result<Option<Timestamp>, StoreError> {
    let (mut seen, mut opened) = (0, 0);
    let mut after = None;
    loop {
        let page = store.read_segments(wanted.from, wanted.until, after.as_ref(), SEGMENTS).await?;
        for segment in &page {
            if newest.needs_nothing_from(segment.last_time) {
                return Ok(None);
            }
            if seen == MOST_SEGMENTS_SEEN || opened == MOST_SEGMENTS_OPENED {
                return Ok(Some(segment.last_time));
            }
            seen += 1;
            if TermFilter::may_hold(&segment.terms, &wanted.terms) {
                opened += 1;
                newest.take_bundles(store, &segment.stream, segment.first_sequence, segment.end).await?;
            }
        }
        match page.last() {
            Some(last) if page.len() == SEGMENTS as usize => after = Some(SegmentRow::position(last)),
            _ => return Ok(None),
        }
    }
}

/// What a record must be.
struct Wanted<'a> {
    only: Option<&'a TenantId>,
    filter: &'a AuditFilter,
    before: Option<&'a AuditPosition>,
    terms: Vec<Term>,
    from: Timestamp,
    until: Timestamp,
}

impl<'a> Wanted<'a> {
    fn new(only: Option<&'a TenantId>, filter: &'a AuditFilter, before: Option<&'a AuditPosition>) -> Self {
        let terms = [
            only.map(|tenant| Term::tenant(tenant.as_str())),
            filter.actor.as_deref().map(Term::actor),
            filter.action.as_deref().map(Term::action),
            filter.object.as_deref().map(Term::object),
            filter.outcome.as_deref().map(Term::outcome),
            filter.destination.as_deref().map(Term::destination),
            filter.request_id.as_deref().map(Term::request_id),
        ];
        let last_millis = filter.to.map_or(i64::MAX, |to| to.unix_millis().saturating_sub(1));
        let cursor_millis = before.map_or(i64::MAX, |position| position.time.unix_millis());
        Self {
            only,
            filter,
            before,
            terms: terms.into_iter().flatten().collect(),
            from: filter.from.unwrap_or(Timestamp::from_unix_millis(i64::MIN)),
            until: Timestamp::from_unix_millis(last_millis.min(cursor_millis)),
        }
    }

    fn matches(&self, event: &Event, position: &AuditPosition) -> bool {
        fn is(wanted: Option<&String>, text: Option<&String>) -> bool {
            wanted.is_none_or(|wanted| text == Some(wanted))
        }
        let filter = self.filter;
        (self.from..=self.until).contains(&event.time)
            && self.before.is_none_or(|before| position < before)
            && self.only.is_none_or(|tenant| event.tenant == *tenant)
            && is(filter.actor.as_ref(), Some(&event.actor))
            && is(filter.action.as_ref(), Some(&event.action))
            && (is(filter.object.as_ref(), event.object.as_ref()) || self.is_named_so(event))
            && is(filter.outcome.as_ref(), Some(&event.outcome))
            && is(filter.destination.as_ref(), event.destination.as_ref())
            && is(filter.request_id.as_ref(), Some(&event.request_id))
    }

    /// Whether what is looked for is the alias by which the event's object was named.
    fn is_named_so(&self, event: &Event) -> bool {
        let wanted = self.filter.object.as_deref().and_then(|object| object.strip_prefix(Alias::MARK));
        wanted.is_some_and(|wanted| event.alias.as_deref() == Some(wanted))
    }
}

/// The newest matching records seen so far. A record that is met twice, because its segment was cut meanwhile, is one.
struct Newest<'s, 'w> {
    wanted: &'s Wanted<'w>,
    capacity: usize,
    events: BTreeMap<AuditPosition, Event>,
}

impl Newest<'_, '_> {
    async fn take_bundles(
        &mut self,
        store: &dyn Store,
        stream: &str,
        mut from: u64,
        end: u64,
    ) -> Result<(), StoreError> {
        while from < end {
            let bundles = store.read_bundles(stream, from, BUNDLES).await?;
            let Some(last) = bundles.last() else { return Ok(()) };
            from = last.end();
            for bundle in bundles.iter().filter(|bundle| bundle.first_sequence < end) {
                self.take(bundle)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, bundle: &BundleRow) -> Result<(), StoreError> {
        for (sequence, bytes) in (bundle.first_sequence..).zip(unpack(bundle)?) {
            let event = Event::parse(&bytes).map_err(|_| StoreError::Unreadable("audit record"))?;
            let position = AuditPosition { time: event.time, stream: bundle.stream.clone(), sequence };
            if self.wanted.matches(&event, &position) {
                self.events.insert(position, event);
                if self.events.len() > self.capacity {
                    self.events.pop_first();
                }
            }
        }
        Ok(())
    }

    /// Whether there are enough records newer than this.
    fn needs_nothing_from(&self, time: Timestamp) -> bool {
        self.events.len() == self.capacity
            && self.events.first_key_value().is_some_and(|(oldest, _)| oldest.time > time)
    }

    fn finish(mut self, limit: usize, stopped_at: Option<Timestamp>) -> Found {
        // What stands before the place where the search stopped may have company that was not looked at.
        if let Some(time) = stopped_at {
            self.events.retain(|position, _| position.time > time);
        }
        let more = self.events.len() > limit;
        let mut found: Vec<(AuditPosition, Event)> = self.events.into_iter().rev().take(limit).collect();
        let next = if more {
            found.last().map(|(position, _)| position.clone())
        } else {
            // Everything up to and including that time is still to be looked at.
            stopped_at.map(|time| AuditPosition {
                time: Timestamp::from_unix_millis(time.unix_millis().saturating_add(1)),
                stream: String::new(),
                sequence: 0,
            })
        };
        Found { events: found.drain(..).map(|(_, event)| event).collect(), next }
    }
}
