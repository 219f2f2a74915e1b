//! A value by the types of its schema.

use super::coerce::{Typed, Typing, beyond, coerce, spelled_choice, text_alone};
use super::examine::{Examiner, Owner};
use crate::model::{Failure, Type};
use crate::plan::schema::Schema;
use crate::value::Value;

/// Whether a value is of the first type as it is, as most values of JSON are.
fn is_plain(schema: &Schema, value: &Value) -> bool {
    matches!(
        (schema.types.first(), value),
        (Some(Type::String), Value::Text(_))
            | (Some(Type::Integer), Value::Integer(_))
            | (Some(Type::Boolean), Value::Bool(_))
            | (Some(Type::Object), Value::Map(_))
            | (Some(Type::Array), Value::List(_))
    )
}

impl<'p> Examiner<'p, '_> {
    /// The value by the types of a schema; null is one of nothing where all is text.
    pub(super) fn convert(&self, schema: &Schema, raw: &Value) -> Option<Value> {
        let textual = self.typing.is_textual();
        let only_texts = schema.types.is_empty() || schema.types.contains(&Type::String);
        match raw {
            Value::Null if schema.nullable || schema.types.is_empty() || schema.allow_empty => {
                return Some(Value::Null);
            }
            Value::Text(text)
                if !only_texts
                    && (schema.allow_empty || (textual && schema.nullable))
                    && text.trim().is_empty() =>
            {
                return Some(Value::Null);
            }
            _ => {}
        }
        spelled_choice(schema, raw, self.typing)
            .or_else(|| coerce(raw, &schema.types, schema.case_insensitive, self.typing))
            .or_else(|| text_alone(schema, raw, self.typing))
    }

    /// Reads what was sent by the types of its schema.
    pub(super) fn typed(&mut self, schema: &'p Schema, raw: Value) -> Typed {
        if is_plain(schema, &raw) && beyond(schema, &raw, self.typing).is_none() {
            return Typed::Value(raw);
        }
        match self.convert(schema, &raw) {
            Some(value) => match beyond(schema, &value, self.typing) {
                None => Typed::Value(value),
                limit => self.wrong_type(schema, raw, limit),
            },
            // Elsewhere nil is a value, as null is.
            None if raw == Value::Null && matches!(self.typing, Typing::Text | Typing::Soap) => {
                Typed::Absent
            }
            // Whether it counts is not known before all is read; `ignore` looks at it again.
            None if schema.ignored_unless.is_some() && !self.is_stored() => Typed::Value(raw),
            None => self.wrong_type(schema, raw, None),
        }
    }

    /// Notes that a value is of no type of its schema.
    pub(super) fn wrong_type(
        &mut self,
        schema: &'p Schema,
        raw: Value,
        limit: Option<Value>,
    ) -> Typed {
        let owner = Owner::of(schema, Failure::Type);
        let found = self.violate(owner, Failure::Type, schema.rule_of("type"), Some(raw));
        if let Some(violation) = found {
            violation.expected = schema.types.first().map(|t| t.name());
            violation.limit = limit;
        }
        Typed::Wrong
    }
}
