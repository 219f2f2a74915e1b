//! Checking that values which were read hold.

use std::sync::Arc;

use super::examine::{Examiner, Owner};
use super::refusal::Halt;
use super::rows;
use super::trace::Outcome;
use crate::model::keyword::{Around, Context, MOST_LOOKS};
use crate::model::{CollectionId, Failure, SchemaId, Type, Word};
use crate::plan::schema::{Additional, Constraint, Schema};
use crate::plan::value::{Compiled, EvaluationError, Expression, Lookup};
use crate::value::{Items, Map, Value};

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
        if schema.constraints.is_empty() {
            return self.constrain_inside(schema, value);
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

    #[inline]
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
            Some(Value::List(items)) if schema.has_items() => {
                for (at, item) in items.iter().enumerate() {
                    let Some(item_schema) = schema.item(at) else { continue };
                    self.path.index(at);
                    self.constrain(item_schema, Some(item), None)?;
                    self.path.pop();
                    if self.stopped() {
                        break;
                    }
                }
            }
            Some(members @ Value::Map(map)) => {
                for property in schema.concerned(map.is_empty()) {
                    let member = map.get(&property.name);
                    if member.is_none() && !property.schema.looks_at_absent() {
                        continue;
                    }
                    self.path.name(&property.name);
                    self.constrain(&property.schema, member, Some(members))?;
                    self.path.pop();
                    if self.stopped() {
                        return Ok(());
                    }
                }
                self.constrain_others(schema, map, members)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// By patterns, and what is said of members that nothing else describes.
    fn constrain_others(
        &mut self,
        schema: &'p Schema,
        map: &Map,
        members: &Value,
    ) -> Result<(), Halt<'p>> {
        let is_told = !matches!(schema.additional, Additional::Allowed | Additional::Refused);
        if !is_told && schema.patterns.is_empty() {
            return Ok(());
        }
        for (name, value) in map.iter() {
            self.path.member(name);
            for (_, inner) in schema.patterns.iter().filter(|(one, _)| one.is_match(name)) {
                self.constrain(inner, Some(value), Some(members))?;
            }
            let inner = match &schema.additional {
                _ if !is_told || schema.declares(name) => None,
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
        // Null says that there is no value where all is text.
        let textual = self.typing.is_textual();
        let is_absent = value.is_none_or(|value| textual && matches!(value, Value::Null));
        if is_absent && !constraint.keyword.word.looks_at_absent() {
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
        let keyword = &constraint.keyword;
        let given = value.unwrap_or(&Value::Null);
        if keyword.applies() {
            let applied = keyword.applied(given, self)?;
            let any = !applied.is_empty();
            for inner in applied {
                self.spend(inner)?;
                self.constrain(inner, value, siblings)?;
                if self.stopped() {
                    break;
                }
            }
            if any {
                return Ok(());
            }
        }
        if keyword.holds(schema, given, Around { textual: false, siblings }, self)? {
            self.trace.rule(constraint.rule, Outcome::Held);
            return Ok(());
        }
        let limit = keyword.limit(self)?;
        let owner = Owner {
            error: schema.error_of(constraint),
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
    let word = constraint.keyword.word;
    let is_always = matches!(word, Word::AllOf | Word::Reference | Word::Discriminator);
    constraint.when.is_some() || word.comes_late() && !is_always
}

/// What is worked out, and the rows of the account.
impl<'p> Context<'p, Compiled> for Examiner<'p, '_> {
    type Error = EvaluationError;

    fn value(&mut self, expression: &Expression) -> Result<Option<Value>, EvaluationError> {
        expression.value(self.scope)
    }

    fn choices(&mut self, expression: &Expression) -> Result<Option<Items>, EvaluationError> {
        expression.items(self.scope).map(Some)
    }

    fn is_true(&mut self, expression: &Expression) -> Result<bool, EvaluationError> {
        expression.is_true(self.scope)
    }

    fn recursive(&self, id: SchemaId) -> Option<&'p Schema> {
        self.plan.recursive.get(id.0)
    }

    fn typed(&self, schema: &Schema, value: &Value) -> Option<Value> {
        self.convert(schema, value)
    }

    fn requires(&self) -> bool {
        !self.is_stored()
    }

    fn spend(&mut self, schema: &Schema) -> Result<bool, EvaluationError> {
        self.spent += 1;
        if self.spent < MOST_LOOKS {
            return Ok(true);
        }
        let message = "this schema takes too long: schemas that contain each other are checked \
                       again for each nested value";
        Err(EvaluationError { message: message.to_owned(), span: schema.span.clone() })
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
