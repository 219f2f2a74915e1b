//! What the JSON Schemas say of a place in a tree. They describe keys, and their annotations say
//! which texts are names of what: `x-names` and `x-keys-name` where one is used, `x-defines` and
//! `x-keys-define` where one is given.

use serde_json::Value;

use crate::syntax::{Node, NodeKind};

/// How deep schemas may refer to each other.
const DEPTH: usize = 16;

/// A JSON Schema with its definitions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema(pub(super) &'static Value);

/// Schemas that say something of one place.
pub(super) type Said = Vec<&'static Value>;

impl Schema {
    /// What a schema says, the one that it refers to with it.
    fn targets(self, schema: &'static Value) -> Said {
        let mut all = vec![schema];
        let mut last = schema;
        for _ in 0..DEPTH {
            let Some(reference) = last.get("$ref").and_then(Value::as_str) else { break };
            let Some(found) = self.0.pointer(reference.trim_start_matches('#')) else { break };
            all.push(found);
            last = found;
        }
        all
    }

    /// Whether a schema may be the one that is meant where several stand: types, fixed values, and,
    /// if it is asked for strictly, keys that have to be there.
    fn fits(self, schema: &'static Value, node: &Node, strict: bool) -> bool {
        if *schema == Value::Bool(false) {
            return false;
        }
        self.targets(schema).into_iter().all(|schema| {
            let typed = match schema.get("type") {
                Some(Value::Array(types)) => types.iter().any(|one| is_of(one, node)),
                Some(one) => is_of(one, node),
                None => true,
            };
            let required = schema.get("required").and_then(Value::as_array);
            let mut required = required.into_iter().flatten().filter_map(Value::as_str);
            let properties = schema.get("properties").and_then(Value::as_object);
            let mut properties = properties.into_iter().flatten();
            let any = schema.get("anyOf").and_then(Value::as_array);
            typed
                && (!strict || required.all(|key| node.get(key).is_some()))
                && properties
                    .all(|(key, inner)| node.get(key).is_none_or(|node| self.is_fixed(inner, node)))
                && (any.is_none()
                    || any.into_iter().flatten().any(|one| self.fits(one, node, strict)))
        })
    }

    fn is_fixed(self, schema: &'static Value, node: &Node) -> bool {
        let Some(last) = self.targets(schema).pop() else { return true };
        let fixed = last.get("const").and_then(Value::as_str);
        *last != Value::Bool(false) && fixed.is_none_or(|fixed| node.as_text() == Some(fixed))
    }

    /// The schemas that say something of a node for which `schemas` are given.
    pub(super) fn about(self, schemas: &[&'static Value], node: &Node) -> Said {
        let mut found = Vec::new();
        for schema in schemas {
            self.gather(schema, node, &mut found, 0);
        }
        found
    }

    fn gather(self, schema: &'static Value, node: &Node, found: &mut Said, depth: usize) {
        if depth > DEPTH {
            return;
        }
        for schema in self.targets(schema) {
            found.push(schema);
            for one in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                self.gather(one, node, found, depth + 1);
            }
            let any = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
            let mut fitting: Vec<_> =
                any.clone().filter(|one| self.fits(one, node, true)).collect();
            if fitting.is_empty() {
                fitting = any.filter(|one| self.fits(one, node, false)).collect();
            }
            for one in fitting {
                self.gather(one, node, found, depth + 1);
            }
        }
    }

    /// What is said of the value of a key.
    pub(super) fn member(about: &Said, key: &str) -> Said {
        let own = |schema: &&'static Value| {
            let properties = schema.get("properties");
            properties
                .and_then(|all| all.get(key))
                .or_else(|| schema.get("additionalProperties").filter(|it| it.is_object()))
        };
        about.iter().filter_map(own).collect()
    }

    /// What is said of the items of a list.
    pub(super) fn items(about: &Said) -> Said {
        about.iter().filter_map(|schema| schema.get("items")).collect()
    }

    /// The first text that is said under a word.
    pub(super) fn says(self, said: &Said, word: &str) -> Option<&'static str> {
        let said = said.iter().flat_map(|schema| self.targets(schema));
        said.into_iter().find_map(|schema| schema.get(word).and_then(Value::as_str))
    }
}

fn is_of(kind: &Value, node: &Node) -> bool {
    matches!(
        (kind.as_str().unwrap_or_default(), &node.kind),
        ("null", NodeKind::Null)
            | ("boolean", NodeKind::Bool(_))
            | ("integer" | "number", NodeKind::Integer(_))
            | ("number", NodeKind::Number(_))
            | ("string", NodeKind::Text(_))
            | ("array", NodeKind::List(_))
            | ("object", NodeKind::Map(_))
    )
}
