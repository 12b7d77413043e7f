use strongroom_domain::{TenantId, Timestamp};

/// All records of one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleRow {
    /// The node's stream.
    pub stream: String,
    /// The sequence number of its first record.
    pub first_sequence: u64,
    /// How many records.
    pub count: u32,
    /// The canonical bytes of the records (`audit_v1`), each preceded by its length, compressed with LZ4.
    pub events: Vec<u8>,
    /// Root hash of the stream's tree after the last of them.
    pub root: [u8; 32],
    /// When.
    pub created_at: Timestamp,
}

/// Where a stream stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamHead {
    /// The stream.
    pub stream: String,
    /// How many records it holds; the next one has this sequence number.
    pub size: u64,
    /// The tree's compact range (`audit_v1`).
    pub range: Vec<u8>,
}

/// A signed statement of where a stream stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRow {
    /// The stream.
    pub stream: String,
    /// How many records it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
    /// When.
    pub created_at: Timestamp,
}

/// Where a record is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AuditPosition {
    /// When the record was made; positions are ordered by it first.
    pub time: Timestamp,
    /// Its stream.
    pub stream: String,
    /// Its number there.
    pub sequence: u64,
}

/// A record as the index knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexRow {
    /// Where it is.
    pub position: AuditPosition,
    /// Whose.
    pub tenant: TenantId,
    /// Who acted.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// In which request.
    pub request_id: String,
}

/// What to look for; everything given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// From this time on.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
    /// Who acted.
    pub actor: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// To what.
    pub object: Option<String>,
    /// How it ended.
    pub outcome: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
}
