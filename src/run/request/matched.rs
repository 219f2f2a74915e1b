//! What a call sends by itself so that its request fits the `match` of its binding.

use std::sync::Arc;

use super::{Draft, title};
use crate::model::XmlName;
use crate::model::matching::{About, Match, Wanted};
use crate::value::{Map, Value};

/// Puts what has to be in the query and in headers there, unless the scenario did.
pub(super) fn give(matching: &Match, draft: &mut Draft) {
    for condition in &matching.conditions {
        let Some(text) = condition.wanted.example().and_then(|value| value.scalar_text()) else {
            continue;
        };
        match &condition.about {
            About::Query(name) => {
                if !draft.query.iter().any(|(known, _)| **known == **name) {
                    draft.query.push((name.to_string(), text.to_string()));
                }
            }
            About::Header(name) => draft.offer(&title(name.as_str()), &*text),
            About::Cookie(name) => {
                if !draft.cookies.iter().any(|(known, _)| **known == **name) {
                    draft.cookies.push((name.to_string(), text.to_string()));
                }
            }
            // What a path is to select, the scenario writes itself.
            About::Body(_) | About::Path(_) | About::List | About::Root | About::RootNamespace => {}
        }
    }
}

/// The same for the fields of a form.
pub(super) fn add(matching: &Match, fields: &mut Vec<(Arc<str>, Value)>) {
    for (path, value) in members(matching) {
        let name: Arc<str> = path.join(".").into();
        if !fields.iter().any(|(known, _)| *known == name) {
            fields.push((name, value));
        }
    }
}

/// The body with the members that it has to have; one is made where there is none.
pub(super) fn body(matching: &Match, written: Option<Value>) -> Option<Value> {
    let mut given = written.or_else(|| root(matching).map(|_| Value::map(Map::new())));
    for (path, value) in members(matching) {
        let body = given.take().unwrap_or_else(|| Value::map(Map::new()));
        given = Some(with(body, path, value));
    }
    given
}

/// The root element that it has to have.
pub(super) fn root(matching: &Match) -> Option<XmlName> {
    let text = |wanted: &About| {
        let condition = matching.conditions.iter().find(|one| one.about == *wanted)?;
        match &condition.wanted {
            Wanted::OneOf(values) => values.first()?.scalar_text(),
            Wanted::Present | Wanted::Absent | Wanted::Pattern(_) => None,
        }
    };
    Some(XmlName { name: text(&About::Root)?, namespace: text(&About::RootNamespace) })
}

fn members(matching: &Match) -> impl Iterator<Item = (&[Arc<str>], Value)> {
    matching.conditions.iter().filter_map(|condition| match &condition.about {
        About::Body(path) => Some((&**path, condition.wanted.example()?)),
        _ => None,
    })
}

/// A body with parameters as members of the part to which names lead; what is there already stays.
pub(super) fn with_parameters(
    body: Value,
    at: &[Arc<str>],
    parameters: Vec<(Arc<str>, Value)>,
) -> Value {
    let body = match at {
        [] => body,
        at => with(body, at, Value::map(Map::new())),
    };
    parameters.into_iter().fold(body, |body, (name, value)| {
        let path: Vec<_> = at.iter().cloned().chain([name]).collect();
        with(body, &path, value)
    })
}

/// What is there already stays.
fn with(value: Value, path: &[Arc<str>], wanted: Value) -> Value {
    let Some((name, rest)) = path.split_first() else { return value };
    let Some(members) = value.members() else { return value };
    let mut map: Map = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    match (map.get_mut(name), rest.is_empty()) {
        (Some(_), true) => {}
        (Some(there), false) => *there = with(std::mem::take(there), rest, wanted),
        (None, true) => map.insert(name.clone(), wanted),
        (None, false) => {
            map.insert(name.clone(), with(Value::map(Map::new()), rest, wanted));
        }
    }
    Value::map(map)
}
