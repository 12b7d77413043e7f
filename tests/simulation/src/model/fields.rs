//! Keys for fields and what was sealed with them.

use std::collections::{BTreeMap, BTreeSet};

use crate::world::Change;

/// A ciphertext that was handed out.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) tenant: usize,
    pub(crate) key: String,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) text: String,
    pub(crate) place: String,
    /// Its version is known to whoever knows of this.
    pub(crate) since: Change,
}

/// What is known of a key.
#[derive(Default)]
pub(crate) struct Key {
    /// How often somebody has asked for it.
    pub(crate) asked: u32,
    pub(crate) made: Option<Change>,
    /// The newest version that somebody was told of.
    pub(crate) newest: u32,
    pub(crate) rotated: Option<Change>,
    /// Versions that a rotation was answered with.
    pub(crate) given_out: BTreeSet<u32>,
    pub(crate) rotation_is_open: bool,
}

/// All keys, and what was sealed.
#[derive(Default)]
pub(crate) struct Fields {
    pub(crate) keys: BTreeMap<(usize, String), Key>,
    pub(crate) sealed: Vec<Sealed>,
}

impl Fields {
    pub(crate) fn key(&mut self, tenant: usize, name: &str) -> &mut Key {
        self.keys.entry((tenant, name.to_owned())).or_default()
    }
}
