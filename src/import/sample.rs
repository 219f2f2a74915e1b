//! A value that fits a schema, to be answered where the document shows none.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::api::Api;
use super::cycles::in_place;
use super::fits::fits;
use super::schema::{Additional, Applied, Schema};
use crate::model::Format;
use crate::value::{Map, Value};

/// How deep a sample goes.
const DEPTH: usize = 6;
/// How deep it has properties that are not required.
const WHOLE: usize = 4;
/// How deep it has those that are.
const DEEPEST: usize = 24;
/// How many schemas are followed at one value.
const FOLLOWED: usize = 12;
/// How many alternatives are tried.
const TRIED: usize = 12;
/// How many values it has before it has only those that are required.
const MANY: usize = 2_000;

/// What a document shows for a schema, or else a value that fits it. `name` is what holds it.
pub(super) fn sample(api: &Api, schema: &Schema, name: &str) -> Value {
    Sampling { api, made: Cell::new(0), way: RefCell::default() }.at_depth(schema, name, 0)
}

struct Sampling<'a> {
    api: &'a Api,
    made: Cell<usize>,
    /// The shared schemas of the values around one.
    way: RefCell<Vec<String>>,
}

impl Sampling<'_> {
    fn at_depth(&self, schema: &Schema, name: &str, depth: usize) -> Value {
        self.made.set(self.made.get() + 1);
        let before = self.way.borrow().len();
        in_place(schema, &mut self.way.borrow_mut());
        let value = self.followed(schema, name, depth);
        self.way.borrow_mut().truncate(before);
        value
    }

    /// Whether a schema, or that of its items, is around the value already.
    fn is_around(&self, schema: &Schema) -> bool {
        let mut names = Vec::new();
        in_place(schema, &mut names);
        schema.items.iter().for_each(|items| in_place(items, &mut names));
        let way = self.way.borrow();
        names.iter().any(|name| way.contains(name))
    }

    fn followed(&self, schema: &Schema, name: &str, depth: usize) -> Value {
        let whole = self.api.resolved(schema);
        if let Some(value) = &whole.example {
            return value.clone();
        }
        if let Some(value) = fixed(&whole).filter(|value| fits(self.api, schema, value)) {
            return value;
        }
        self.tried(schema, name, depth)
    }

    /// A value of the first alternatives with which one fits.
    fn tried(&self, schema: &Schema, name: &str, depth: usize) -> Value {
        let choices = schema.applied.iter().map(|one| match one.word {
            "oneOf" | "anyOf" => one.schemas.len(),
            "if" => 2,
            _ => 1,
        });
        let few = if self.made.get() < MANY { TRIED } else { 1 };
        let most = choices.max().unwrap_or(1).clamp(1, few);
        let mut first = None;
        for choice in 0..most {
            let value = self.plain(&self.chosen(schema, choice, FOLLOWED), name, depth);
            if most == 1 || fits(self.api, schema, &value) {
                return value;
            }
            first.get_or_insert(value);
        }
        first.unwrap_or_default()
    }

    /// A schema that says of one alternative of each choice what it says.
    fn chosen(&self, schema: &Schema, choice: usize, depth: usize) -> Schema {
        let Some(depth) = depth.checked_sub(1) else { return Schema::default() };
        let target = schema.refers.as_deref().and_then(|name| self.api.shared(name));
        let mut chosen = target.map(|it| self.chosen(it, choice, depth)).unwrap_or_default();
        let mut own = schema.clone();
        let applied = std::mem::take(&mut own.applied);
        own.refers = None;
        chosen.merge(own);
        for one in applied {
            match one.word {
                "allOf" => {
                    one.schemas().for_each(|it| chosen.merge(self.chosen(it, choice, depth)));
                }
                "oneOf" | "anyOf" => {
                    let all: Vec<&Schema> =
                        one.schemas().filter(|it| !it.only_null && !it.never).collect();
                    let Some(taken) = all.get(choice).or(all.last()) else { continue };
                    let mut inner = self.chosen(taken, choice, depth);
                    if let Some((member, value)) = told(&one, taken) {
                        let mut said = Schema::of("string");
                        said.set("const", Value::text(value));
                        inner.required.push(member.to_owned());
                        match inner.properties.iter_mut().find(|(name, _)| *name == member) {
                            Some((_, known)) => *known = said,
                            None => inner.properties.push((member.to_owned(), said)),
                        }
                    }
                    chosen.merge(inner);
                }
                "if" => {
                    let words =
                        if choice.is_multiple_of(2) { ["if", "then"] } else { ["else", "else"] };
                    for word in words {
                        let inner = one.schema(word).map(|it| self.chosen(it, choice, depth));
                        chosen.merge(inner.unwrap_or_default());
                    }
                }
                "contains" if chosen.items.is_none() => {
                    chosen.items = one.schemas().next().cloned().map(Box::new);
                }
                _ => chosen.apply(one),
            }
        }
        chosen
    }

    /// A value of what a schema says itself.
    fn plain(&self, schema: &Schema, name: &str, depth: usize) -> Value {
        if let Some(value) = fixed(schema) {
            return value;
        }
        let singular = super::names::singular(name);
        match schema.types.first().copied() {
            Some("object") => self.object(schema, name, depth),
            Some("array") => {
                let prefix = schema.applied.iter().find(|one| one.word == "prefixItems");
                if let Some(prefix) = prefix.filter(|_| depth < DEEPEST) {
                    let items = prefix.schemas().map(|it| self.at_depth(it, &singular, depth + 1));
                    return Value::list(items.collect());
                }
                let wanted = count(schema, "minItems").unwrap_or(1).clamp(1, 3);
                let item = schema.items.as_deref();
                let may_lack = count(schema, "minItems").unwrap_or(0) == 0;
                let around = item.is_some_and(|item| self.is_around(item));
                if (depth >= DEPTH || around) && may_lack || count(schema, "maxItems") == Some(0) {
                    return Value::list(Vec::new());
                }
                let item =
                    item.map_or(Value::Null, |item| self.at_depth(item, &singular, depth + 1));
                match item {
                    Value::Null => Value::list(Vec::new()),
                    item => Value::list(vec![item; wanted]),
                }
            }
            Some("integer") => whole(schema),
            Some("number") => match whole(schema) {
                Value::Integer(1) => "1.5".parse().map_or(Value::Integer(1), Value::Number),
                other => other,
            },
            Some("boolean") => Value::Bool(true),
            Some("string") => text(schema, name),
            _ if !schema.properties.is_empty() => self.object(schema, name, depth),
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
                let room = depth < WHOLE && few && !property.unshown;
                let wanted = required || room && !self.is_around(property);
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
                        let nullable = self.api.resolved(property).nullable;
                        let value = if nullable { Value::Null } else { Value::text("") };
                        map.insert(Arc::<str>::from(name.as_str()), value);
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

/// A value that a schema names.
fn fixed(schema: &Schema) -> Option<Value> {
    let named = ["default", "const"].iter().find_map(|word| schema.keyword(word).cloned());
    named.or_else(|| match schema.keyword("enum")? {
        Value::List(choices) => choices.first().cloned(),
        _ => None,
    })
}

/// The member that tells alternatives apart, and the value by which one of them is chosen.
fn told<'o>(one: &'o Applied, taken: &'o Schema) -> Option<(&'o str, &'o str)> {
    let discriminator = one.discriminator.as_ref()?;
    let name = taken.refers.as_deref()?;
    let mapped = discriminator.mapping.iter().find(|(_, target)| target == name);
    Some((&discriminator.member, mapped.map_or(name, |(value, _)| value)))
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
