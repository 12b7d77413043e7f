//! One audit event and its canonical bytes.

use std::borrow::Cow;
use std::fmt;

use strongroom_domain::{TenantId, Timestamp};
use time::OffsetDateTime;

use super::json::{ObjectWriter, push_decimal};

/// What happened, who did it, to what, and how it ended. A closed list of typed fields: there is no free-form body for
/// a value to leak into.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// The stream it stands in; one node's, for one life of that node.
    pub stream: String,
    /// Its place in the stream, from 0, without gap.
    pub sequence: u64,
    /// When it happened, by the clock of the node.
    pub time: Timestamp,
    /// Whose event it is.
    pub tenant: TenantId,
    /// Who acted: a SPIFFE id, or `node:<name>` for the vault itself.
    pub actor: String,
    /// The serial number of the actor's certificate, hexadecimal.
    pub certificate: Option<String>,
    /// What was done, such as `token.detokenize`.
    pub action: String,
    /// To what: a token, a key, a profile, an identity.
    pub object: Option<String>,
    /// The alias by which the object was named, if it was named by one.
    pub alias: Option<String>,
    /// How it ended: `success`, `denied` or a stable error code.
    pub outcome: String,
    /// What the actor said it was for.
    pub purpose: Option<String>,
    /// How much of a value was asked for.
    pub reveal: Option<String>,
    /// Where a value was sent, by the name of that destination.
    pub destination: Option<String>,
    /// The token profile.
    pub profile: Option<String>,
    /// The key that was used (`key_…`).
    pub key: Option<String>,
    /// Which version of it.
    pub key_version: Option<u32>,
    /// The request, as named in answers and logs.
    pub request_id: String,
    /// The W3C trace it belongs to.
    pub trace_id: Option<String>,
    /// Where the request came from, address and port.
    pub origin: Option<String>,
    /// How many things it was done to.
    pub count: u32,
    /// The version of the object's row after the event; a row rolled back is found by it.
    pub row_version: Option<u32>,
    /// The epoch of the key registry at the event.
    pub registry_epoch: Option<u64>,
}

/// Why bytes are no event. Says what is allowed and never repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Longer than any event.
    #[error("an event is at most {} bytes", Event::MAX_LENGTH)]
    TooLong,
    /// Not an object with exactly the members of an event.
    #[error("an event is one JSON object with the members of audit_v1 and no others")]
    Malformed,
    /// Written by a version that this one does not know.
    #[error("the version of an event is 1")]
    Version,
    /// The tenant is no tenant.
    #[error("the tenant of an event is 1 to 63 characters of a-z, 0-9 and -")]
    Tenant,
    /// The time is no time.
    #[error("the time of an event is RFC 3339, UTC, with milliseconds")]
    Time,
    /// The same event has other bytes, and only those count.
    #[error(
        "an event is in canonical form: fixed order, no spaces, printable ASCII, absent members left out"
    )]
    NotCanonical,
}

impl Event {
    /// More than any event needs; a longer one is refused by [`Event::parse`].
    pub const MAX_LENGTH: usize = 16 * 1024;

    /// Appends the canonical bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.view().encode(out);
    }

    fn view(&self) -> EventView<'_> {
        EventView {
            stream: &self.stream,
            sequence: self.sequence,
            time: self.time,
            tenant: &self.tenant,
            actor: &self.actor,
            certificate: self.certificate.as_deref(),
            action: &self.action,
            object: self.object.as_deref(),
            alias: self.alias.as_deref(),
            outcome: &self.outcome,
            purpose: self.purpose.as_deref(),
            reveal: self.reveal.as_deref(),
            destination: self.destination.as_deref(),
            profile: self.profile.as_deref(),
            key: self.key.as_deref(),
            key_version: self.key_version,
            request_id: &self.request_id,
            trace_id: self.trace_id.as_deref(),
            origin: self.origin.as_deref(),
            count: self.count,
            row_version: self.row_version,
            registry_epoch: self.registry_epoch,
        }
    }

    /// Reads canonical bytes and nothing else: what it accepts encodes to the same bytes again, so two different texts
    /// never mean the same event and one text never means two.
    pub fn parse(bytes: &[u8]) -> Result<Self, EventError> {
        if bytes.len() > Self::MAX_LENGTH {
            return Err(EventError::TooLong);
        }
        let wire: Wire<'_> = serde_json::from_slice(bytes).map_err(|_| EventError::Malformed)?;
        let event = wire.into_event()?;
        let mut canonical = Vec::with_capacity(bytes.len());
        event.encode(&mut canonical);
        if canonical == bytes { Ok(event) } else { Err(EventError::NotCanonical) }
    }
}

