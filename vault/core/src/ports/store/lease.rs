use strongroom_domain::Timestamp;

/// The right to do a piece of housekeeping alone for a while. It saves work and decides nothing: whatever is done under
/// a lease may be done twice without harm, so clocks that differ do none either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What for.
    pub name: String,
    /// Who wants it.
    pub holder: String,
    /// The time by the holder's clock.
    pub now: Timestamp,
    /// Until when, by the same clock.
    pub until: Timestamp,
}
