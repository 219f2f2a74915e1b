//! Enumerations, bounds, patterns and the like of values in answers.
//!
//! Only what a spec fixes is looked at: no `checks` with a condition, no bound that is worked out,
//! nothing about rows that only the vendor has.

use std::convert::Infallible;
use std::sync::Arc;

use super::super::compare::scalar;
use super::finder::Finder;
use super::namespace::Namespace;
use crate::model::keyword::{Around, Context, MOST_LOOKS};
use crate::model::{
    Checked, CollectionId, Constraint, Expression, Lookup, Schema, SchemaId, Type, Word,
};
use crate::value::{Items, Map, Value};

impl<'s> Finder<'s> {
    /// All fixed constraints of a schema that speak of the value alone.
    pub(super) fn constraints(
        &mut self,
        schema: &'s Schema,
        value: &Value,
        original: &Value,
        siblings: Option<&Value>,
        path: &str,
    ) {
        let typed = self.typed(schema, value);
        let around = Around { textual: self.textual(), siblings };
        for constraint in schema.constraints.iter().filter(|one| one.when.is_none()) {
            let Ok(applied) = constraint.keyword.applied(&typed, self);
            let Ok(holds) = match &*applied {
                [] => constraint.keyword.holds(schema, &typed, around, self),
                applied => {
                    for inner in applied {
                        self.member(inner, original, siblings, path);
                    }
                    Ok(true)
                }
            };
            if !holds {
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
                return self.note_at(
                    &constraint.span,
                    path,
                    &keyword.shown(),
                    &value_text,
                    &message,
                );
            }
        };
        let wanted = wanted.join(", ");
        let message = format!("`{path}` is `{value}`, {} {wanted}", self.has("are"));
        self.note_at(&constraint.span, path, &wanted, &value_text, &message);
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
        let is_choice = |number: &Value| {
            let mut all = schema.constraints.iter().map(|one| one.keyword.choices());
            schema.types.is_empty() && all.any(|choices| choices.contains(number))
        };
        match scalar::number(spelled) {
            Some(number) if is(Type::Integer) || is(Type::Number) || is_choice(&number) => number,
            _ => text.clone(),
        }
    }
}

/// Rows and what is worked out are the vendor's alone.
impl<'s> Context<'s, Checked> for Finder<'s> {
    type Error = Infallible;

    fn value(&mut self, _: &Expression) -> Result<Option<Value>, Infallible> {
        Ok(None)
    }

    fn choices(&mut self, _: &Expression) -> Result<Option<Items>, Infallible> {
        Ok(None)
    }

    fn is_true(&mut self, _: &Expression) -> Result<bool, Infallible> {
        Ok(true)
    }

    fn has_row(&mut self, _: &Lookup) -> Result<bool, Infallible> {
        Ok(true)
    }

    fn has_key(&mut self, _: CollectionId, _: &Value) -> bool {
        true
    }

    fn name(&self, _: CollectionId) -> Option<Arc<str>> {
        None
    }

    fn recursive(&self, id: SchemaId) -> Option<&'s Schema> {
        self.recursive.get(id)
    }

    fn spend(&mut self, _: &Schema) -> Result<bool, Infallible> {
        self.spent.set(self.spent.get() + 1);
        Ok(self.spent.get() < MOST_LOOKS)
    }

    /// Names stand for those in any namespace here: they were looked at already.
    fn fits(&mut self, schema: &'s Schema, value: &Value) -> Result<bool, Infallible> {
        let may_look = self.spend(schema)?;
        let found = self.attempt(|finder| {
            finder.namespace = Namespace::Any;
            if may_look {
                finder.schema(schema, value, "");
            }
        });
        Ok(found.is_empty())
    }
}
