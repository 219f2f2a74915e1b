//! Enumerations, bounds, patterns and the like of values in answers.
//!
//! Only what a spec fixes is looked at: no `checks` with a condition, no bound that is worked out,
//! nothing about rows that only the vendor has.

use super::super::compare::scalar;
use super::finder::Finder;
use crate::model::keyword::Around;
use crate::model::{Constraint, Schema, Type, Word};
use crate::value::{Map, Value};

impl Finder<'_> {
    /// All fixed constraints of a schema that speak of the value alone.
    pub(super) fn constraints(
        &mut self,
        schema: &Schema,
        value: &Value,
        siblings: Option<&Value>,
        path: &str,
    ) {
        let typed = self.typed(schema, value);
        let (folded, textual) = (schema.case_insensitive, self.textual());
        for constraint in &schema.constraints {
            if constraint.is_broken(&typed, Around { folded, textual, siblings }) {
                self.broken(constraint, &typed, path);
            }
        }
    }

    fn broken(&mut self, constraint: &Constraint, value: &Value, path: &str) {
        let keyword = &constraint.keyword;
        let value_text = value.to_string();
        let fixed = || keyword.fixed().unwrap_or_default();
        let wanted = match keyword.word {
            Word::Enum => {
                fixed().as_list().unwrap_or_default().iter().map(Value::to_string).collect()
            }
            Word::Const => vec![fixed().to_string()],
            _ => {
                let message = format!("`{path}` {}", keyword.breach(value));
                return self.note(path, &keyword.shown(), &value_text, &message);
            }
        };
        let wanted = wanted.join(", ");
        let message = format!("`{path}` is `{value}`, documented are {wanted}");
        self.note(path, &wanted, &value_text, &message);
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
