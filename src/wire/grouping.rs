//! Members whose names may come again, as in forms and in XML.

use std::collections::HashMap;
use std::sync::Arc;

use crate::value::{Map, Value};

/// From this many names on, an index is cheaper than looking.
const INDEX_FROM: usize = 16;

/// Things by name, in the order in which the names first came.
#[derive(Debug)]
pub(super) struct Named<T> {
    all: Vec<(Arc<str>, T)>,
    #[expect(clippy::box_collection, reason = "most have none, and there may be very many")]
    index: Option<Box<HashMap<Arc<str>, usize>>>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self { all: Vec::new(), index: None }
    }
}

impl<T> Named<T> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// The place of a name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        if self.all.len() < INDEX_FROM {
            self.all.iter().position(|(known, _)| **known == *name)
        } else {
            self.index.as_ref()?.get(name).copied()
        }
    }

    /// The thing at a place.
    pub(super) fn at(&mut self, place: usize) -> Option<&mut T> {
        self.all.get_mut(place).map(|(_, thing)| thing)
    }

    /// Adds a thing of a name that is known not to be there, and gives its place.
    pub(super) fn push(&mut self, name: Arc<str>, thing: T) -> usize {
        let place = self.all.len();
        if place == 0 {
            // Most have one.
            self.all.reserve_exact(1);
        }
        self.all.push((name, thing));
        if self.all.len() >= INDEX_FROM {
            let index = self.index.get_or_insert_default();
            let new = self.all.iter().enumerate().skip(index.len());
            index.extend(new.map(|(place, (name, _))| (name.clone(), place)));
        }
        place
    }

    /// The things with their names.
    pub(super) fn into_vec(self) -> Vec<(Arc<str>, T)> {
        self.all
    }
}

/// What came under one name.
#[derive(Debug)]
pub(super) enum Values {
    /// It came once.
    One(Value),
    /// It came again.
    Many(Vec<Value>),
}

impl Values {
    /// Adds what came again; so many are expected in all.
    pub(super) fn add(&mut self, value: Value, expected: usize) {
        match self {
            Self::Many(values) => values.push(value),
            Self::One(first) => {
                let mut values = Vec::with_capacity(expected.max(2));
                values.extend([std::mem::take(first), value]);
                *self = Self::Many(values);
            }
        }
    }

    /// The value, or a list of what came more than once.
    pub(super) fn into_value(self) -> Value {
        match self {
            Self::One(value) => value,
            Self::Many(values) => Value::list(values),
        }
    }
}

/// Collects members by name, in the order in which the names first came; a name that came more
/// than once becomes a list.
#[derive(Debug, Default)]
pub(super) struct Grouping(Named<Values>);

impl Grouping {
    /// How many different names there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds a member.
    pub(super) fn add(&mut self, name: Arc<str>, value: Value) {
        self.add_one_of(name, value, 0);
    }

    /// Adds a member, of whose name so many are expected.
    pub(super) fn add_one_of(&mut self, name: Arc<str>, value: Value, expected: usize) {
        let known = self.0.place(&name);
        match known.and_then(|place| self.0.at(place)) {
            Some(values) => values.add(value, expected),
            None => {
                self.0.push(name, Values::One(value));
            }
        }
    }

    /// The members.
    pub(super) fn into_map(self) -> Map {
        let mut map = Map::with_capacity(self.0.len());
        for (name, values) in self.0.into_vec() {
            map.push(name, values.into_value());
        }
        map
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