/// An event whose parts stand elsewhere, to be written without a copy of them. The fields are those of [`Event`].
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "each is described at the field of `Event` with its name")]
pub struct EventView<'a> {
    pub stream: &'a str,
    pub sequence: u64,
    pub time: Timestamp,
    pub tenant: &'a TenantId,
    pub actor: &'a str,
    pub certificate: Option<&'a str>,
    pub action: &'a str,
    pub object: Option<&'a str>,
    pub alias: Option<&'a str>,
    pub outcome: &'a str,
    pub purpose: Option<&'a str>,
    pub reveal: Option<&'a str>,
    pub destination: Option<&'a str>,
    pub profile: Option<&'a str>,
    pub key: Option<&'a str>,
    pub key_version: Option<u32>,
    pub request_id: &'a str,
    pub trace_id: Option<&'a str>,
    pub origin: Option<&'a str>,
    pub count: u32,
    pub row_version: Option<u32>,
    pub registry_epoch: Option<u64>,
}

impl EventView<'_> {
    /// Appends the canonical bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::begin(out);
        object.number("v", VERSION);
        object.text("stream", self.stream);
        object.number("sequence", self.sequence);
        object.json_with("time", |out| push_time(out, self.time));
        object.text("tenant", self.tenant.as_str());
        object.text("actor", self.actor);
        object.optional_text("certificate", self.certificate);
        object.text("action", self.action);
        object.optional_text("object", self.object);
        object.optional_text("alias", self.alias);
        object.text("outcome", self.outcome);
        object.optional_text("purpose", self.purpose);
        object.optional_text("reveal", self.reveal);
        object.optional_text("destination", self.destination);
        object.optional_text("profile", self.profile);
        object.optional_text("key", self.key);
        object.optional_number("key_version", self.key_version);
        object.text("request_id", self.request_id);
        object.optional_text("trace_id", self.trace_id);
        object.optional_text("origin", self.origin);
        object.number("count", self.count);
        object.optional_number("row_version", self.row_version);
        object.optional_number("registry_epoch", self.registry_epoch);
        object.end();
    }
}

/// Names the event without its contents: tokens and addresses stay out of logs.
impl fmt::Debug for Event {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Event({} {} {})", self.stream, self.sequence, self.action)
    }
}

const VERSION: u8 = 1;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    v: u8,
    #[serde(borrow)]
    stream: Cow<'a, str>,
    sequence: u64,
    time: Cow<'a, str>,
    tenant: Cow<'a, str>,
    actor: Cow<'a, str>,
    certificate: Option<String>,
    action: Cow<'a, str>,
    object: Option<String>,
    alias: Option<String>,
    outcome: Cow<'a, str>,
    purpose: Option<String>,
    reveal: Option<String>,
    destination: Option<String>,
    profile: Option<String>,
    key: Option<String>,
    key_version: Option<u32>,
    request_id: Cow<'a, str>,
    trace_id: Option<String>,
    origin: Option<String>,
    count: u32,
    row_version: Option<u32>,
    registry_epoch: Option<u64>,
}

