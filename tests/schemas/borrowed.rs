//! What the schema of scenarios says in the words of that of specs.

use serde_json::Value;

/// How the schema of scenarios refers to that of specs.
const FROM_SPEC: &str = "spec.yaml#/definitions/";

/// Puts in what a schema refers to in that of specs, and all that is referred to there, so that
/// each is one file.
pub(super) fn fill(schema: &mut Value, spec: impl FnOnce() -> Value) {
    let mut borrowed = Vec::new();
    borrow(schema, FROM_SPEC, &mut borrowed);
    if borrowed.is_empty() {
        return;
    }
    let spec = spec();
    let mut at = 0;
    while let Some(name) = borrowed.get(at).cloned() {
        let mut definition = spec["definitions"][&name].clone();
        borrow(&mut definition, "#/definitions/", &mut borrowed);
        schema["definitions"][format!("spec.{name}")] = definition;
        at += 1;
    }
}

/// Turns references that begin so into those to copies; gathers what they name.
fn borrow(schema: &mut Value, from: &str, borrowed: &mut Vec<String>) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| borrow(item, from, borrowed)),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix(from).map(str::to_owned)
            {
                *reference = format!("#/definitions/spec.{name}");
                if !borrowed.contains(&name) {
                    borrowed.push(name);
                }
            }
            members.values_mut().for_each(|member| borrow(member, from, borrowed));
        }
        _ => {}
    }
}
