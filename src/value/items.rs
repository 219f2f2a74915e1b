//! The items of a list, in as little room as they need: a client can send very many short ones,
//! and an empty list is two bytes of JSON.

use std::ops::Deref;
use std::sync::Arc;

use super::Value;

/// Shorter lists are one piece of memory, without room for more. To make one copies its items,
/// which for a long list would be as much memory again.
const LONG: usize = 1_024;

/// Items in order, shared by all who hold them.
#[derive(Debug, Clone)]
pub struct Items(Kept);

#[derive(Debug, Clone)]
enum Kept {
    /// Nested in each other, lists of one item are what takes most for what is sent of them: what
    /// counts who shares one would be half of it.
    One(Box<Value>),
    Short(Arc<[Value]>),
    Long(Arc<Vec<Value>>),
}

impl Items {
    /// The items, for whoever needs them alone.
    pub fn into_vec(self) -> Vec<Value> {
        match self.0 {
            Kept::One(item) => vec![*item],
            Kept::Long(items) => Arc::unwrap_or_clone(items),
            Kept::Short(mut items) => match Arc::get_mut(&mut items) {
                Some(items) => items.iter_mut().map(std::mem::take).collect(),
                None => items.to_vec(),
            },
        }
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: Value) {
        if let Kept::Long(items) = &mut self.0 {
            return Arc::make_mut(items).push(item);
        }
        let mut items = std::mem::take(self).into_vec();
        items.push(item);
        *self = if items.len() < LONG { items.into() } else { Self(Kept::Long(Arc::new(items))) };
    }

    /// Puts in the place of each item what is made of it, and leaves out those of which nothing
    /// is. A list that others hold is copied from the first item on of which something else is
    /// made, so that one that only has to be looked at is never there twice.
    #[must_use]
    pub fn map(mut self, mut make: impl FnMut(usize, Value) -> Option<Value>) -> Self {
        match &mut self.0 {
            Kept::One(item) => {
                return match make(0, std::mem::take(item)) {
                    Some(value) => {
                        **item = value;
                        self
                    }
                    None => Self::default(),
                };
            }
            Kept::Short(items) => {
                if let Some(own) = Arc::get_mut(items) {
                    let kept = compact(own, make);
                    return match own.len() {
                        all if all == kept => self,
                        _ => own.get(..kept).unwrap_or_default().to_vec().into(),
                    };
                }
            }
            Kept::Long(items) => {
                if let Some(own) = Arc::get_mut(items) {
                    let kept = compact(own, make);
                    own.truncate(kept);
                    return self;
                }
            }
        }
        let mut changed: Option<Vec<Value>> = None;
        for (at, item) in self.iter().enumerate() {
            let value = make(at, item.clone());
            match (&mut changed, value) {
                (None, Some(value)) if is_unchanged(item, &value) => {}
                (None, value) => {
                    let mut list = Vec::with_capacity(self.len());
                    list.extend_from_slice(self.get(..at).unwrap_or_default());
                    list.extend(value);
                    changed = Some(list);
                }
                (Some(list), value) => list.extend(value),
            }
        }
        changed.map_or(self, Into::into)
    }
}

/// Puts what is made of the items at the beginning; gives how many there are.
fn compact(items: &mut [Value], mut make: impl FnMut(usize, Value) -> Option<Value>) -> usize {
    let mut kept = 0;
    for at in 0..items.len() {
        let item = items.get_mut(at).map(std::mem::take).unwrap_or_default();
        if let Some(value) = make(at, item)
            && let Some(place) = items.get_mut(kept)
        {
            *place = value;
            kept += 1;
        }
    }
    kept
}

/// Whether a value is the one that it was made of, which is quick to see.
fn is_unchanged(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Integer(a), Value::Integer(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => Arc::ptr_eq(a, b),
        (Value::List(a), Value::List(b)) => match (&a.0, &b.0) {
            (Kept::One(a), Kept::One(b)) => is_unchanged(a, b),
            (Kept::Short(a), Kept::Short(b)) => Arc::ptr_eq(a, b),
            (Kept::Long(a), Kept::Long(b)) => Arc::ptr_eq(a, b),
            _ => false,
        },
        (Value::Map(a), Value::Map(b)) => Arc::ptr_eq(a, b),
        (Value::Record(a), Value::Record(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}

impl Default for Items {
    fn default() -> Self {
        // All that are empty are one.
        Self(Kept::Short(Arc::default()))
    }
}

impl From<Vec<Value>> for Items {
    fn from(mut items: Vec<Value>) -> Self {
        if items.len() < LONG {
            return match items.pop() {
                None => Self::default(),
                Some(item) if items.is_empty() => Self(Kept::One(Box::new(item))),
                Some(item) => {
                    items.push(item);
                    Self(Kept::Short(items.into()))
                }
            };
        }
        // What is reserved is given back when that is at least half of it.
        if items.len() <= items.capacity() / 2 {
            items.shrink_to_fit();
        }
        Self(Kept::Long(Arc::new(items)))
    }
}

impl Deref for Items {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        match &self.0 {
            Kept::One(item) => std::slice::from_ref(&**item),
            Kept::Short(items) => items,
            Kept::Long(items) => items,
        }
    }
}

impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<'i> IntoIterator for &'i Items {
    type Item = &'i Value;
    type IntoIter = std::slice::Iter<'i, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: i64) -> Vec<Value> {
        (0..count).map(Value::Integer).collect()
    }

    #[test]
    fn a_value_is_three_words() {
        assert_eq!(size_of::<Value>(), 24);
    }

    #[test]
    fn a_list_of_any_length_is_what_went_in() {
        for count in [0, 1, 1_023, 1_024, 1_025] {
            let mut items = Items::from(numbers(count));
            let shared = items.clone();
            items.push(Value::Null);
            assert_eq!(&shared[..], numbers(count));
            assert_eq!(items.len(), shared.len() + 1);
            assert_eq!(items.last(), Some(&Value::Null));
            assert_eq!(shared.into_vec(), numbers(count));
        }
    }

    #[test]
    fn what_is_made_of_items_is_the_same_whether_others_hold_them_or_not() {
        let odd = |_, item: Value| match item {
            Value::Integer(number) if number % 2 == 1 => Some(Value::Integer(-number)),
            _ => None,
        };
        for count in [1, 5, 1_023, 2_000] {
            let expected: Vec<_> =
                (0..count).filter(|n| n % 2 == 1).map(|n| Value::Integer(-n)).collect();
            assert_eq!(Items::from(numbers(count)).map(odd).to_vec(), expected);
            let held = Items::from(numbers(count));
            assert_eq!(held.clone().map(odd).to_vec(), expected);
            assert_eq!(held.to_vec(), numbers(count));
        }
    }

    #[test]
    fn a_list_that_stays_as_it_is_is_not_copied() {
        for count in [3, 3_000] {
            let held = Items::from(numbers(count));
            let looked_at = held.clone().map(|_, item| Some(item));
            assert!(std::ptr::eq(&raw const held[..], &raw const looked_at[..]));
        }
    }
}
