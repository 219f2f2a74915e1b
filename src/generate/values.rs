//! Values that fit a schema, and what of a schema a value breaks.

use std::sync::Arc;

use crate::expression::parse;
use crate::model::keyword::Around;
use crate::model::sample::sample;
use crate::model::{
    CollectionId, Constraint, Format, Keyword, Operand, Schema, SchemaId, Service, Type, Word,
};
use crate::value::{Map, Value};

/// How deep values go.
const DEPTH: usize = 6;

/// Texts of many kinds, of which one may fit a pattern that nobody can read.
const TEXTS: [&str; 25] = [
    "Anna",
    "a",
    "1",
    "anna@example.com",
    "abc",
    "ABC",
    "AB",
    "ab",
    "AB12",
    "12345",
    "2026-01-31",
    "2026-01-31T12:00:00Z",
    "12:00",
    "https://example.com/a",
    "example.com",
    "de-DE",
    "de_DE",
    "EUR",
    "+4930123456",
    "1.0",
    "1.50",
    "#a0b1c2",
    "0123456789abcdef0123456789abcdef",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "a,b",
];

/// Draws values.
pub(super) struct Drawer<'d> {
    /// The spec.
    pub service: &'d Service,
    /// Whether members that need not be there are drawn too.
    pub whole: bool,
}

impl Drawer<'_> {
    /// A value that fits; nothing where none was found.
    pub(super) fn draw(&self, schema: &Schema) -> Option<Value> {
        self.at(schema, 0)
    }

    fn at(&self, schema: &Schema, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        let fixed = schema.constraints.iter().find_map(|one| match &one.keyword {
            Keyword { word: Word::Const, operand: Operand::Value(value) } => Some(value.clone()),
            _ => None,
        });
        if let Some(fixed) = fixed {
            return Some(fixed);
        }
        let usual = schema.default.as_ref().filter(|value| !matches!(value, Value::Null));
        if let Some(usual) = usual.filter(|value| is_fit(schema, value)) {
            return Some(usual.clone());
        }
        if let Some(choices) = schema.choices() {
            return choices.iter().find(|one| broken(schema, one).is_none()).cloned();
        }
        let own = match kind(schema) {
            Type::Object => self.object(schema, depth),
            Type::Array => self.array(schema, depth),
            kind => scalars(schema, kind).into_iter().find(|one| is_fit(schema, one)),
        };
        self.composed(schema, own, depth)
    }

    /// What `allOf`, `oneOf` and their kin ask for besides.
    fn composed(&self, schema: &Schema, own: Option<Value>, depth: usize) -> Option<Value> {
        let mut value = own;
        for one in &schema.constraints {
            let word = one.keyword.word;
            match (&one.keyword.operand, word) {
                (Operand::Schemas(all), Word::AllOf) => {
                    for inner in all {
                        value = Some(merged(value, self.at(inner, depth + 1)?));
                    }
                }
                (Operand::Recursive(SchemaId(at)), _) => {
                    let inner = self.service.recursive.get(*at)?;
                    value = Some(merged(value, self.at(inner, depth + 2)?));
                }
                (Operand::Schemas(all), Word::AnyOf | Word::OneOf) => {
                    let drawn = all.iter().find_map(|inner| self.at(inner, depth + 1))?;
                    value = Some(merged(value, drawn));
                }
                (Operand::Chosen(name, all), _) => {
                    let (word, inner) = all.first()?;
                    value = Some(merged(value, self.at(inner, depth + 1)?));
                    let chosen = [(name.clone(), Value::Text(word.clone()))].into_iter().collect();
                    value = Some(merged(value, Value::map(chosen)));
                }
                _ => {}
            }
        }
        value
    }

    fn object(&self, schema: &Schema, depth: usize) -> Option<Value> {
        let mut map = Map::new();
        let group = schema.constraints.iter().find_map(|one| match &one.keyword.operand {
            Operand::Groups(groups) => groups.first(),
            _ => None,
        });
        for property in &schema.properties {
            let asked = property.required || group.is_some_and(|all| all.contains(&property.name));
            if property.schema.read_only || !asked && !self.whole {
                continue;
            }
            match self.at(&property.schema, depth + 1) {
                Some(value) => map.insert(property.name.clone(), value),
                None if asked => return None,
                None => {}
            }
        }
        for name in &schema.undeclared {
            let inner = schema.describe(name).next();
            let value = inner.and_then(|inner| self.at(inner, depth + 1));
            map.insert(name.clone(), value.unwrap_or_else(|| "a".into()));
        }
        Some(Value::map(map))
    }

    fn array(&self, schema: &Schema, depth: usize) -> Option<Value> {
        let least = count(schema, Word::MinItems).unwrap_or(1).max(1);
        let mut items = Vec::new();
        for at in 0..least.min(20) {
            let Some(item) = schema.item(at) else { break };
            items.push(self.at(item, depth + 1)?);
        }
        let contained = schema.constraints.iter().find_map(|one| match &one.keyword {
            Keyword { word: Word::Contains, operand: Operand::Schema(inner) } => Some((inner, 1)),
            Keyword { word: Word::MinContains, operand: Operand::Counted(inner, least) } => {
                Some((inner, least.to_i64().and_then(|least| usize::try_from(least).ok())?))
            }
            _ => None,
        });
        if let Some((inner, least)) = contained {
            let item = self.at(inner, depth + 1)?;
            for at in 0..least.min(20) {
                match items.get_mut(at) {
                    Some(known) => *known = merged(Some(std::mem::take(known)), item.clone()),
                    None => items.push(item.clone()),
                }
            }
        }
        Some(Value::list(items))
    }
}

