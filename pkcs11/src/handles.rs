//! Where proven keys are. A handle means something for one connection to the device only, so each entry carries the
//! generation it belongs to.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use cryptoki::object::ObjectHandle;
use strongroom_core::ports::HsmKey;

use crate::sign::MacForm;

/// The objects that make up a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyObjects {
    /// The secret or private key.
    pub(crate) main: ObjectHandle,
    /// The HMAC key beside a key-encryption key.
    pub(crate) binding: Option<ObjectHandle>,
    /// The public key beside a private one.
    pub(crate) public: Option<ObjectHandle>,
    /// How the main key makes MACs, if that is what it does.
    pub(crate) mac: Option<MacForm>,
}

#[derive(Default)]
pub(crate) struct Handles {
    known: RwLock<HashMap<[u8; 16], Known>>,
}

struct Known {
    key: HsmKey,
    found: Option<(u64, KeyObjects)>,
    since: Instant,
}

/// Longer than any short-lived key is of use. Another node may have destroyed it, of which nobody is told here.
const SHORT_LIFE: Duration = Duration::from_secs(2 * 3600);

impl Handles {
    /// The objects of this very key, if it was proven in this generation.
    pub(crate) fn get(&self, key: &HsmKey, generation: u64) -> Option<KeyObjects> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let entry = known.get(&key.id)?;
        let (of, objects) = entry.found?;
        (of == generation && entry.key == *key).then_some(objects)
    }

    /// Remembers a key that was just proven.
    pub(crate) fn put(&self, key: &HsmKey, generation: u64, objects: KeyObjects) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if key.kind.is_short_lived() {
            known.retain(|_, entry| !entry.key.kind.is_short_lived() || entry.since.elapsed() < SHORT_LIFE);
        }
        let entry = Known { key: key.clone(), found: Some((generation, objects)), since: Instant::now() };
        known.insert(key.id, entry);
    }

    /// Forgets where the keys are, not which they were.
    pub(crate) fn forget_all(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.values_mut().for_each(|entry| entry.found = None);
    }

    /// Forgets a key that is being destroyed.
    pub(crate) fn forget(&self, label: &str) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, entry| entry.key.label != label);
    }

    /// The lasting keys that were proven at any time. That a short-lived one is gone says nothing of the token.
    pub(crate) fn keys(&self) -> Vec<HsmKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let lasting = known.values().filter(|entry| !entry.key.kind.is_short_lived());
        lasting.map(|entry| entry.key.clone()).collect()
    }
}
