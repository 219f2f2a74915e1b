//! The one ordered tree that every wire format is read into and written from.
//!
//! Null (nil), the empty text and an absent member are three different things: null is
//! [`Value::Null`], empty is a text of no characters, absent is a key that a [`Map`] does not
//! have, or a slot of a [`Record`] that is `None`. Values share their contents, so a clone costs
//! a reference count.

use std::fmt;
use std::iter::Zip;
use std::slice::Iter;
use std::sync::Arc;

mod case;
mod decimal;
mod depth;
mod hash;
mod items;
mod map;
mod number;
mod numeric;
mod rows;
mod shared;

pub use case::{folded, same_but_for_case};
pub use decimal::{ArithmeticError, Decimal};
pub use items::Items;
pub use map::Map;
pub use number::Number;
pub use shared::shared_text;

/// A tree of data.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// JSON `null`, XML `nil`.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number, and a whole one that was not written as an integer is: `7.0`.
    Number(Number),
    /// Text.
    Text(Arc<str>),
    /// Items in order.
    List(Items),
    /// Members in the order they were written.
    Map(Arc<Map>),
    /// A row of a collection; reads like a map.
    Record(Arc<Record>),
}

/// The names of a collection's declared fields; one is shared by all rows of the collection.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    names: Vec<Arc<str>>,
    /// Names are found without regard to their case.
    folds_case: bool,
    /// How many of the names, from the first on, are there for whoever takes a record as a whole.
    shown: usize,
}

impl Shape {
    /// A shape with those names, in that order.
    pub fn new(names: Vec<Arc<str>>) -> Arc<Self> {
        Arc::new(Self { shown: names.len(), names, folds_case: false })
    }

    /// A shape whose names are those of header fields: found without regard to their case.
    pub fn of_fields(names: Vec<Arc<str>>) -> Arc<Self> {
        Arc::new(Self { shown: names.len(), names, folds_case: true })
    }

    /// The same names at the same places, of which the last ones are found by their names only:
    /// they are not among the members of a record.
    pub fn hiding(&self, last: usize) -> Arc<Self> {
        let shown = self.names.len().saturating_sub(last);
        Arc::new(Self { names: self.names.clone(), folds_case: self.folds_case, shown })
    }

    /// The names in order.
    pub fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The slot of a name.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| self.is_called(known, name))
    }

    /// The slot of a name, which is most likely at that place or behind it.
    fn slot_from(&self, name: &str, place: usize) -> Option<usize> {
        let mut behind = self.names.iter().skip(place);
        let behind = behind.position(|known| self.is_called(known, name)).map(|at| place + at);
        behind.or_else(|| self.slot(name))
    }

    fn is_called(&self, known: &str, name: &str) -> bool {
        *known == *name || self.folds_case && known.eq_ignore_ascii_case(name)
    }
}

/// A row of a collection: a slot for each declared field, and a map for fields that only the
/// row's data name (custom fields).
#[derive(Debug, Clone)]
pub struct Record {
    shape: Arc<Shape>,
    slots: Box<[Option<Value>]>,
    more: Option<Arc<Map>>,
}

impl Record {
    /// A row with nothing in it.
    pub fn new(shape: Arc<Shape>) -> Self {
        let slots = vec![None; shape.names.len()].into_boxed_slice();
        Self { shape, slots, more: None }
    }

    /// The declared names.
    pub fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    /// The same row with a shape that has the same names.
    #[must_use]
    pub fn with_shape(&self, shape: &Arc<Shape>) -> Self {
        Self { shape: shape.clone(), ..self.clone() }
    }

    /// What a slot holds; `None` when it is absent or there is no such slot.
    pub fn slot(&self, slot: usize) -> Option<&Value> {
        self.slots.get(slot).and_then(Option::as_ref)
    }

    /// The field of that name, declared or not.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self.shape.slot(name) {
            Some(slot) => self.slot(slot),
            None => self.more.as_ref().and_then(|more| more.get(name)),
        }
    }

    /// Sets fields, which mostly come in the order of the declared ones.
    pub fn set_all<'v>(&mut self, members: impl Iterator<Item = (&'v Arc<str>, &'v Value)>) {
        let mut next = 0;
        for (name, value) in members {
            match self.shape.slot_from(name, next) {
                Some(slot) => {
                    next = slot + 1;
                    self.set_slot(slot, Some(value.clone()));
                }
                None => self.set(name, Some(value.clone())),
            }
        }
    }

    /// Sets or, with `None`, takes away a field.
    pub fn set(&mut self, name: &str, value: Option<Value>) {
        if let Some(slot) = self.shape.slot(name) {
            self.set_slot(slot, value);
            return;
        }
        let more = Arc::make_mut(self.more.get_or_insert_default());
        match value {
            Some(value) => more.insert(name, value),
            None => {
                more.remove(name);
            }
        }
    }

    /// Sets or, with `None`, empties a slot; a slot that is not there is left alone.
    pub fn set_slot(&mut self, slot: usize, value: Option<Value>) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = value;
        }
    }

    /// The fields that are there: declared ones in order, then the others.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Value)> {
        self.members()
    }

    fn members(&self) -> Members<'_> {
        let others = self.more.as_ref().map_or([].iter(), |more| more.slice().iter());
        let names = self.shape.names.get(..self.shape.shown).unwrap_or_default();
        Members { declared: names.iter().zip(&self.slots), others }
    }

    /// Whether no field is there.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The fields as a map.
    pub fn to_map(&self) -> Map {
        let mut map = Map::with_capacity(self.shape.shown);
        for (name, value) in self.iter() {
            map.push(name.clone(), value.clone());
        }
        map
    }
}

