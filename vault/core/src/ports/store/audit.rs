use strongroom_domain::Timestamp;

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
    /// The tree's compact range after the last of them (`audit_v1`): what the stream is continued from.
    pub range: Vec<u8>,
    /// When.
    pub created_at: Timestamp,
}

impl BundleRow {
    /// The sequence number after its last record.
    pub fn end(&self) -> u64 {
        self.first_sequence.saturating_add(u64::from(self.count))
    }

    /// Where its stream stands after it.
    pub fn head(&self) -> StreamHead {
        StreamHead {
            stream: self.stream.clone(),
            size: self.end(),
            root: self.root,
            range: self.range.clone(),
        }
    }
}

/// Where a stream stands: what its last bundle says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamHead {
    /// The stream.
    pub stream: String,
    /// How many records it holds; the next one has this sequence number.
    pub size: u64,
    /// Root hash of the tree over them.
    pub root: [u8; 32],
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

/// What a run of whole bundles holds, for whoever looks for records. Derived from the bundles, and can be made anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// The stream.
    pub stream: String,
    /// The sequence number of its first record; with the stream, the row's key.
    pub first_sequence: u64,
    /// The sequence number after its last record.
    pub end: u64,
    /// When its earliest record was made.
    pub first_time: Timestamp,
    /// When its latest record was made.
    pub last_time: Timestamp,
    /// Which terms its records hold, as a filter that may say yes where the answer is no.
    pub terms: Vec<u8>,
}

impl SegmentRow {
    /// Where it stands among segments.
    pub fn position(&self) -> SegmentPosition {
        SegmentPosition {
            last_time: self.last_time,
            stream: self.stream.clone(),
            first_sequence: self.first_sequence,
        }
    }
}

/// Where a segment stands among all of them, which are ordered by their latest record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SegmentPosition {
    /// When its latest record was made.
    pub last_time: Timestamp,
    /// The stream.
    pub stream: String,
    /// The sequence number of its first record.
    pub first_sequence: u64,
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
    /// Where a value was sent.
    pub destination: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
}
