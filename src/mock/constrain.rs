//! Checking that values which were read hold.

use std::cmp::Ordering;
use std::sync::Arc;

use super::examine::{Examiner, Owner};
use super::refusal::Halt;
use super::rows;
use super::trace::Outcome;
use crate::model::Type;
use crate::plan::schema::{Additional, Bound, Constraint, Keyword, Schema};
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
        for constraint in schema.before_members() {
            self.constraint(schema, constraint, value, siblings)?;
            if self.stopped() {
                return Ok(());
            }
        }
        self.constrain_inside(schema, value)?;
        for constraint in schema.after_members() {
            if self.stopped() {
                return Ok(());
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
        if !constraint.keyword.looks_at_absent() && value.is_none_or(|v| matches!(v, Value::Null)) {
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
        let null = Value::Null;
        let folded = schema.case_insensitive;
        match self.holds(&constraint.keyword, value.unwrap_or(&null), folded, siblings)? {
            Held::Yes => self.trace.rule(constraint.rule, Outcome::Held),
            Held::No(limit) => {
                let owner = Owner::of(schema);
                let owner = Owner {
                    error: constraint.error.or(owner.error),
                    message: constraint.message.as_ref().or(owner.message),
                };
                let found =
                    self.violate(owner, constraint.failure, constraint.rule, value.cloned());
                if let Some(violation) = found {
                    violation.limit = limit;
                }
            }
        }
        Ok(())
    }

    fn holds(
        &mut self,
        keyword: &'p Keyword,
        value: &Value,
        folded: bool,
        siblings: Option<&Value>,
    ) -> Result<Held, Halt<'p>> {
        let number = || value.is_number().then(|| value.clone());
        let length = || value.as_str().map(|text| Value::count(text.chars().count()));
        let count = || value.as_list().map(|items| Value::count(items.len()));
        let members = || value.members().map(|members| Value::count(members.count()));
        let is = |choice: &Value| choice.is_same(value, folded);
        Ok(match keyword {
            Keyword::Enum(choices) => {
                Held::when(choices.iter().any(is), || Value::list(choices.to_vec()))
            }
            Keyword::EnumExpression(expression) => {
                let choices = expression.items(self.scope)?;
                Held::when(choices.iter().any(is), || Value::List(choices))
            }
            Keyword::Const(expected) => Held::when(is(expected), || expected.clone()),
            Keyword::MinLength(bound) => self.bounded(bound, length(), Ordering::is_ge)?,
            Keyword::MaxLength(bound) => self.bounded(bound, length(), Ordering::is_le)?,
            Keyword::MinItems(bound) => self.bounded(bound, count(), Ordering::is_ge)?,
            Keyword::MaxItems(bound) => self.bounded(bound, count(), Ordering::is_le)?,
            Keyword::MinProperties(bound) => self.bounded(bound, members(), Ordering::is_ge)?,
            Keyword::MaxProperties(bound) => self.bounded(bound, members(), Ordering::is_le)?,
            Keyword::Minimum(bound) => self.bounded(bound, number(), Ordering::is_ge)?,
            Keyword::Maximum(bound) => self.bounded(bound, number(), Ordering::is_le)?,
            Keyword::ExclusiveMinimum(bound) => self.bounded(bound, number(), Ordering::is_gt)?,
            Keyword::ExclusiveMaximum(bound) => self.bounded(bound, number(), Ordering::is_lt)?,
            Keyword::MultipleOf(step) => {
                Held::when(value.is_multiple_of(step) != Some(false), || step.clone())
            }
            Keyword::Pattern(pattern) => {
                Held::when(value.as_str().is_none_or(|text| pattern.is_match(text)), || {
                    Value::text(pattern.as_str())
                })
            }
            Keyword::Format(form) => Held::when(form.fits(value), || form.name().into()),
            Keyword::UniqueItems => {
                let items = value.as_list().unwrap_or_default();
                let twice = items
                    .iter()
                    .enumerate()
                    .any(|(at, item)| items.iter().take(at).any(|i| i == item));
                Held::when(!twice, || Value::Null)
            }
            Keyword::References(collection) => {
                let found = value.is_empty() || self.transaction.get(collection.0, value).is_some();
                let name = self.plan.collections.get(collection.0).map(|c| c.name.clone());
                Held::when(found, || name.map_or(Value::Null, Value::Text))
            }
            Keyword::MustNotContain(name) => {
                let other = siblings.and_then(|s| s.get(name)).and_then(Value::scalar_text);
                let contains = other.is_some_and(|other| {
                    !other.is_empty() && value.as_str().is_some_and(|text| text.contains(&*other))
                });
                Held::when(!contains, || Value::Text(name.clone()))
            }
            Keyword::AnyOf(groups) => {
                let there = |name: &Arc<str>| value.get(name).is_some_and(|v| !v.is_empty());
                let any = groups.iter().any(|group| group.iter().all(there));
                let shown = |group: &[Arc<str>]| Value::text(group.join("+"));
                Held::when(any, || Value::list(groups.iter().map(|group| shown(group)).collect()))
            }
            Keyword::Must(condition) => Held::when(self.is_true(condition)?, || Value::Null),
            Keyword::Exists(lookup) => {
                let found = rows::find(self.transaction, lookup, self.scope)?.is_some();
                Held::when(found, || Value::Null)
            }
        })
    }

    fn is_true(&self, condition: &Expression) -> Result<bool, EvaluationError> {
        condition.is_true(self.scope)
    }

    fn bounded(
        &self,
        bound: &Bound,
        measure: Option<Value>,
        holds: impl Fn(Ordering) -> bool,
    ) -> Result<Held, EvaluationError> {
        let Some(measure) = measure else { return Ok(Held::Yes) };
        let bound = match bound {
            Bound::Fixed(number) => Some(number.clone()),
            Bound::Expression(expression) => expression.value(self.scope)?,
        };
        // A bound that the account's data does not have is no bound.
        Ok(match bound {
            Some(bound) if measure.compare_numbers(&bound).is_some_and(|found| !holds(found)) => {
                Held::No(Some(bound))
            }
            _ => Held::Yes,
        })
    }
}

/// Whether a constraint speaks of the request as a whole, and not of the value alone.
fn only_of_requests(constraint: &Constraint) -> bool {
    let keyword = &constraint.keyword;
    constraint.when.is_some()
        || matches!(keyword, Keyword::Must(_) | Keyword::Exists(_) | Keyword::AnyOf(_))
}

enum Held {
    Yes,
    No(Option<Value>),
}

impl Held {
    fn when(holds: bool, limit: impl FnOnce() -> Value) -> Self {
        if holds {
            Self::Yes
        } else {
            Self::No(Some(limit()).filter(|l| !matches!(l, Value::Null)))
        }
    }
}
