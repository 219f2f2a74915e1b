//! A value that fits a schema, to be answered where the document shows none.

use std::cell::Cell;
use std::sync::Arc;

use super::api::Api;
use super::schema::{Additional, Schema};
use crate::model::Format;
use crate::value::{Map, Value};

/// How deep a sample goes.
const DEPTH: usize = 6;
/// How deep it has properties that are not required.
const WHOLE: usize = 4;
/// How deep it has those that are.
const DEEPEST: usize = 24;
/// How many values it has before it has only those that are required.
const MANY: usize = 2_000;

/// What a document shows for a schema, or else a value that fits it. `name` is what holds it.
pub(super) fn sample(api: &Api, schema: &Schema, name: &str) -> Value {
    Sampling { api, made: Cell::new(0) }.at_depth(schema, name, 0)
}

struct Sampling<'a> {
    api: &'a Api,
    made: Cell<usize>,
}

impl Sampling<'_> {
    fn at_depth(&self, schema: &Schema, name: &str, depth: usize) -> Value {
        self.made.set(self.made.get() + 1);
        let schema = self.api.resolved(schema);
        if let Some(value) = &schema.example {
            return value.clone();
        }
        for keyword in ["default", "const"] {
            if let Some(value) = schema.keyword(keyword) {
                return value.clone();
            }
        }
        if let Some(Value::List(choices)) = schema.keyword("enum")
            && let Some(first) = choices.first()
        {
            return first.clone();
        }
        match schema.types.first().copied() {
            Some("object") => self.object(&schema, name, depth),
            Some("array") => {
                let wanted = count(&schema, "minItems").unwrap_or(1).clamp(1, 3);
                let item = schema.items.as_deref();
                let may_lack = count(&schema, "minItems").unwrap_or(0) == 0;
                if depth >= DEPTH && may_lack || count(&schema, "maxItems") == Some(0) {
                    return Value::list(Vec::new());
                }
                let singular = super::names::singular(name);
                let item =
                    item.map_or(Value::Null, |item| self.at_depth(item, &singular, depth + 1));
                match item {
                    Value::Null => Value::list(Vec::new()),
                    item => Value::list(vec![item; wanted]),
                }
            }
            Some("integer") => whole(&schema),
            Some("number") => match whole(&schema) {
                Value::Integer(1) => "1.5".parse().map_or(Value::Integer(1), Value::Number),
                other => other,
            },
            Some("boolean") => Value::Bool(true),
            Some("string") => text(&schema, name),
            _ if !schema.properties.is_empty() => self.object(&schema, name, depth),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Schema, outer: &str, depth: usize) -> Value {
        let mut map = Map::new();
        if let Some((namespace, local)) = &schema.stands_for {
            map.insert("@xmlns:t", Value::text(&**namespace));
            map.insert("@xsi:type", Value::text(format!("t:{local}")));
        }
        if depth < DEEPEST {
            for (name, property) in &schema.properties {
                let required = schema.required.contains(name) || property.needed;
                let few = self.made.get() < MANY;
                let wanted = required || depth < WHOLE && few && !property.unshown;
                if !wanted || property.write_only || name.starts_with('$') {
                    continue;
                }
                let said = match name.as_str() {
                    "#text" => outer,
                    name => name.trim_start_matches('@'),
                };
                match self.at_depth(property, said, depth + 1) {
                    // What can be anything is better left out than null.
                    Value::Null if required => {
                        map.insert(Arc::<str>::from(name.as_str()), Value::text(""));
                    }
                    Value::Null => {}
                    value if !required && !fits_pattern(&self.api.resolved(property), &value) => {}
                    value => map.insert(Arc::<str>::from(name.as_str()), value),
                }
            }
            if schema.properties.is_empty()
                && let Additional::Of(additional) = &schema.additional
            {
                let value = self.at_depth(additional, "value", depth + 1);
                if !matches!(value, Value::Null) {
                    map.insert(Arc::<str>::from("key"), value);
                }
            }
        }
        Value::map(map)
    }
}

/// Whether a text is as its pattern asks, which a sample may not be.
fn fits_pattern(schema: &Schema, value: &Value) -> bool {
    let (Some(pattern), Some(text)) = (schema.keyword("pattern"), value.as_str()) else {
        return true;
    };
    let pattern = pattern.as_str().and_then(|pattern| regex_lite::Regex::new(pattern).ok());
    pattern.is_none_or(|pattern| pattern.is_match(text))
}

fn count(schema: &Schema, keyword: &str) -> Option<usize> {
    match schema.keyword(keyword)? {
        Value::Integer(count) => usize::try_from(*count).ok(),
        _ => None,
    }
}

fn whole(schema: &Schema) -> Value {
    let bound = |keyword: &str| match schema.keyword(keyword)? {
        Value::Integer(bound) => Some(*bound),
        Value::Number(bound) => bound.to_i64(),
        _ => None,
    };
    let least = bound("minimum").or_else(|| Some(bound("exclusiveMinimum")?.saturating_add(1)));
    let most = bound("maximum").or_else(|| Some(bound("exclusiveMaximum")?.saturating_sub(1)));
    let mut value = least.map_or(1, |least| least.max(1)).min(most.unwrap_or(i64::MAX));
    if let Some(factor) = bound("multipleOf").filter(|factor| *factor > 1) {
        value = value.saturating_add(factor - 1) / factor * factor;
    }
    Value::Integer(value)
}

fn text(schema: &Schema, name: &str) -> Value {
    let format = schema.keyword("format").and_then(Value::as_str);
    let known = |word: &str| Format::ALL.iter().find(|(_, name)| *name == word);
    let fixed = format.and_then(known).and_then(|(format, _)| format.example());
    if let Some(text) = fixed {
        return Value::text(text);
    }
    let least = count(schema, "minLength").unwrap_or(0).min(1_000);
    let most = count(schema, "maxLength").unwrap_or(usize::MAX);
    let word = if name.is_empty() { "text" } else { name };
    let mut text: String = word.chars().take(most.min(60)).collect();
    while text.chars().count() < least {
        text.push('x');
    }
    if let Some(pattern) = schema.keyword("pattern").and_then(Value::as_str) {
        // Where a name does not fit, one of these most often does.
        let fits = regex_lite::Regex::new(pattern).ok();
        let fits = |text: &str| fits.as_ref().is_some_and(|pattern| pattern.is_match(text));
        let long = least.max(1).min(most);
        let others = [
            "a".repeat(long),
            "1".repeat(long),
            "A".repeat(long),
            "1.0".to_owned(),
            "1.0.0".to_owned(),
            "#aabbcc".to_owned(),
            "/a".to_owned(),
            "2026-01-01".to_owned(),
            "https://example.com".to_owned(),
            "a@example.com".to_owned(),
            "en-US".to_owned(),
        ];
        if !fits(&text)
            && let Some(other) = others.into_iter().find(|other| fits(other))
        {
            text = other;
        }
    }
    Value::text(text)
}
