//! What a server gives to the things that clients make: members that nobody sent, and counts of
//! changes.

use super::Recorded;
use super::said::json;
use super::secrets::Hidden;
use crate::import::api::Api;
use crate::import::names::words;
use crate::value::{Map, Value};

/// Gives operations what they supply themselves.
pub(super) fn settle(api: &mut Api, asked: &[(usize, &Recorded)], hidden: &Hidden) {
    for (step, (at, recorded)) in asked.iter().enumerate() {
        let Some(operation) = api.operations.get_mut(*at) else { continue };
        let Some(answer) = thing(recorded) else { continue };
        let sent = recorded.body.as_deref().and_then(json);
        let sent = sent.as_ref().map(thing_in).unwrap_or_default();
        let own = answer.iter().filter(|(name, _)| sent.get(name).is_none());
        match &*recorded.method {
            "POST" => {
                for (name, value) in own {
                    let is_known = operation.supplied.iter().any(|(known, _)| **known == **name);
                    if !is_known && !matches!(value, Value::Map(_)) {
                        operation.supplied.push((name.to_string(), hidden.masked(name, value)));
                    }
                }
            }
            "PUT" | "PATCH" => {
                let earlier = asked.get(..step).unwrap_or_default().iter().rev();
                let key = key(recorded);
                let before = earlier.filter_map(|(_, other)| thing(other)).find(|thing| {
                    thing.iter().any(|(_, value)| value.scalar_text().as_deref() == Some(&*key))
                });
                let Some(before) = before else { continue };
                for (name, value) in own {
                    let grows = match (before.get(name), value) {
                        (Some(Value::Integer(one)), Value::Integer(next)) => {
                            one.checked_add(1) == Some(*next)
                        }
                        _ => false,
                    };
                    if grows && is_count(name) && !operation.counted.contains(&name.to_string()) {
                        operation.counted.push(name.to_string());
                    }
                }
            }
            _ => {}
        }
    }
}

/// The last segment of the path.
fn key(recorded: &Recorded) -> String {
    let path = recorded.path.split('?').next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The thing that was answered, where all went well.
fn thing(recorded: &Recorded) -> Option<Map> {
    let done = recorded.status.is_some_and(|status| (200..300).contains(&status));
    let value = recorded.answer.as_ref().filter(|_| done)?.json()?;
    Some(thing_in(value)).filter(|thing| !thing.is_empty())
}

/// The thing in a value: it itself, or what it wraps.
fn thing_in(value: &Value) -> Map {
    let Value::Map(map) = value else { return Map::new() };
    let mut members = map.iter();
    match (members.next(), members.next()) {
        (Some((_, Value::Map(inner))), None) => Map::clone(inner),
        _ => Map::clone(map),
    }
}

/// Whether a number of that name tells how often something was changed.
fn is_count(name: &str) -> bool {
    let last = words(name).pop().unwrap_or_default();
    matches!(last.as_str(), "version" | "revision" | "rev" | "edits" | "changes" | "updates")
}
