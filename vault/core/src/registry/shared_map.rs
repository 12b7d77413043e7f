//! A map of which many generations exist, each a little different from the one before.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

/// Cut into parts, which a copy shares with its original until it changes them. With about as many parts as a part has
/// entries, a change copies in the order of the square root of the whole: of 100,000 entries, some hundreds.
#[derive(Clone)]
pub(super) struct SharedMap<K, V> {
    parts: Vec<Arc<HashMap<K, V>>>,
    length: usize,
    chooser: RandomState,
}

impl<K: Eq + Hash + Clone, V: Clone> SharedMap<K, V> {
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.parts.get(self.part_of(key))?.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let part = self.part_of(key);
        let part = self.parts.get_mut(part).filter(|part| part.contains_key(key))?;
        Arc::make_mut(part).get_mut(key)
    }

    /// Puts the value in; returns the one that stood there.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.make_room();
        let part = self.part_of(&key);
        let replaced = Arc::make_mut(self.parts.get_mut(part)?).insert(key, value);
        self.length += usize::from(replaced.is_none());
        replaced
    }

    /// Takes the value out, if it is there.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let part = self.part_of(key);
        let part = self.parts.get_mut(part).filter(|part| part.contains_key(key))?;
        let removed = Arc::make_mut(part).remove(key);
        self.length -= usize::from(removed.is_some());
        removed
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    /// Which part a key is in; the number of parts is a power of two.
    fn part_of(&self, key: &K) -> usize {
        let hash = usize::try_from(self.chooser.hash_one(key) >> 32).unwrap_or_default();
        hash & self.parts.len().saturating_sub(1)
    }

    /// Keeps parts about as many as entries in each. Four times as many entries come before the next time, so that on
    /// average an entry is moved less than once.
    fn make_room(&mut self) {
        if self.length < 2 * self.parts.len() * self.parts.len() {
            return;
        }
        let mut grown = Self { parts: Vec::new(), length: self.length, chooser: self.chooser.clone() };
        let mut parts = vec![HashMap::new(); (self.parts.len() * 2).max(1)];
        grown.parts.resize_with(parts.len(), Arc::default);
        for part in std::mem::take(&mut self.parts) {
            for (key, value) in Arc::unwrap_or_clone(part) {
                if let Some(part) = parts.get_mut(grown.part_of(&key)) {
                    part.insert(key, value);
                }
            }
        }
        grown.parts = parts.into_iter().map(Arc::new).collect();
        *self = grown;
    }
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self { parts: Vec::new(), length: 0, chooser: RandomState::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u16, u32),
        Change(u16, u32),
        Remove(u16),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => (0_u16..300, any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
            1 => (0_u16..300, any::<u32>()).prop_map(|(key, value)| Step::Change(key, value)),
            1 => (0_u16..300).prop_map(Step::Remove),
        ]
    }

    fn contents(map: &SharedMap<u16, u32>) -> BTreeMap<u16, u32> {
        map.iter().map(|(key, value)| (*key, *value)).collect()
    }

    proptest! {
        /// What it does is what an ordinary map does, and no change shows in an earlier copy.
        #[test]
        fn is_a_map_whose_copies_stay_as_they_are(steps in prop::collection::vec(step(), 0..600)) {
            let (mut map, mut model) = (SharedMap::default(), BTreeMap::new());
            let mut copies = Vec::new();
            for (number, step) in steps.into_iter().enumerate() {
                if number % 50 == 0 {
                    copies.push((map.clone(), model.clone()));
                }
                match step {
                    Step::Insert(key, value) => {
                        prop_assert_eq!(map.insert(key, value), model.insert(key, value));
                    }
                    Step::Change(key, value) => {
                        let (one, other) = (map.get_mut(&key), model.get_mut(&key));
                        prop_assert_eq!(&one, &other);
                        one.into_iter().chain(other).for_each(|place| *place = value);
                    }
                    Step::Remove(key) => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                }
                prop_assert_eq!(map.length, model.len());
            }
            copies.push((map, model));
            for (copy, model) in copies {
                prop_assert_eq!(contents(&copy), model.clone());
                for key in 0..300 {
                    prop_assert_eq!(copy.get(&key), model.get(&key));
                }
            }
        }
    }

    #[test]
    fn a_change_copies_one_small_part() {
        let mut map: SharedMap<u32, u32> = SharedMap::default();
        (0..20_000).for_each(|key| assert!(map.insert(key, key).is_none()));
        let before = map.clone();
        map.insert(7, 0);
        let pairs = map.parts.iter().zip(&before.parts);
        let changed: Vec<_> =
            pairs.filter(|(one, other)| !Arc::ptr_eq(one, other)).map(|(part, _)| part.len()).collect();
        assert_eq!(changed.len(), 1);
        assert!(changed.iter().all(|length| *length < 400));
        assert!(map.parts.len() < 400);
    }
}
