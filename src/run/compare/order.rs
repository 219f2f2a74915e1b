//! Lists that are sorted, and lists without the same item twice.

use std::cmp::Ordering;

use super::Comparison;
use super::words::shown;
use crate::scenario::Sorted;
use crate::source::Span;
use crate::value::Value;

/// What an item is looked at by.
fn key<'v>(item: &'v Value, by: Option<&str>) -> Option<&'v Value> {
    match by {
        None => Some(item),
        Some(member) => item.get(member),
    }
}

/// Numbers by their value, texts by their characters; nothing else has an order. Texts are what
/// they spell where all of them spell numbers, in XML and forms.
fn compared(left: &Value, right: &Value, spell: bool) -> Option<Ordering> {
    match (left.as_str(), right.as_str()) {
        (Some(left), Some(right)) => match spell {
            true => Value::spelled(left)?.compare_numbers(&Value::spelled(right)?),
            false => Some(left.cmp(right)),
        },
        _ => left.compare_numbers(right),
    }
}

impl Comparison<'_> {
    pub(super) fn sorted(&mut self, sorted: &Sorted, span: &Span, actual: Option<&Value>) {
        let Some(items) = self.items(actual) else {
            return self.differs("an array", actual, span);
        };
        let wrong = if sorted.descending { Ordering::Less } else { Ordering::Greater };
        let keys: Vec<Option<&Value>> =
            items.iter().map(|item| key(item, sorted.by.as_deref())).collect();
        let spells = |key: Option<&Value>| {
            key.and_then(Value::as_str).is_some_and(|text| Value::spelled(text).is_some())
        };
        let spell = self.ways.textual && keys.iter().copied().all(spells);
        let fits = |pair: &[Option<&Value>]| match pair {
            [Some(left), Some(right)] => {
                compared(left, right, spell).is_some_and(|order| order != wrong)
            }
            _ => false,
        };
        let Some(at) = keys.windows(2).position(|pair| !fits(pair)) else { return };
        let [left, right] = [at, at + 1].map(|at| shown(keys.get(at).copied().flatten()));
        let path = self.path.text(self.ways.namespaces);
        let word = if sorted.descending { "descending" } else { "ascending" };
        let message = format!(
            "`{path}` is not sorted ({word}): item {at} is {left}, and item {} {right}",
            at + 1
        );
        self.note(path, format!("sorted, {word}"), format!("{left}, {right}"), message, span);
    }

    pub(super) fn unique(&mut self, by: Option<&str>, span: &Span, actual: Option<&Value>) {
        let Some(items) = self.items(actual) else {
            return self.differs("an array", actual, span);
        };
        let keys: Vec<Option<&Value>> = items.iter().map(|item| key(item, by)).collect();
        if let (Some(by), Some(at)) = (by, keys.iter().position(Option::is_none)) {
            let path = self.path.text(self.ways.namespaces);
            let message = format!("`{path}` has no `{by}` in the item {at}");
            let actual = shown(items.get(at).copied());
            return self.note(path, format!("a `{by}` in each item"), actual, message, span);
        }
        let twice = keys.iter().enumerate().find_map(|(at, one)| {
            let first = keys.iter().take(at).position(|other| other.is_some() && other == one)?;
            Some((first, at))
        });
        let Some((first, again)) = twice else { return };
        let value = shown(keys.get(again).copied().flatten());
        let path = self.path.text(self.ways.namespaces);
        let message = format!("`{path}` has {value} twice: in the items {first} and {again}");
        self.note(path, "no item twice".to_owned(), value, message, span);
    }
}
