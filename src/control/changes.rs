//! What a request changed, row by row.

use std::sync::Arc;

use super::happened::number;
use super::reply::object;
use crate::mock::effect::{AccountEffect, Effect, RowEffect};
use crate::plan::Plan;
use crate::value::{Map, Value};

/// The most rows that are told of one request.
const MOST_ROWS: usize = 1_000;

/// `rows`, `moreRows`, `settings` and `messages`; null where the journal no longer knows.
pub(super) fn shown(plan: Option<&Plan>, effect: &Effect) -> Value {
    let AccountEffect { rows, settings, sent, .. } = match effect {
        Effect::Forgotten => return Value::Null,
        Effect::Nothing => return told(Vec::new(), 0, Value::Null, Vec::new()),
        Effect::Account(effect) => &**effect,
    };
    let told_rows = rows.iter().take(MOST_ROWS).filter_map(|change| row(plan?, change)).collect();
    let settings = settings.as_ref().map_or(Value::Null, |[before, after]| {
        object([
            ("before", Value::Map(Arc::clone(before))),
            ("after", Value::Map(Arc::clone(after))),
        ])
    });
    let messages = sent.iter().map(|id| number(*id)).collect();
    told(told_rows, rows.len().saturating_sub(MOST_ROWS), settings, messages)
}

fn told(rows: Vec<Value>, more: usize, settings: Value, messages: Vec<Value>) -> Value {
    object([
        ("rows", Value::list(rows)),
        ("moreRows", number(more as u64)),
        ("settings", settings),
        ("messages", Value::list(messages)),
    ])
}

fn row(plan: &Plan, change: &RowEffect) -> Option<Value> {
    let collection = plan.collections.get(change.collection)?;
    let either = change.after.as_ref().or(change.before.as_ref())?;
    let mut map = Map::new();
    map.insert("collection", Value::Text(collection.name.clone()));
    map.insert("key", either.get(&collection.key).cloned().unwrap_or_default());
    for (name, image) in [("before", &change.before), ("after", &change.after)] {
        map.insert(name, image.clone().unwrap_or_default());
    }
    Some(Value::map(map))
}
