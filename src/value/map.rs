//! Members of objects.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::Value;

/// Room for so many members is made with the second one.
const USUAL: usize = 4;

/// Members in the order they were written; a key stands once.
///
/// Members are few in the messages this is for, so they are kept in one vector and looked up by
/// comparing; decoders bound how many there can be.
#[derive(Debug, Clone, Default)]
pub struct Map {
    entries: Entries,
}

type Entry = (Arc<str>, Value);

/// A map of one member needs no memory beside that in which it is shared.
#[derive(Debug, Clone)]
enum Entries {
    One([Entry; 1]),
    Many(Vec<Entry>),
}

impl Default for Entries {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Deref for Entries {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        match self {
            Self::One(entry) => entry,
            Self::Many(entries) => entries,
        }
    }
}

impl DerefMut for Entries {
    fn deref_mut(&mut self) -> &mut [Entry] {
        match self {
            Self::One(entry) => entry,
            Self::Many(entries) => entries,
        }
    }
}

impl Entries {
    fn push(&mut self, entry: Entry) {
        match self {
            Self::Many(entries) if entries.capacity() > 0 => entries.push(entry),
            Self::Many(_) => *self = Self::One([entry]),
            Self::One(_) => {
                let Self::One([first]) = std::mem::take(self) else { return };
                let mut entries = Vec::with_capacity(USUAL);
                entries.extend([first, entry]);
                *self = Self::Many(entries);
            }
        }
    }

    fn remove(&mut self, at: usize) -> Entry {
        match std::mem::take(self) {
            Self::One([entry]) => entry,
            Self::Many(mut entries) => {
                let entry = entries.remove(at);
                *self = Self::Many(entries);
                entry
            }
        }
    }

    /// Gives back what is reserved when that is at least half of it.
    fn fit(&mut self) {
        let Self::Many(entries) = self else { return };
        match entries.len() {
            1 => {
                if let Some(entry) = entries.pop() {
                    *self = Self::One([entry]);
                }
            }
            few if few <= entries.capacity() / 2 => entries.shrink_to_fit(),
            _ => {}
        }
    }
}

impl Map {
    /// A map without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// A map with room for `capacity` members.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { entries: Entries::Many(Vec::with_capacity(capacity)) }
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The member of that name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.iter().find(|(k, _)| &**k == key).map(|(_, v)| v)
    }

    /// The member of that name, which is most likely at that place.
    pub fn get_near(&self, key: &str, place: usize) -> Option<&Value> {
        match self.entries.get(place) {
            Some((name, value)) if **name == *key => Some(value),
            _ => self.get(key),
        }
    }

    /// The member of that name, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.entries.iter_mut().find(|(k, _)| &**k == key).map(|(_, v)| v)
    }

    /// Sets a member, in its old place if it was there, else at the end.
    pub fn insert(&mut self, key: impl Into<Arc<str>> + AsRef<str>, value: Value) {
        match self.get_mut(key.as_ref()) {
            Some(old) => *old = value,
            None => self.entries.push((key.into(), value)),
        }
    }

    /// Adds a member that is known not to be there yet, without looking.
    pub fn push(&mut self, key: Arc<str>, value: Value) {
        self.entries.push((key, value));
    }

    /// Takes a member out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.entries.iter().position(|(k, _)| &**k == key)?;
        Some(self.entries.remove(at).1)
    }

    /// The members in order.
    pub(super) fn slice(&self) -> &[Entry] {
        &self.entries
    }

    /// Gives back what is reserved for members that did not come.
    pub(super) fn fit(&mut self) {
        self.entries.fit();
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.entries.iter().map(|(k, v)| (k, v))
    }

    /// The names in order.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.entries.iter().map(|(k, _)| k)
    }
}

impl FromIterator<(Arc<str>, Value)> for Map {
    /// Keeps the last of members with the same name.
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_however_many_there_are() {
        // With the counts of those who share it, 64 bytes.
        assert_eq!(size_of::<Map>(), 48);
        for reserved in [0, 1, 9] {
            let mut map = Map::with_capacity(reserved);
            for (at, name) in ["a", "b", "c", "d", "e", "f"].into_iter().enumerate() {
                map.insert(name, Value::Bool(false));
                map.insert(name, Value::Bool(true));
                assert_eq!(map.len(), at + 1);
                let mut fitted = map.clone();
                fitted.fit();
                assert_eq!(fitted.slice(), map.slice());
            }
            for name in ["c", "a", "f", "b", "d", "e"] {
                assert_eq!(map.remove(name), Some(Value::Bool(true)), "{name}");
                assert_eq!(map.get(name), None);
                let left: Vec<_> = map.keys().map(|name| &**name).collect();
                assert!(left.is_sorted(), "{left:?}");
            }
            assert!(map.is_empty());
            map.push("g".into(), Value::Null);
            assert_eq!(map.keys().map(|name| &**name).collect::<Vec<_>>(), ["g"]);
        }
    }
}
