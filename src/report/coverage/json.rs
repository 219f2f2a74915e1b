//! Coverage as JSON; its members are described in `docs/reports.md`.

use super::{Coverage, Group, Item, VendorCoverage};
use crate::report::members::{object, place};
use crate::value::{Map, Value};

/// The tree of the document.
pub fn value(coverage: &Coverage) -> Value {
    let vendors: Vec<Value> = coverage.vendors.iter().map(vendor).collect();
    object([("vendors", vendors.into())])
}

fn vendor(vendor: &VendorCoverage) -> Value {
    let mut members = Map::new();
    members.insert("vendor", Value::Text(vendor.vendor.clone()));
    for group in &vendor.groups {
        members.insert(group.kind.member(), of_group(group));
    }
    members.into()
}

fn of_group(group: &Group) -> Value {
    let number = |n: usize| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX));
    let not_seen = group.not_seen.as_ref().map_or(Value::Null, |not_seen| {
        object([
            ("trials", number(not_seen.trials)),
            ("reason", Value::Text(not_seen.reason.clone())),
        ])
    });
    let items = group.items.iter().map(|one| item(one, group.is_seen()));
    object([
        ("total", number(group.items.len())),
        ("exercised", if group.is_seen() { number(group.exercised()) } else { Value::Null }),
        ("notSeen", not_seen),
        ("items", items.collect::<Vec<_>>().into()),
    ])
}

/// An item; `seen` says whether it is known if it was exercised.
fn item(item: &Item, seen: bool) -> Value {
    let trials = item.seen.iter().map(|seen| {
        object([
            ("trial", Value::Text(seen.trial.clone())),
            ("target", Value::Text(seen.target.clone())),
        ])
    });
    let members = [
        ("name", Value::Text(item.name.clone())),
        ("says", item.says.clone().map_or(Value::Null, Value::Text)),
        ("exercised", if seen { Value::Bool(!item.seen.is_empty()) } else { Value::Null }),
        ("trials", trials.collect::<Vec<_>>().into()),
    ];
    object(members.into_iter().chain(item.span.iter().flat_map(place)))
}
