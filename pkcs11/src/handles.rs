//! Where proven keys are. A handle means something for one connection to the device only, so each entry carries the
//! generation it belongs to.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

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
}

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
        known.insert(key.id, Known { key: key.clone(), found: Some((generation, objects)) });
    }

    /// Forgets where the keys are, not which they were.
    pub(crate) fn forget_all(&self) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.values_mut().for_each(|entry| entry.found = None);
    }

    /// The keys that were proven at any time.
    pub(crate) fn keys(&self) -> Vec<HsmKey> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.values().map(|entry| entry.key.clone()).collect()
    }
}