fn merged(one: Option<Value>, other: Value) -> Value {
    match (one, other) {
        (Some(Value::Map(one)), Value::Map(other)) => {
            let mut map = (*one).clone();
            other.iter().for_each(|(name, value)| map.insert(name.clone(), value.clone()));
            Value::map(map)
        }
        (_, other) => other,
    }
}

/// The type of the values that are drawn.
pub(super) fn kind(schema: &Schema) -> Type {
    let said = schema.types.first().copied();
    let members = !schema.properties.is_empty() || !schema.undeclared.is_empty();
    said.unwrap_or(if members {
        Type::Object
    } else if schema.has_items() {
        Type::Array
    } else {
        Type::String
    })
}

/// A bound that is a whole number.
pub(super) fn count(schema: &Schema, word: Word) -> Option<usize> {
    bound(schema, word)?.floor_to_i64()?.try_into().ok()
}

fn bound(schema: &Schema, word: Word) -> Option<Value> {
    schema.constraints.iter().find_map(|one| match &one.keyword {
        Keyword { word: known, operand: Operand::Value(value) } if *known == word => {
            Some(value.clone())
        }
        _ => None,
    })
}

/// Texts and numbers that fit, those that are most like it first.
pub(super) fn drawn_scalars(schema: &Schema) -> Vec<Value> {
    scalars(schema, kind(schema)).into_iter().filter(|one| is_fit(schema, one)).collect()
}

/// Texts and numbers, of which one may fit.
fn scalars(schema: &Schema, kind: Type) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    match kind {
        Type::Boolean => all.push(true.into()),
        Type::Integer | Type::Number => {
            all.extend([1, 2, 10, 100].map(Value::Integer));
            for word in [Word::Minimum, Word::Maximum, Word::MultipleOf] {
                all.extend(bound(schema, word));
            }
            for (word, by) in [(Word::ExclusiveMinimum, 1), (Word::ExclusiveMaximum, -1)] {
                all.extend(bound(schema, word).and_then(|bound| plus(&bound, by)));
            }
            all.push(Value::Integer(0));
        }
        _ => {
            let form = schema.constraints.iter().find_map(|one| match one.keyword.operand {
                Operand::Format(form) => Some(form),
                _ => None,
            });
            all.extend(form.and_then(Format::example).map(Value::text));
            all.extend(samples(schema).map(Value::text));
            all.extend(TEXTS.map(Value::text));
            if let Some(least) = count(schema, Word::MinLength) {
                all.extend(["x", "1"].map(|c| Value::text(c.repeat(least))));
            }
        }
    }
    all
}

