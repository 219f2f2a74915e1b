//! What schemas say together: those that a schema refers to, and those that it holds as keywords.

use super::api::Api;
use super::schema::{Additional, Schema};
use crate::value::Value;

/// How many schemas are followed from one to the next.
const DEPTH: usize = 32;

impl Api {
    /// A schema with what it refers to joined in, and whatever its alternatives allow, at its own
    /// level only. It keeps the keywords that say so more exactly.
    pub(super) fn resolved(&self, schema: &Schema) -> Schema {
        self.joined(schema, DEPTH)
    }

    fn joined(&self, schema: &Schema, depth: usize) -> Schema {
        let target = schema.refers.as_deref().and_then(|name| self.shared(name));
        let mut joined = match target {
            Some(target) if depth > 0 => self.joined(target, depth - 1),
            _ => Schema::default(),
        };
        let mut own = schema.clone();
        let applied = std::mem::take(&mut own.applied);
        own.refers = None;
        joined.merge(own);
        for one in applied {
            if depth == 0 {
                break;
            }
            let schemas = || one.schemas().map(|schema| self.joined(schema, depth - 1));
            if one.word == "allOf" {
                schemas().for_each(|schema| joined.merge(schema));
                continue;
            }
            if one.is_choice()
                && let Some(any) = any(schemas())
            {
                joined.merge(any);
            }
            joined.apply(one);
        }
        joined
    }
}

/// A schema that accepts whatever one of several does.
fn any(branches: impl IntoIterator<Item = Schema>) -> Option<Schema> {
    let (nulls, branches): (Vec<Schema>, Vec<Schema>) =
        branches.into_iter().filter(|branch| !branch.never).partition(|branch| branch.only_null);
    let mut branches = branches.into_iter();
    let mut joined = branches.next()?;
    joined.keywords.retain(|(name, _)| *name == "enum");
    joined.applied.clear();
    for branch in branches {
        if joined.refers.is_some() && joined.refers == branch.refers {
            continue;
        }
        let refers = branch.refers.is_some() || joined.refers.is_some();
        if refers || branch.types.is_empty() || joined.types.is_empty() {
            return None;
        }
        let choices = match (joined.keyword("enum"), branch.keyword("enum")) {
            (Some(Value::List(one)), Some(Value::List(two))) => {
                let mut all: Vec<Value> = one.to_vec();
                all.extend(two.iter().filter(|value| !one.contains(value)).cloned());
                Some(Value::list(all))
            }
            _ => None,
        };
        joined.keywords.clear();
        if let Some(choices) = choices {
            joined.set("enum", choices);
        }
        for kind in branch.types {
            if !joined.types.contains(&kind) {
                joined.types.push(kind);
            }
        }
        joined.nullable |= branch.nullable;
        joined.required.retain(|name| branch.required.contains(name));
        for (name, schema) in branch.properties {
            match joined.properties.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => {
                    let both = any([std::mem::take(known), schema]);
                    *known = both.unwrap_or_default();
                }
                None => joined.properties.push((name, schema)),
            }
        }
        joined.items = match (joined.items.take(), branch.items) {
            (Some(one), Some(two)) => any([*one, *two]).map(Box::new),
            (one, two) => one.or(two),
        };
        joined.additional = match (&joined.additional, &branch.additional) {
            (Additional::Refused, Additional::Refused) => Additional::Refused,
            _ => Additional::Unsaid,
        };
        joined.example = joined.example.or(branch.example);
    }
    joined.nullable |= !nulls.is_empty();
    Some(joined)
}
