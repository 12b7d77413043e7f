use strongroom_domain::{ServiceName, TenantId, Timestamp, VelocityCounter};

/// How much of a velocity limit has been taken, by all nodes together. Time is cut into slots half as long as the limit's
/// window, counted from the epoch; the slot of this row is the one that `latest` is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VelocityRow {
    /// Whose.
    pub tenant: TenantId,
    /// Which identity's.
    pub service: ServiceName,
    /// Which of its counts; with tenant and service, the row's key.
    pub counter: VelocityCounter,
    /// How long a slot is, in milliseconds.
    pub slot_millis: u32,
    /// The latest time that any node has taken items at. Never moves backwards.
    pub latest: Timestamp,
    /// Items taken in the slot of `latest`.
    pub current: u64,
    /// Items taken in the slot before.
    pub previous: u64,
    /// Items taken in the slot before that.
    pub earlier: u64,
    /// 1 at first, one more with each change.
    pub row_version: u64,
    /// MAC over the row (`registry_mac_v1`). It is not part of the registry: it changes without a decision.
    pub mac: [u8; 32],
}