impl Wire<'_> {
    fn into_event(self) -> Result<Event, EventError> {
        if self.v != VERSION {
            return Err(EventError::Version);
        }
        Ok(Event {
            stream: self.stream.into_owned(),
            sequence: self.sequence,
            time: parse_time(&self.time).ok_or(EventError::Time)?,
            tenant: TenantId::parse(&self.tenant).map_err(|_| EventError::Tenant)?,
            actor: self.actor.into_owned(),
            certificate: self.certificate,
            action: self.action.into_owned(),
            object: self.object,
            alias: self.alias,
            outcome: self.outcome.into_owned(),
            purpose: self.purpose,
            reveal: self.reveal,
            destination: self.destination,
            profile: self.profile,
            key: self.key,
            key_version: self.key_version,
            request_id: self.request_id.into_owned(),
            trace_id: self.trace_id,
            origin: self.origin,
            count: self.count,
            row_version: self.row_version,
            registry_epoch: self.registry_epoch,
        })
    }
}

/// `"2026-11-03T09:30:00.000Z"`: always three decimals, so that times sort as text. A clock outside the years 0 to
/// 9999, which RFC 3339 cannot say, is written `"@<milliseconds>"`, so that no two times share their bytes.
pub(super) fn push_time(out: &mut Vec<u8>, time: Timestamp) {
    out.push(b'"');
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.unix_millis()) * 1_000_000);
    match moment.map(|moment| (moment, u64::try_from(moment.year()))) {
        Ok((moment, Ok(year))) if year <= 9999 => {
            push_decimal(out, year, 4);
            out.push(b'-');
            push_decimal(out, u8::from(moment.month()).into(), 2);
            out.push(b'-');
            push_decimal(out, moment.day().into(), 2);
            out.push(b'T');
            push_decimal(out, moment.hour().into(), 2);
            out.push(b':');
            push_decimal(out, moment.minute().into(), 2);
            out.push(b':');
            push_decimal(out, moment.second().into(), 2);
            out.push(b'.');
            push_decimal(out, moment.millisecond().into(), 3);
            out.push(b'Z');
        }
        _ => out.extend_from_slice(format!("@{}", time.unix_millis()).as_bytes()),
    }
    out.push(b'"');
}

fn parse_time(text: &str) -> Option<Timestamp> {
    match text.strip_prefix('@') {
        Some(millis) => millis.parse().ok().map(Timestamp::from_unix_millis),
        None => Timestamp::parse_rfc3339(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_v1::fixtures::{event, full_event};

    fn encoded(event: &Event) -> Vec<u8> {
        let mut out = Vec::new();
        event.encode(&mut out);
        out
    }

    #[test]
    fn absent_members_are_left_out() {
        let expected = r#"{"v":1,"stream":"vault-1.1","sequence":7,"time":"2026-11-03T09:30:00.007Z","tenant":"acme","actor":"spiffe://example.org/tenant/acme/service/shop","action":"token.create","outcome":"success","request_id":"req_00000007","count":1}"#;
        assert_eq!(String::from_utf8(encoded(&event("vault-1.1", 7))), Ok(expected.to_owned()));
    }

    #[test]
    fn what_is_written_is_read_again() {
        for event in [event("vault-1.1", 0), full_event()] {
            assert_eq!(Event::parse(&encoded(&event)), Ok(event));
        }
    }

    #[test]
    fn a_forged_line_stays_inside_its_string() {
        let mut forged = event("vault-1.1", 1);
        forged.origin = Some("10.0.0.1:9\n{\"v\":1}\u{1b}[2K\u{202e}".to_owned());
        let bytes = encoded(&forged);
        assert!(bytes.iter().all(|byte| matches!(byte, b' '..=b'~')));
        assert_eq!(Event::parse(&bytes), Ok(forged));
    }

    #[test]
    fn every_time_has_bytes_of_its_own() {
        for millis in
            [i64::MIN, -62_167_219_200_001, -1, 0, 253_402_300_799_999, 253_402_300_800_000, i64::MAX]
        {
            let mut odd = event("vault-1.1", 1);
            odd.time = Timestamp::from_unix_millis(millis);
            assert_eq!(Event::parse(&encoded(&odd)), Ok(odd));
        }
    }

    #[test]
    fn debug_shows_no_contents() {
        let shown = format!("{:?}", full_event());
        assert_eq!(shown, "Event(vault-1.1 42 token.detokenize)");
    }
}
