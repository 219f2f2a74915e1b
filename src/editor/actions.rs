//! Code actions: what was most likely meant, put where something else is written.

use serde_json::{Value, json};

use super::position::Position;

/// The actions for the mistakes that touch a range.
pub(super) fn actions(uri: &str, wrong: &[Value], range: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    for diagnostic in wrong {
        let Some(data) = diagnostic.get("data") else { continue };
        let (Some(meant), Some(place)) =
            (data.get("meant").and_then(Value::as_str), data.get("range"))
        else {
            continue;
        };
        if !touch(diagnostic.get("range").unwrap_or(place), range) {
            continue;
        }
        let edit = json!({"range": place, "newText": meant});
        found.push(json!({
            "title": format!("Change to `{meant}`"),
            "kind": "quickfix",
            "isPreferred": true,
            "diagnostics": [diagnostic],
            "edit": {"changes": {uri: [edit]}},
        }));
    }
    found
}

fn touch(one: &Value, other: &Value) -> bool {
    let place = |range: &Value, key| range.get(key).and_then(Position::read);
    let ends = (place(one, "start"), place(one, "end"), place(other, "start"), place(other, "end"));
    match ends {
        (Some(start), Some(end), Some(from), Some(to)) => start <= to && from <= end,
        _ => false,
    }
}