/// Texts that the patterns match.
pub(super) fn samples(schema: &Schema) -> impl Iterator<Item = String> {
    schema.constraints.iter().filter_map(|one| match &one.keyword.operand {
        Operand::Pattern(pattern) => sample(pattern.as_str()),
        _ => None,
    })
}

/// A number and a whole one together, exactly.
pub(super) fn plus(number: &Value, by: i64) -> Option<Value> {
    parse(&format!("{number} + ({by})")).ok()?.evaluate(&Vec::new()).ok()?
}

/// Whether a value is of the type, and breaks nothing that can be told without the request.
pub(super) fn is_fit(schema: &Schema, value: &Value) -> bool {
    is_typed(schema, value) && broken(schema, value).is_none()
}

/// Whether a value is of one of the types.
pub(super) fn is_typed(schema: &Schema, value: &Value) -> bool {
    let is_null = matches!(value, Value::Null);
    schema.types.is_empty()
        || is_null && schema.nullable
        || schema.types.iter().any(|kind| kind.takes(value))
}

/// The first constraint that a value breaks, whatever the request.
pub(super) fn broken<'s>(schema: &'s Schema, value: &Value) -> Option<&'s Constraint> {
    if schema.allow_empty && value.is_empty() {
        return None;
    }
    let around = Around { textual: false, siblings: None };
    schema.constraints.iter().find(|one| one.is_broken(schema, value, around))
}

/// A text that is as long as that and fits, made of one that fits.
pub(super) fn as_long(length: usize, like: Option<&str>) -> Vec<Value> {
    let mut all = vec!["x".repeat(length), "1".repeat(length)];
    if let Some(like) = like {
        let held = like.chars().count();
        if held < length {
            // A mailbox has at most 64 characters before the @ and 63 in a part of the domain.
            let more = length - held;
            if let Some((local, domain)) = like.split_once('@') {
                all.push(mailbox(local, domain, more));
            }
            all.push(format!("{like}{}", "x".repeat(more)));
            all.push(format!("{}{like}", "x".repeat(more)));
        } else {
            all.push(like.chars().take(length).collect());
        }
    }
    all.into_iter().map(Value::text).collect()
}

/// A mailbox that is so many characters longer.
fn mailbox(local: &str, domain: &str, more: usize) -> String {
    let room = 64_usize.saturating_sub(local.len());
    let before = more.min(room);
    let mut left = more - before;
    let mut labels = String::new();
    while left > 0 {
        // A label of one character needs a dot too; the one before it is shortened for it.
        let label = match left {
            1 => {
                labels.insert(0, 'x');
                break;
            }
            62 => 59,
            left => (left - 1).min(60),
        };
        labels.push_str(&"x".repeat(label));
        labels.push('.');
        left -= label + 1;
    }
    format!("{local}{}@{labels}{domain}", "x".repeat(before))
}

/// A value that fits, and that no row has in a field.
pub(super) fn nobody(
    service: &Service,
    id: CollectionId,
    field: &Arc<str>,
    schema: &Schema,
) -> Option<Value> {
    let rows = &service.collections.get(id.0)?.fixtures;
    let mut all = vec![Value::Integer(999_999), Value::text("nobody"), Value::text("999999")];
    all.extend(drawn_scalars(schema));
    // Neither what the fixtures have, nor what rows are given that are made for a request.
    let drawn = Drawer { service, whole: false }.draw(schema);
    all.into_iter().find(|value| {
        let has = |row: &Map| row.get(field).is_some_and(|held| held == value);
        is_fit(schema, value) && !rows.iter().any(has) && drawn.as_ref() != Some(value)
    })
}
