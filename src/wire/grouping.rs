//! Members whose names may come again, as in forms and in XML.

use std::collections::HashMap;
use std::sync::Arc;

use crate::value::{Map, Value};

/// From this many names on, an index is cheaper than looking.
const INDEX_FROM: usize = 16;

/// Collects members by name, in the order in which the names first came; a name that came more
/// than once becomes a list.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    groups: Vec<(Arc<str>, Group)>,
    index: HashMap<Arc<str>, usize>,
}

#[derive(Debug)]
enum Group {
    One(Value),
    Many(Vec<Value>),
}

impl Grouping {
    /// How many different names there are.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    /// Adds a member.
    pub(super) fn add(&mut self, name: Arc<str>, value: Value) {
        let place = self.place(&name);
        match place.and_then(|place| self.groups.get_mut(place)) {
            Some((_, Group::Many(values))) => values.push(value),
            Some((_, group)) => {
                let first = std::mem::replace(group, Group::Many(Vec::with_capacity(2)));
                if let (Group::Many(values), Group::One(first)) = (group, first) {
                    values.extend([first, value]);
                }
            }
            None => {
                self.groups.push((name, Group::One(value)));
                self.index_new_groups();
            }
        }
    }

    /// The members.
    pub(super) fn into_map(self) -> Map {
        let mut map = Map::with_capacity(self.groups.len());
        for (name, group) in self.groups {
            map.push(
                name,
                match group {
                    Group::One(value) => value,
                    Group::Many(values) => Value::list(values),
                },
            );
        }
        map
    }

    fn place(&self, name: &str) -> Option<usize> {
        if self.groups.len() < INDEX_FROM {
            self.groups.iter().position(|(known, _)| &**known == name)
        } else {
            self.index.get(name).copied()
        }
    }

    fn index_new_groups(&mut self) {
        if self.groups.len() < INDEX_FROM {
            return;
        }
        let indexed = self.index.len();
        for (place, (name, _)) in self.groups.iter().enumerate().skip(indexed) {
            self.index.insert(name.clone(), place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_order_and_repeated_ones_become_lists_with_and_without_an_index() {
        for count in [3, INDEX_FROM - 1, INDEX_FROM, 100_usize] {
            let mut grouping = Grouping::default();
            for _ in 0..3 {
                for name in 0..count {
                    grouping.add(name.to_string().into(), Value::Null);
                }
            }
            let map = grouping.into_map();
            let names: Vec<_> = map.keys().map(|name| name.parse::<usize>().unwrap()).collect();
            assert_eq!(names, (0..count).collect::<Vec<_>>());
            assert!(map.iter().all(|(_, value)| value.as_list().unwrap().len() == 3));
        }
    }
}
