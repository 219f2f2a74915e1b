//! Whether a value fits a schema that is to be written.

use std::cmp::Ordering;

use super::api::Api;
use super::schema::{Additional, Applied, Schema};
use crate::model::Format;
use crate::value::Value;

/// How many schemas are looked at one in the other before the rest is taken to fit.
const DEPTH: usize = 40;

/// Whether a value fits. What takes too long to look at is taken to fit.
pub(super) fn fits(api: &Api, schema: &Schema, value: &Value) -> bool {
    Fitting { api }.schema(schema, value, DEPTH)
}

struct Fitting<'a> {
    api: &'a Api,
}

impl Fitting<'_> {
    fn schema(&self, schema: &Schema, value: &Value, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return true };
        let target = schema.refers.as_deref().and_then(|name| self.api.shared(name));
        // What stands beside a reference goes before what it leads to.
        let referred = match target {
            Some(target) if schema.nullable && *value == Value::Null => {
                return target.applied.is_empty();
            }
            Some(target) => self.schema(target, value, depth),
            None => true,
        };
        !schema.never
            && referred
            && is_of(schema, value)
            && schema.keywords.iter().all(|(word, operand)| holds(schema, word, operand, value))
            && self.members(schema, value, depth)
            && self.items(schema, value, depth)
            && schema.applied.iter().all(|one| self.applied(one, value, depth))
    }

    fn members(&self, schema: &Schema, value: &Value, depth: usize) -> bool {
        let Some(mut members) = value.members() else { return true };
        // What stands in requests only, a sample lacks.
        let unshown = |name: &str| schema.property(name).is_some_and(|it| it.write_only);
        let has = |name: &String| value.get(name).is_some() || unshown(name);
        let named = schema.applied.iter().filter(|one| one.word == "patternProperties");
        let patterns: Vec<(regex_lite::Regex, &Schema)> = named
            .flat_map(|one| &one.schemas)
            .filter_map(|(name, inner)| Some((regex_lite::Regex::new(name).ok()?, inner)))
            .collect();
        schema.required.iter().all(has)
            && members.all(|(name, member)| {
                let property = schema.property(name);
                let by_name = patterns.iter().filter(|(pattern, _)| pattern.is_match(name));
                let by_name: Vec<&Schema> = by_name.map(|(_, inner)| *inner).collect();
                let rest = match &schema.additional {
                    _ if property.is_some() || !by_name.is_empty() => true,
                    Additional::Refused => false,
                    Additional::Of(inner) => self.schema(inner, member, depth),
                    Additional::Unsaid | Additional::Any => true,
                };
                let mut all = property.into_iter().chain(by_name);
                rest && all.all(|inner| self.schema(inner, member, depth))
            })
    }

    fn items(&self, schema: &Schema, value: &Value, depth: usize) -> bool {
        let Some(items) = value.as_list() else { return true };
        let prefix = schema.applied.iter().find(|one| one.word == "prefixItems");
        let first: Vec<&Schema> = prefix.into_iter().flat_map(Applied::schemas).collect();
        items.iter().enumerate().all(|(at, item)| {
            let inner = first.get(at).copied().or(schema.items.as_deref());
            inner.is_none_or(|inner| self.schema(inner, item, depth))
        })
    }

    fn applied(&self, one: &Applied, value: &Value, depth: usize) -> bool {
        let fits = |schema: &Schema| self.schema(schema, value, depth);
        match one.word {
            "allOf" => one.schemas().all(fits),
            "anyOf" => one.schemas().any(fits),
            "oneOf" => one.schemas().filter(|schema| fits(schema)).count() == 1,
            "not" => !one.schemas().any(fits),
            "if" => {
                let word = if one.schema("if").is_some_and(fits) { "then" } else { "else" };
                one.schema(word).is_none_or(fits)
            }
            "dependentSchemas" => {
                one.schemas.iter().all(|(name, schema)| value.get(name).is_none() || fits(schema))
            }
            "contains" => value.as_list().is_none_or(|items| {
                items
                    .iter()
                    .any(|item| one.schemas().all(|schema| self.schema(schema, item, depth)))
            }),
            "propertyNames" => value.members().is_none_or(|mut members| {
                members.all(|(name, _)| {
                    let name = Value::Text(name.clone());
                    one.schemas().all(|schema| self.schema(schema, &name, depth))
                })
            }),
            // The others say nothing about values as samples have them.
            _ => true,
        }
    }
}

fn is_of(schema: &Schema, value: &Value) -> bool {
    if *value == Value::Null {
        return schema.nullable || schema.types.is_empty();
    }
    let fits = |kind: &&str| match *kind {
        "string" => matches!(value, Value::Text(_)),
        "integer" => value.is_integer(),
        "number" => value.is_number(),
        "boolean" => matches!(value, Value::Bool(_)),
        "array" => value.as_list().is_some(),
        _ => value.members().is_some(),
    };
    !schema.only_null && (schema.types.is_empty() || schema.types.iter().any(fits))
}

/// Whether a keyword with one value holds.
fn holds(schema: &Schema, word: &str, operand: &Value, value: &Value) -> bool {
    if *value == Value::Null && schema.nullable {
        return true;
    }
    let measured = match word {
        "minLength" | "maxLength" => value.as_str().map(|text| Value::count(text.chars().count())),
        "minItems" | "maxItems" => value.as_list().map(|items| Value::count(items.len())),
        "minProperties" | "maxProperties" => {
            value.members().map(|members| Value::count(members.count()))
        }
        _ => value.is_number().then(|| value.clone()),
    };
    let compares = |wanted: fn(Ordering) -> bool| {
        let order = measured.as_ref().and_then(|measured| measured.compare_numbers(operand));
        order.is_none_or(wanted)
    };
    match word {
        "enum" => operand.as_list().is_none_or(|choices| choices.contains(value)),
        "const" => operand == value,
        "minLength" | "minItems" | "minProperties" | "minimum" => compares(Ordering::is_ge),
        "maxLength" | "maxItems" | "maxProperties" | "maximum" => compares(Ordering::is_le),
        "exclusiveMinimum" => compares(Ordering::is_gt),
        "exclusiveMaximum" => compares(Ordering::is_lt),
        "multipleOf" => value.is_multiple_of(operand) != Some(false),
        "pattern" => {
            let pattern = operand.as_str().and_then(|text| regex_lite::Regex::new(text).ok());
            pattern.zip(value.as_str()).is_none_or(|(pattern, text)| pattern.is_match(text))
        }
        "format" => {
            let known = Format::ALL.iter().find(|(_, name)| Some(*name) == operand.as_str());
            known.is_none_or(|(format, _)| format.fits(value))
        }
        _ => true,
    }
}
