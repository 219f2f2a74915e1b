//! How the members of an update get into a row: in the place of what is there, one by one into a
//! map, or only where there is nothing.

use crate::model::verb::Merges;
use crate::plan::state::Collection;
use crate::value::{Map, Record, Value};

/// What an update does with what is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner<'p> {
    /// Only what is absent, null or empty is set.
    pub fill: bool,
    /// Which fields take the members of a map.
    pub merges: &'p Merges,
    /// Whether null and the empty text take away what is there.
    pub unsets: bool,
}

impl Manner<'static> {
    /// What is given takes the place of what is there.
    pub(super) const OVERWRITE: Self =
        Self { fill: false, merges: &Merges::Nothing, unsets: false };
}

impl Manner<'_> {
    /// Puts members into a row.
    pub(super) fn put(&self, record: &mut Record, members: &Value, collection: &Collection) {
        let members = members.members().into_iter().flatten();
        if self.fill {
            let held: Record = record.clone();
            record.set_all(members.filter(|(name, _)| held.get(name).is_none_or(is_nothing)));
            return;
        }
        if *self.merges == Merges::Nothing && !self.unsets {
            record.set_all(members);
            return;
        }
        for (name, value) in members {
            let merges = self.merges.has(name);
            let value = match value {
                gone if self.takes_away(gone, merges) => default_of(collection, name),
                value if merges => Some(self.merged(record.get(name), value)),
                value => Some(value.clone()),
            };
            record.set(name, value);
        }
    }

    /// Whether a value says that there is to be none. In what merges, null always does.
    fn takes_away(&self, value: &Value, merges: bool) -> bool {
        match value {
            Value::Null => merges || self.unsets,
            Value::Text(text) => self.unsets && text.is_empty(),
            _ => false,
        }
    }

    /// RFC 7396, section 2.
    fn merged(&self, held: Option<&Value>, given: &Value) -> Value {
        let Some(members) = given.members() else { return given.clone() };
        let held = held.and_then(Value::members).into_iter().flatten();
        let mut map: Map = held.map(|(name, value)| (name.clone(), value.clone())).collect();
        for (name, value) in members {
            if self.takes_away(value, true) {
                map.remove(name);
            } else {
                let merged = self.merged(map.get(name), value);
                map.insert(name.clone(), merged);
            }
        }
        Value::map(map)
    }
}

/// What a new row has in a field.
fn default_of(collection: &Collection, name: &str) -> Option<Value> {
    let slot = collection.shape.slot(name)?;
    let default = collection.defaults.iter().find(|(of, _)| *of == slot);
    default.map(|(_, default)| default.clone())
}

fn is_nothing(value: &Value) -> bool {
    value.is_empty() || value.as_list().is_some_and(<[Value]>::is_empty)
}
