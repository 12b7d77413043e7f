//! Keys for card security codes. A code is sensitive authentication data: it may be kept until the payment is authorised, and
//! then must be gone from every disk, backup and log of the database (PCI DSS 3.3.1). Rows can be removed; copies of rows
//! cannot. So codes are sealed under keys that are themselves of short life, and what cannot be removed is made useless by
//! destroying the key in the HSM.
//!
//! Time is cut into periods of five minutes. Each has at most one key, made by whichever node first needs it: an object in the
//! HSM, and 256 bits of material that it seals. A key is destroyed once its period is over and no code under it is of use any
//! more, and an hour after its period's end in any case. Why so and not otherwise: `docs/adr`.

mod keys;
mod orphans;
mod period;
mod shred;

use std::time::Duration;

pub(crate) use keys::SecurityCodeKeys;
pub(crate) use shred::{shred, wipe};

/// How long a code is kept if the caller says nothing.
pub(crate) const DEFAULT_TIME_TO_LIVE: Duration = Duration::from_secs(15 * 60);
/// The longest that a code may be kept.
pub(crate) const LONGEST_TIME_TO_LIVE: Duration = Duration::from_secs(3600);
