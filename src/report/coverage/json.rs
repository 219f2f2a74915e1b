//! Coverage as JSON; its members are described in `docs/reports.md`.

use super::{Coverage, Group, Item, VendorCoverage};
use crate::report::json::object;
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
    object([
        ("total", number(group.items.len())),
        ("exercised", number(group.exercised())),
        ("items", group.items.iter().map(item).collect::<Vec<_>>().into()),
    ])
}

fn item(item: &Item) -> Value {
    let trials = item.seen.iter().map(|seen| {
        object([
            ("trial", Value::Text(seen.trial.clone())),
            ("target", Value::Text(seen.target.clone())),
        ])
    });
    object([
        ("name", Value::Text(item.name.clone())),
        ("says", item.says.clone().map_or(Value::Null, Value::Text)),
        ("exercised", Value::Bool(!item.seen.is_empty())),
        ("trials", trials.collect::<Vec<_>>().into()),
    ])
}
