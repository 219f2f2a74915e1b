//! Enumerations, bounds, patterns and the like of values in answers.
//!
//! Only what a spec fixes is looked at: no `checks` with a condition, no bound that is worked out,
//! nothing about rows that only the vendor has.

use std::fmt::Write as _;

use super::super::compare::scalar;
use super::finder::Finder;
use crate::model::{Choices, Keyword, Schema, Type};
use crate::value::{Map, Value};

impl Finder<'_> {
    /// All fixed constraints of a schema that speak of the value alone.
    pub(super) fn constraints(&mut self, schema: &Schema, value: &Value, path: &str) {
        let typed = self.typed(schema, value);
        for constraint in schema.constraints.iter().filter(|c| c.when.is_none()) {
            match &constraint.keyword {
                Keyword::Enum(Choices::Fixed(choices)) => {
                    self.choices(choices, schema, value, path);
                }
                Keyword::Const(only) => {
                    self.choices(std::slice::from_ref(only), schema, value, path);
                }
                _ => {
                    if let Some(breach) = constraint.breach(&typed, schema.case_insensitive) {
                        let message = format!("`{path}` {}", breach.message);
                        self.note(path, &breach.constraint, &value.to_string(), &message);
                    }
                }
            }
        }
    }

    fn choices(&mut self, choices: &[Value], schema: &Schema, value: &Value, path: &str) {
        let value = self.text_of(value);
        let fits = |choice: &Value| {
            scalar::is_same(choice, value, self.textual())
                || choice.is_same(value, schema.case_insensitive)
        };
        if choices.iter().any(fits) {
            return;
        }
        let mut wanted = String::new();
        for choice in choices {
            let comma = if wanted.is_empty() { "" } else { ", " };
            // Writing to a string cannot fail.
            _ = write!(wanted, "{comma}{choice}");
        }
        let message = format!("`{path}` is `{value}`, documented are {wanted}");
        let actual = value.to_string();
        self.note(path, &wanted, &actual, &message);
    }

    /// The text of an element, which may have attributes beside it.
    pub(super) fn text_of<'v>(&self, value: &'v Value) -> &'v Value {
        value.get("#text").filter(|_| self.markup()).unwrap_or(value)
    }

    /// What the value is by its type, where texts are what they spell.
    fn typed(&self, schema: &Schema, value: &Value) -> Value {
        let is = |r#type| schema.types.contains(&r#type);
        if self.textual() && is(Type::Array) && value.as_list().is_none() {
            let is_none = self.markup() && self.is_blank(value);
            let items = if is_none { Vec::new() } else { vec![value.clone()] };
            return Value::list(items);
        }
        if self.markup() && is(Type::Object) && self.is_blank(value) {
            return Value::map(Map::new());
        }
        let text = self.text_of(value);
        let (Value::Text(spelled), true) = (text, self.textual() && !is(Type::String)) else {
            return text.clone();
        };
        match scalar::number(spelled) {
            Some(number) if is(Type::Integer) || is(Type::Number) => number,
            _ => text.clone(),
        }
    }
}

/// A documented member that an object has.
pub(super) struct Member<'m> {
    pub name: &'m str,
    pub schema: &'m Schema,
    pub value: &'m Value,
    pub path: String,
}

impl Finder<'_> {
    /// What has to hold between the members of an object.
    pub(super) fn relations(&mut self, schema: &Schema, members: &[Member<'_>], path: &str) {
        let found = |name: &str| members.iter().find(|member| member.name == name);
        for constraint in schema.constraints.iter().filter(|c| c.when.is_none()) {
            let Keyword::AnyOf(groups) = &constraint.keyword else { continue };
            let is_there = |name: &str| found(name).is_some_and(|m| !m.value.is_empty());
            if groups.iter().any(|group| group.iter().all(|name| is_there(name))) {
                continue;
            }
            let groups: Vec<String> = groups.iter().map(|group| group.join(" and ")).collect();
            let wanted = groups.join(", or ");
            let message = format!("`{path}` lacks {wanted}, one of which is documented");
            self.note(path, &wanted, "none of them", &message);
        }
        for Member { schema, value, path, .. } in members {
            for constraint in schema.constraints.iter().filter(|c| c.when.is_none()) {
                let Keyword::MustNotContain(name) = &constraint.keyword else { continue };
                let other = found(name).and_then(|member| member.value.scalar_text());
                let text = value.as_str().unwrap_or_default();
                if other.is_some_and(|other| !other.is_empty() && text.contains(&*other)) {
                    let message = format!("`{path}` contains `{name}`, which it must not");
                    let wanted = format!("mustNotContain: {name}");
                    self.note(path, &wanted, &value.to_string(), &message);
                }
            }
        }
    }
}
