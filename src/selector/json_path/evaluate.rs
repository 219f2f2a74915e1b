//! What a query selects in a tree.

use std::cmp::Ordering;

use super::pattern::Pattern;
use super::query::{Operand, Operator, Path, Query, Selector, Test, Written};
use crate::value::Value;

/// What a query selects, from `item` on, in the order of the RFC; `root` is the whole.
pub(super) fn select<'v>(query: &Query, root: &'v Value, item: &'v Value) -> Vec<&'v Value> {
    let mut nodes = vec![item];
    for segment in &query.segments {
        let mut found = Vec::new();
        for node in nodes {
            let visited = if segment.descends { descendants(node) } else { vec![node] };
            for node in visited {
                for selector in &segment.selectors {
                    apply(selector, root, node, &mut found);
                }
            }
        }
        nodes = found;
    }
    nodes
}

/// A node and what is below it, each before what is below it.
fn descendants(node: &Value) -> Vec<&Value> {
    let (mut visited, mut waiting) = (Vec::new(), vec![node]);
    while let Some(node) = waiting.pop() {
        visited.push(node);
        let from = waiting.len();
        waiting.extend(children(node));
        if let Some(new) = waiting.get_mut(from..) {
            new.reverse();
        }
    }
    visited
}

fn children(node: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match node.members() {
        Some(members) => Box::new(members.map(|(_, value)| value)),
        None => Box::new(node.as_list().unwrap_or_default().iter()),
    }
}

fn apply<'v>(selector: &Selector, root: &'v Value, node: &'v Value, found: &mut Vec<&'v Value>) {
    match selector {
        Selector::Name(name) => found.extend(node.get(name)),
        Selector::Wildcard => found.extend(children(node)),
        Selector::Index(index) => {
            let items = node.as_list().unwrap_or_default();
            let at = usize::try_from(within(*index, items.len())).ok();
            found.extend(at.and_then(|at| items.get(at)));
        }
        Selector::Slice { start, end, step } => {
            found.extend(slice(node.as_list().unwrap_or_default(), *start, *end, *step));
        }
        Selector::Filter(test) => {
            found.extend(children(node).filter(|item| holds(test, root, item)));
        }
    }
}

/// An index that counts from the beginning.
fn within(index: i64, length: usize) -> i64 {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    if index < 0 { length.saturating_add(index) } else { index }
}

/// RFC 9535 section 2.3.4.2.2.
fn slice(items: &[Value], start: Option<i64>, end: Option<i64>, step: i64) -> Vec<&Value> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let bound = |index: i64, least: i64, most: i64| within(index, items.len()).clamp(least, most);
    let mut at;
    let end = if step >= 0 {
        at = bound(start.unwrap_or(0), 0, length);
        bound(end.unwrap_or(length), 0, length)
    } else {
        at = start.map_or(length - 1, |start| bound(start, -1, length - 1));
        end.map_or(-1, |end| bound(end, -1, length - 1))
    };
    let mut found = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        found.extend(usize::try_from(at).ok().and_then(|at| items.get(at)));
        at = at.saturating_add(step);
    }
    found
}

fn holds(test: &Test, root: &Value, item: &Value) -> bool {
    match test {
        Test::Or(tests) => tests.iter().any(|test| holds(test, root, item)),
        Test::And(tests) => tests.iter().all(|test| holds(test, root, item)),
        Test::Not(test) => !holds(test, root, item),
        Test::Exists(path) => !nodes(path, root, item).is_empty(),
        Test::Comparison(left, operator, right) => {
            let (left, right) = (evaluate(left, root, item), evaluate(right, root, item));
            compares(left.as_ref(), *operator, right.as_ref())
        }
        Test::Matches(matching) => {
            let Some(Value::Text(subject)) = evaluate(&matching.text, root, item) else {
                return false;
            };
            match &matching.pattern {
                Written::Here(pattern) => pattern.is_match(&subject),
                // A text that is not a pattern matches nothing (section 2.4.6).
                Written::Elsewhere(pattern) => match evaluate(pattern, root, item) {
                    Some(Value::Text(pattern)) => Pattern::new(&pattern, matching.whole)
                        .is_ok_and(|pattern| pattern.is_match(&subject)),
                    _ => false,
                },
            }
        }
    }
}

fn nodes<'v>(path: &Path, root: &'v Value, item: &'v Value) -> Vec<&'v Value> {
    select(&path.query, root, if path.absolute { root } else { item })
}

/// A value, or nothing.
fn evaluate(given: &Operand, root: &Value, item: &Value) -> Option<Value> {
    match given {
        Operand::Literal(value) => Some(value.clone()),
        Operand::Path(path) => nodes(path, root, item).first().copied().cloned(),
        Operand::Count(path) => whole(nodes(path, root, item).len()),
        Operand::Value(path) => match &*nodes(path, root, item) {
            [one] => Some((*one).clone()),
            _ => None,
        },
        Operand::Length(inner) => match evaluate(inner, root, item)? {
            Value::Text(text) => whole(text.chars().count()),
            Value::List(items) => whole(items.len()),
            other => other.members().and_then(|members| whole(members.count())),
        },
    }
}

fn whole(count: usize) -> Option<Value> {
    i64::try_from(count).ok().map(Value::Integer)
}

/// RFC 9535 section 2.3.5.2.2; nothing is equal to nothing.
fn compares(left: Option<&Value>, operator: Operator, right: Option<&Value>) -> bool {
    let order = || left.zip(right).and_then(|(left, right)| order(left, right));
    match operator {
        Operator::Equal => left == right,
        Operator::Unequal => left != right,
        Operator::Less => order() == Some(Ordering::Less),
        Operator::Greater => order() == Some(Ordering::Greater),
        Operator::LessOrEqual => left == right || order() == Some(Ordering::Less),
        Operator::GreaterOrEqual => left == right || order() == Some(Ordering::Greater),
    }
}

/// Numbers and texts have an order, and only among themselves.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => left.compare_numbers(right),
    }
}
