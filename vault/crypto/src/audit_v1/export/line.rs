//! Reads one line of an export. Nothing here is trusted: a line is what it says only after verification.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use strongroom_domain::TenantId;

use super::{FORMAT, Scope};
use crate::audit_v1::{CompactRange, Hash};

/// A line by its kind.
pub(in super::super) enum Line<'a> {
    /// The first line.
    Header { cluster: String, scope: Scope },
    /// Begins a stream.
    Stream { stream: String, origin: String, range: Option<CompactRange> },
    /// An event; without its bytes, one that is withheld.
    Event { sequence: u64, leaf: Hash, event: Option<&'a [u8]> },
    /// The head after a bundle.
    Bundle { first: u64, end: u64, root: Hash },
    /// A signed checkpoint.
    Checkpoint { note: Cow<'a, str> },
    /// The last line.
    End { events: u64 },
}

impl<'a> Line<'a> {
    /// Reads a line without its line break, or says what is wrong with it.
    pub(in super::super) fn parse(line: &'a [u8]) -> Result<Self, &'static str> {
        let kind = line
            .strip_prefix(br#"{"type":""#)
            .and_then(|rest| rest.split(|byte| *byte == b'"').next())
            .ok_or("a line begins with its type")?;
        match kind {
            b"header" => Self::header(line),
            b"stream" => Self::stream(line),
            b"event" => Self::event(line),
            b"bundle" => Self::bundle(line),
            b"checkpoint" => {
                let CheckpointLine { note, .. } = read(line)?;
                Ok(Self::Checkpoint { note })
            }
            b"end" => {
                let EndLine { events, .. } = read(line)?;
                Ok(Self::End { events })
            }
            _ => Err("the type of a line is header, stream, event, bundle, checkpoint or end"),
        }
    }

    fn header(line: &[u8]) -> Result<Self, &'static str> {
        let HeaderLine { format, cluster, scope, .. } = read(line)?;
        if format != FORMAT {
            return Err("the format of an export is strongroom-audit-export/1");
        }
        if !is_name(&cluster) {
            return Err("a cluster is 1 to 128 characters of a-z, 0-9, -, _ and .");
        }
        let scope = match scope.strip_prefix("tenant:") {
            Some(tenant) => TenantId::parse(tenant).ok().map(Scope::Tenant),
            None => (scope == "all").then_some(Scope::All),
        };
        Ok(Self::Header { cluster, scope: scope.ok_or("a scope is all, or tenant: and a tenant")? })
    }

    fn stream(line: &[u8]) -> Result<Self, &'static str> {
        let StreamLine { stream, origin, range, .. } = read(line)?;
        if !is_name(&stream) {
            return Err("a stream is 1 to 128 characters of a-z, 0-9, -, _ and .");
        }
        let range = match range {
            Some(range) => {
                let state = STANDARD.decode(range).map_err(|_| "binary values are base64")?;
                Some(CompactRange::decode(&state).map_err(|_| "the range is no state of a tree")?)
            }
            None => None,
        };
        Ok(Self::Stream { stream, origin, range })
    }

    fn event(line: &'a [u8]) -> Result<Self, &'static str> {
        let EventLine { seq, leaf, event, .. } = read(line)?;
        if seq >= CompactRange::MAX_SIZE {
            return Err("a sequence number is below 2^62");
        }
        let event = event.map(|event| event.get().as_bytes());
        Ok(Self::Event { sequence: seq, leaf: hash(&leaf)?, event })
    }

    fn bundle(line: &[u8]) -> Result<Self, &'static str> {
        let BundleLine { first, count, root, .. } = read(line)?;
        let end = first.checked_add(count).filter(|end| count > 0 && *end <= CompactRange::MAX_SIZE);
        Ok(Self::Bundle {
            first,
            end: end.ok_or("a bundle has events, and ends below 2^62")?,
            root: hash(&root)?,
        })
    }
}

/// Names of streams and clusters reach the operator's screen and the origin line, so they are plain.
fn is_name(name: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    (1..=128).contains(&name.len()) && name.bytes().all(allowed)
}

fn hash(text: &str) -> Result<Hash, &'static str> {
    let bytes = STANDARD.decode(text).map_err(|_| "binary values are base64")?;
    bytes.try_into().map_err(|_| "a hash is 32 bytes")
}

/// The parser's own words are dropped: they may repeat what it read.
fn read<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, &'static str> {
    serde_json::from_slice(line)
        .map_err(|_| "a line is one JSON object with the members of its type and no others")
}

// The member `type` has been looked at; it is named here because no other member may be ignored.

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderLine<'a> {
    #[serde(rename = "type")]
    _kind: &'a str,
    format: Cow<'a, str>,
    cluster: String,
    scope: Cow<'a, str>,
    #[serde(rename = "exported_at")]
    _exported_at: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StreamLine<'a> {
    #[serde(rename = "type")]
    _kind: &'a str,
    stream: String,
    origin: String,
    range: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventLine<'a> {
    #[serde(rename = "type")]
    _kind: &'a str,
    seq: u64,
    #[serde(borrow)]
    leaf: Cow<'a, str>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BundleLine<'a> {
    #[serde(rename = "type")]
    _kind: &'a str,
    first: u64,
    count: u64,
    root: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine<'a> {
    #[serde(rename = "type")]
    _kind: &'a str,
    #[serde(borrow)]
    note: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndLine<'a> {
    #[serde(rename = "type")]
    _kind: &'a str,
    events: u64,
}
