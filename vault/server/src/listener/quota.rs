use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// So many at a time for each key. Keys that hold nothing take no memory.
pub(super) struct Quota<Key: Eq + Hash + Clone> {
    limit: usize,
    held: Mutex<HashMap<Key, usize>>,
}

/// One of them; given back when dropped.
pub(super) struct Held<Key: Eq + Hash + Clone> {
    quota: Arc<Quota<Key>>,
    key: Key,
}

impl<Key: Eq + Hash + Clone> Quota<Key> {
    pub(super) fn of(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, held: Mutex::default() })
    }

    /// One for this key, unless it has as many as it may.
    pub(super) fn take(self: &Arc<Self>, key: Key) -> Option<Held<Key>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(key.clone()).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Held { quota: Arc::clone(self), key })
    }
}

impl<Key: Eq + Hash + Clone> Drop for Held<Key> {
    fn drop(&mut self) {
        let mut held = self.quota.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_and_gives_back_what_it_took() {
        let quota = Quota::of(2);
        let first = quota.take("a");
        let second = quota.take("a");
        assert!(first.is_some() && second.is_some() && quota.take("a").is_none());
        assert!(quota.take("b").is_some());
        drop(first);
        let third = quota.take("a");
        assert!(third.is_some() && quota.take("a").is_none());
        drop((second, third));
        assert!(quota.held.lock().unwrap().is_empty());
    }
}
