//! Identities that come and go, each with one appointment.

use strongroom_core::ports::store::GrantId;
use strongroom_domain::Timestamp;

use crate::world::Change;

/// Somebody who was made known.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) tenant: usize,
    pub(crate) service: String,
    pub(crate) known_since: Change,
    /// Whether somebody has asked for the appointment.
    pub(crate) appointment_asked: bool,
    pub(crate) appointed: Option<(GrantId, Change)>,
    pub(crate) appointment_ends: Option<Timestamp>,
    /// Whether somebody has asked to end it.
    pub(crate) end_asked: bool,
    pub(crate) ended: Option<Change>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct People {
    pub(crate) all: Vec<Person>,
    pub(crate) named: u64,
}
