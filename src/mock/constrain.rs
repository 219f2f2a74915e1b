//! Checking that values which were read hold.

use std::sync::Arc;

use super::examine::{Examiner, Owner};
use super::refusal::Halt;
use super::rows;
use super::trace::Outcome;
use crate::model::keyword::{Around, Context};
use crate::model::{CollectionId, Failure, Type};
use crate::plan::schema::{Additional, Compiled, Constraint, Schema};
use crate::plan::state::Lookup;
use crate::plan::value::{EvaluationError, Expression};
use crate::value::{Map, Value};

/// Whether the value is the empty text, or the null that stands for it where the type is not text.
fn is_empty(schema: &Schema, value: &Value) -> bool {
    match value {
        Value::Null => !schema.types.contains(&Type::String),
        value => value.is_empty(),
    }
}

impl<'p> Examiner<'p, '_> {
    /// Checks the constraints of a value that was read. `siblings` are the members around it.
    pub(super) fn constrain(
        &mut self,
        schema: &'p Schema,
        value: Option<&Value>,
        siblings: Option<&Value>,
    ) -> Result<(), Halt<'p>> {
        if schema.allow_empty && value.is_some_and(|value| is_empty(schema, value)) {
            return Ok(());
        }
        let late = schema.constraints.iter().position(Constraint::comes_late);
        let late = late.unwrap_or(schema.constraints.len());
        let (before, after) = schema.constraints.split_at(late);
        self.constraints(schema, before, value, siblings)?;
        if !self.stopped() {
            self.constrain_inside(schema, value)?;
        }
        self.constraints(schema, after, value, siblings)
    }

    fn constraints(
        &mut self,
        schema: &'p Schema,
        constraints: &'p [Constraint],
        value: Option<&Value>,
        siblings: Option<&Value>,
    ) -> Result<(), Halt<'p>> {
        for constraint in constraints {
            if self.stopped() {
                break;
            }
            self.constraint(schema, constraint, value, siblings)?;
        }
        Ok(())
    }

    fn constrain_inside(
        &mut self,
        schema: &'p Schema,
        value: Option<&Value>,
    ) -> Result<(), Halt<'p>> {
        match value {
            Some(Value::List(items)) => {
                let Some(item_schema) = &schema.items else { return Ok(()) };
                for (at, item) in items.iter().enumerate() {
                    self.path.index(at);
                    self.constrain(item_schema, Some(item), None)?;
                    self.path.pop();
                    if self.stopped() {
                        return Ok(());
                    }
                }
            }
            Some(members @ Value::Map(map)) => {
                for property in &schema.properties {
                    self.path.name(&property.name);
                    self.constrain(&property.schema, map.get(&property.name), Some(members))?;
                    self.path.pop();
                    if self.stopped() {
                        return Ok(());
                    }
                }
                self.constrain_additional(schema, map, members)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn constrain_additional(
        &mut self,
        schema: &'p Schema,
        map: &Map,
        members: &Value,
    ) -> Result<(), Halt<'p>> {
        if matches!(schema.additional, Additional::Allowed | Additional::Refused) {
            return Ok(());
        }
        let declared = |name: &str| schema.properties.iter().any(|p| &*p.name == name);
        for (name, value) in map.iter().filter(|(name, _)| !declared(name)) {
            self.path.name(name);
            let inner = match &schema.additional {
                Additional::Schema(inner) => Some(&**inner),
                Additional::Defined(defined) => self.definition(defined, name),
                Additional::Allowed | Additional::Refused => None,
            };
            if let Some(inner) = inner {
                self.constrain(inner, Some(value), Some(members))?;
            }
            self.path.pop();
            if self.stopped() {
                break;
            }
        }
        Ok(())
    }

    fn constraint(
        &mut self,
        schema: &'p Schema,
        constraint: &'p Constraint,
        value: Option<&Value>,
        siblings: Option<&Value>,
    ) -> Result<(), Halt<'p>> {
        if !constraint.keyword.word.looks_at_absent()
            && value.is_none_or(|v| matches!(v, Value::Null))
        {
            return Ok(());
        }
        if self.is_stored() && only_of_requests(constraint) {
            return Ok(());
        }
        if let Some(when) = &constraint.when
            && !when.is_true(self.scope)?
        {
            self.trace.rule(constraint.rule, Outcome::Skipped);
            return Ok(());
        }
        let around = Around { folded: schema.case_insensitive, textual: false, siblings };
        let keyword = &constraint.keyword;
        if keyword.holds(value.unwrap_or(&Value::Null), around, self)? {
            self.trace.rule(constraint.rule, Outcome::Held);
            return Ok(());
        }
        let limit = keyword.limit(self)?;
        let owner = Owner {
            error: constraint.error.or(schema.error),
            message: constraint.message.as_ref().or(schema.message.as_ref()),
        };
        let failure = Failure::Keyword(keyword.word);
        if let Some(violation) = self.violate(owner, failure, constraint.rule, value.cloned()) {
            violation.limit = limit;
        }
        Ok(())
    }
}

/// Whether a constraint speaks of the request as a whole, and not of the value alone.
fn only_of_requests(constraint: &Constraint) -> bool {
    constraint.when.is_some() || constraint.keyword.word.comes_late()
}

/// What is worked out, and the rows of the account.
impl Context<Compiled> for Examiner<'_, '_> {
    type Error = EvaluationError;

    fn value(&mut self, expression: &Expression) -> Result<Option<Value>, EvaluationError> {
        expression.value(self.scope)
    }

    fn choices(
        &mut self,
        expression: &Expression,
    ) -> Result<Option<Arc<Vec<Value>>>, EvaluationError> {
        expression.items(self.scope).map(Some)
    }

    fn is_true(&mut self, expression: &Expression) -> Result<bool, EvaluationError> {
        expression.is_true(self.scope)
    }

    fn has_row(&mut self, lookup: &Lookup) -> Result<bool, EvaluationError> {
        Ok(rows::find(self.transaction, lookup, self.scope)?.is_some())
    }

    fn has_key(&mut self, collection: CollectionId, key: &Value) -> bool {
        self.transaction.get(collection.0, key).is_some()
    }

    fn name(&self, collection: CollectionId) -> Option<Arc<str>> {
        self.plan.collections.get(collection.0).map(|collection| collection.name.clone())
    }
}