/// The members of a map or a record, in order.
#[derive(Debug, Clone)]
pub struct Members<'a> {
    /// What a record's collection declares.
    declared: Zip<Iter<'a, Arc<str>>, Iter<'a, Option<Value>>>,
    others: Iter<'a, (Arc<str>, Value)>,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a Arc<str>, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        let declared = self.declared.find_map(|(name, value)| Some((name, value.as_ref()?)));
        declared.or_else(|| self.others.next().map(|(name, value)| (name, value)))
    }
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(items.into())
    }

    /// A map.
    pub fn map(map: Map) -> Self {
        Self::Map(shared::map(map))
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The member of that name, if it is a map or a record that has one.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            Self::Record(record) => record.get(key),
            _ => None,
        }
    }

    /// The members, if it is a map or a record.
    pub fn members(&self) -> Option<Members<'_>> {
        match self {
            Self::Map(map) => {
                Some(Members { declared: [].iter().zip(&[]), others: map.slice().iter() })
            }
            Self::Record(record) => Some(record.members()),
            _ => None,
        }
    }

    /// Whether it is the same as another, texts without regard to case if so wanted.
    pub fn is_same(&self, other: &Self, case_insensitive: bool) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) if case_insensitive => same_but_for_case(one, two),
            _ => self == other,
        }
    }

    /// What kind of thing it is, in the words of JSON Schema.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::List(_) => "array",
            Self::Map(_) | Self::Record(_) => "object",
        }
    }

    /// Null, or the text of no characters.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    /// The scalar as text, as it stands in a form, a path or XML; `None` for lists and maps.
    pub fn scalar_text(&self) -> Option<Arc<str>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Integer(integer) => Some(itoa::Buffer::new().format(*integer).into()),
            Self::Bool(_) | Self::Number(_) => Some(self.to_string().into()),
            Self::Null | Self::List(_) | Self::Map(_) | Self::Record(_) => None,
        }
    }
}

/// Numbers compare as numbers, maps without regard to the order of their keys.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Integer(a), Self::Number(b)) | (Self::Number(b), Self::Integer(a)) => {
                b.to_i64() == Some(*a)
            }
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a == b,
            _ => match (self.members(), other.members()) {
                (Some(mine), Some(theirs)) => {
                    let mine: Vec<_> = mine.collect();
                    mine.len() == theirs.count()
                        && mine.iter().all(|(key, value)| other.get(key) == Some(value))
                }
                _ => false,
            },
        }
    }
}

/// A scalar as its bare text, anything else as JSON.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
            Self::List(_) | Self::Map(_) | Self::Record(_) => {
                f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
            }
        }
    }
}

impl serde::Serialize for Value {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Number(value) => value.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items.iter()),
            Self::Map(map) => serializer.collect_map(map.iter().map(|(k, v)| (&**k, v))),
            Self::Record(record) => serializer.collect_map(record.iter().map(|(k, v)| (&**k, v))),
        }
    }
}

macro_rules! value_from {
    ($($from:ty => |$name:ident| $to:expr),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from($name: $from) -> Self {
                $to
            }
        })*
    };
}

value_from! {
    bool => |value| Self::Bool(value),
    i64 => |value| Self::Integer(value),
    f64 => |value| Number::nearest(value).map_or(Self::Null, Self::Number),
    Decimal => |value| value.to_i64().map_or_else(|| Self::Number((&value).into()), Self::Integer),
    &str => |text| Self::Text(text.into()),
    String => |text| Self::Text(text.into()),
    Arc<str> => |text| Self::Text(text),
    Vec<Value> => |items| Self::list(items),
    Map => |map| Self::map(map),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_like_the_map_of_its_fields() {
        let shape = Shape::new(vec!["id".into(), "mail".into()]);
        let mut record = Record::new(shape);
        record.set("id", Some(Value::Integer(1)));
        record.set("field_colour", Some("red".into()));
        let map = record.to_map();
        assert_eq!(Value::Record(Arc::new(record)), Value::map(map));
    }

    #[test]
    fn absent_null_and_empty_are_three_things() {
        let mut map = Map::new();
        map.insert("nil", Value::Null);
        map.insert("empty", "".into());
        assert_eq!(map.get("absent"), None);
        assert_ne!(map.get("nil"), map.get("empty"));
    }
}
