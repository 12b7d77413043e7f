//! The export: records taken out of the vault as lines of JSON, for verification far from it.
//!
//! Each function appends one line. The order of lines is the caller's duty and is given in the specification of
//! [`audit_v1`](super): a header, then for each stream its line, its events with a head after each bundle, its
//! checkpoints each directly after the last event it covers, and at last the end.

mod line;

use strongroom_domain::{TenantId, Timestamp};

pub(super) use line::Line;

use super::event::push_time;
use super::json::ObjectWriter;
use super::tree::{CompactRange, Hash};

/// The name and version of the format, as it stands in the header.
pub const FORMAT: &str = "strongroom-audit-export/1";

/// Whose events are shown. The others appear by their hash alone, so that the tree can still be computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every tenant's.
    All,
    /// One tenant's.
    Tenant(TenantId),
}

/// The name of the key that signs the checkpoints of a cluster.
pub fn key_name(cluster: &str) -> String {
    format!("strongroom.{cluster}")
}

/// The origin line of a stream's checkpoints: the key's name, a slash, the stream.
pub fn origin(cluster: &str, stream: &str) -> String {
    format!("{}/{stream}", key_name(cluster))
}

/// The first line.
pub fn header(out: &mut Vec<u8>, cluster: &str, scope: &Scope, exported_at: Timestamp) {
    let mut time = Vec::with_capacity(32);
    push_time(&mut time, exported_at);
    line(out, "header", |object| {
        object.text("format", FORMAT);
        object.text("cluster", cluster);
        object.text("scope", &scope.to_string());
        object.json("exported_at", &time);
    });
}

/// Begins a stream. With a range, the export starts behind the events that the range covers; a checkpoint over exactly
/// these must then be the next line.
pub fn stream(out: &mut Vec<u8>, cluster: &str, stream: &str, range: Option<&CompactRange>) {
    line(out, "stream", |object| {
        object.text("stream", stream);
        object.text("origin", &origin(cluster, stream));
        if let Some(range) = range {
            object.binary("range", &range.encode());
        }
    });
}

/// An event: its place, its leaf hash and, unless it is another tenant's, its canonical bytes.
pub fn event(out: &mut Vec<u8>, sequence: u64, leaf: &Hash, canonical: Option<&[u8]>) {
    line(out, "event", |object| {
        object.number("seq", sequence);
        object.binary("leaf", leaf);
        if let Some(canonical) = canonical {
            object.json("event", canonical);
        }
    });
}

/// The head after a bundle: its first event, how many it has, and the root over the stream up to its end.
pub fn bundle(out: &mut Vec<u8>, first: u64, count: u64, root: &Hash) {
    line(out, "bundle", |object| {
        object.number("first", first);
        object.number("count", count);
        object.binary("root", root);
    });
}

/// A checkpoint.
pub fn checkpoint(out: &mut Vec<u8>, note: &str) {
    line(out, "checkpoint", |object| object.text("note", note));
}

/// The last line, with the number of event lines before it.
pub fn end(out: &mut Vec<u8>, events: u64) {
    line(out, "end", |object| object.number("events", events));
}

fn line(out: &mut Vec<u8>, kind: &str, members: impl FnOnce(&mut ObjectWriter<'_>)) {
    let mut object = ObjectWriter::begin(out);
    object.text("type", kind);
    members(&mut object);
    object.end();
    out.push(b'\n');
}

impl std::fmt::Display for Scope {
    /// `all`, or `tenant:` and the tenant: a tenant may itself be called `all`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All => formatter.write_str("all"),
            Self::Tenant(tenant) => write!(formatter, "tenant:{tenant}"),
        }
    }
}
