//! Reading values by their schemas, and checking that they hold.

use std::sync::Arc;

use super::coerce::{Typing, coerce};
use super::format;
use super::path::Path;
use super::refusal::{Halt, Violation};
use super::rows;
use super::trace::{Outcome, Trace};
use crate::model::{ErrorId, Failure, RuleId, Type};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::plan::schema::{Additional, Bound, Constraint, DefinedBy, Keyword, Schema};
use crate::plan::value::{EvaluationError, Expression, Scope, Text};
use crate::state::Transaction;
use crate::value::{Map, Value};

/// What reading and checking needs, and what it finds.
pub(super) struct Examiner<'p, 'r> {
    /// The vendor.
    pub plan: &'p Plan,
    /// The variables.
    pub scope: &'r mut Scope,
    /// The state.
    pub transaction: &'r dyn Transaction,
    /// What is explained later.
    pub trace: &'r mut Trace,
    /// What is wrong.
    pub violations: Vec<Violation<'p>>,
    /// Goes on after the first violation.
    pub all: bool,
    /// How much scalars say about their types.
    pub typing: Typing,
    /// What the values are for.
    pub purpose: Purpose,
    /// Where it is.
    pub path: Path,
}

/// What the values are for that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A client sent them.
    Request,
    /// They are to be rows or settings: nothing is required, read-only fields count, members
    /// that are not declared are kept, and what only requests can be asked is not.
    Stored,
}

/// What stands in for a schema's error and text where a constraint has none.
#[derive(Clone, Copy)]
struct Owner<'p> {
    error: Option<ErrorId>,
    message: Option<&'p Text>,
}

impl<'p> Owner<'p> {
    fn of(schema: &'p Schema) -> Self {
        Self { error: schema.error, message: schema.message.as_ref() }
    }
}

impl<'p> Examiner<'p, '_> {
    fn is_stored(&self) -> bool {
        self.purpose == Purpose::Stored
    }

    /// Whether a violation was found and only the first one counts.
    pub(super) fn stopped(&self) -> bool {
        !self.all && !self.violations.is_empty()
    }

    fn violate(&mut self, owner: Owner<'p>, failure: Failure, rule: RuleId, value: Option<Value>) {
        self.trace.about(rule, Outcome::Broken, self.path.text());
        self.violations.push(Violation {
            failure: Some(failure),
            path: self.path.text(),
            field: self.path.field(),
            value,
            error: owner.error,
            message: owner.message,
            rule: Some(rule),
            ..Violation::default()
        });
    }

    fn detail(&mut self, limit: Option<Value>, expected: Option<&'static str>) {
        if let Some(last) = self.violations.last_mut() {
            last.limit = limit;
            last.expected = expected;
        }
    }

    /// Notes that a value which has to be there is not.
    pub(super) fn missing(&mut self, schema: &'p Schema) {
        self.violate(Owner::of(schema), Failure::Required, schema.rule, None);
    }

    /// Reads what was sent, or was not, by a schema: its type, its members, its default.
    ///
    /// Gives `None` when the value is absent, or is of no use and a violation says so.
    pub(super) fn read(
        &mut self,
        schema: &'p Schema,
        raw: Option<Value>,
    ) -> Result<Option<Value>, EvaluationError> {
        let Some(raw) = raw.filter(|_| !schema.read_only || self.is_stored()) else {
            return Ok(schema.default.clone());
        };
        let value = match self.typed(schema, raw) {
            Typed::Value(value) => value,
            Typed::Absent => return Ok(schema.default.clone()),
            Typed::Wrong => return Ok(None),
        };
        match value {
            Value::Map(map) => self.read_members(schema, map).map(Some),
            Value::List(items) => {
                let Some(item_schema) = &schema.items else { return Ok(Some(Value::List(items))) };
                let mut read = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    self.path.index(at);
                    read.extend(self.read(item_schema, Some(item.clone()))?);
                    self.path.pop();
                    if self.stopped() {
                        return Ok(None);
                    }
                }
                Ok(Some(Value::list(read)))
            }
            scalar => Ok(Some(scalar)),
        }
    }

    fn typed(&mut self, schema: &'p Schema, raw: Value) -> Typed {
        let textual = matches!(self.typing, Typing::Text | Typing::Xml);
        let only_texts = schema.types.is_empty() || schema.types.contains(&Type::String);
        match &raw {
            Value::Null if schema.nullable || schema.types.is_empty() || schema.allow_empty => {
                return Typed::Value(Value::Null);
            }
            // XML's nil is how a client says that it sends nothing.
            Value::Null if textual => return Typed::Absent,
            Value::Text(text)
                if !only_texts && (schema.allow_empty || (textual && schema.nullable)) =>
            {
                if text.trim().is_empty() {
                    return Typed::Value(Value::Null);
                }
            }
            _ => {}
        }
        match coerce(raw.clone(), &schema.types, schema.case_insensitive, self.typing) {
            Some(value) => Typed::Value(value),
            None => {
                self.violate(Owner::of(schema), Failure::Type, schema.rule, Some(raw));
                self.detail(None, schema.types.first().map(|t| t.name()));
                Typed::Wrong
            }
        }
    }

    fn read_members(
        &mut self,
        schema: &'p Schema,
        map: Arc<Map>,
    ) -> Result<Value, EvaluationError> {
        if schema.properties.is_empty() && matches!(schema.additional, Additional::Allowed) {
            return Ok(Value::Map(map));
        }
        let mut map = Arc::unwrap_or_clone(map);
        let mut read = Map::with_capacity(schema.properties.len());
        for property in &schema.properties {
            let raw = map.get_mut(&property.name).map(std::mem::take);
            let given = raw.is_some();
            self.path.name(&property.name);
            let value = self.read(&property.schema, raw)?;
            if property.required && !given && value.is_none() && !self.is_stored() {
                self.missing(&property.schema);
            }
            self.path.pop();
            if let Some(value) = value {
                read.push(property.name.clone(), value);
            }
            if self.stopped() {
                return Ok(Value::map(read));
            }
        }
        let declared = |name: &str| schema.properties.iter().any(|p| &*p.name == name);
        if self.is_stored() || !matches!(schema.additional, Additional::Allowed) {
            for (name, value) in map.iter().filter(|(name, _)| !declared(name)) {
                self.path.name(name);
                let value = self.read_additional(schema, name, value)?;
                self.path.pop();
                if let Some(value) = value {
                    read.push(name.clone(), value);
                }
                if self.stopped() {
                    break;
                }
            }
        }
        Ok(Value::map(read))
    }

    fn read_additional(
        &mut self,
        schema: &'p Schema,
        name: &Arc<str>,
        value: &Value,
    ) -> Result<Option<Value>, EvaluationError> {
        match &schema.additional {
            Additional::Allowed => Ok(self.is_stored().then(|| value.clone())),
            Additional::Refused => {
                let rule = schema.rule;
                self.violate(
                    Owner::of(schema),
                    Failure::AdditionalProperties,
                    rule,
                    Some(value.clone()),
                );
                Ok(None)
            }
            Additional::Schema(inner) => self.read(inner, Some(value.clone())),
            Additional::Defined(defined) => match self.definition(defined, name) {
                Some(inner) => self.read(inner, Some(value.clone())),
                None => {
                    let owner = Owner {
                        error: defined.error.or(schema.error),
                        message: schema.message.as_ref(),
                    };
                    self.violate(
                        owner,
                        Failure::AdditionalProperties,
                        defined.rule,
                        Some(value.clone()),
                    );
                    Ok(None)
                }
            },
        }
    }

    /// The schema that the account's data has for a member; sets `definition` to the row.
    fn definition(&mut self, defined: &'p DefinedBy, name: &Arc<str>) -> Option<&'p Schema> {
        let name = Value::Text(name.clone());
        let row = match defined.index {
            None => self.transaction.get(defined.collection.0, &name),
            Some(index) => self.transaction.first(defined.collection.0, index, &[name]),
        }?;
        let kind = row.get(&defined.kind)?.scalar_text()?;
        let schema =
            defined.kinds.iter().find(|(known, _)| *known == kind).map(|(_, schema)| schema)?;
        self.scope.set(Slot::DEFINITION, Value::Record(row));
        Some(schema)
    }

    /// Takes out what `ignoredUnless` says does not count, putting defaults in its place.
    pub(super) fn ignore(
        &mut self,
        schema: &'p Schema,
        value: Option<Value>,
    ) -> Result<Option<Value>, EvaluationError> {
        if !schema.ignores || value.is_none() {
            return Ok(value);
        }
        if let Some(condition) = &schema.ignored_unless
            && !condition.is_true(self.scope)?
        {
            self.trace.about(schema.rule, Outcome::Skipped, self.path.text());
            return Ok(schema.default.clone());
        }
        let Some(Value::Map(mut map)) = value else { return Ok(value) };
        for property in schema.properties.iter().filter(|p| p.schema.ignores) {
            let members = Arc::make_mut(&mut map);
            let Some(member) = members.get(&property.name).cloned() else { continue };
            match self.ignore(&property.schema, Some(member))? {
                Some(member) => members.insert(property.name.clone(), member),
                None => {
                    members.remove(&property.name);
                }
            }
        }
        Ok(Some(Value::Map(map)))
    }

    /// Checks the constraints of a value that was read. `siblings` are the members around it.
    pub(super) fn constrain(
        &mut self,
        schema: &'p Schema,
        value: Option<&Value>,
        siblings: Option<&Value>,
    ) -> Result<(), Halt<'p>> {
        if schema.allow_empty && value.is_some_and(Value::is_empty) {
            return Ok(());
        }
        let owner = Owner::of(schema);
        for constraint in schema.before_members() {
            self.constraint(owner, constraint, value, siblings)?;
            if self.stopped() {
                return Ok(());
            }
        }
        self.constrain_inside(schema, value)?;
        for constraint in schema.after_members() {
            if self.stopped() {
                return Ok(());
            }
            self.constraint(owner, constraint, value, siblings)?;
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
        owner: Owner<'p>,
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
        match self.holds(&constraint.keyword, value.unwrap_or(&null), siblings)? {
            Held::Yes => self.trace.rule(constraint.rule, Outcome::Held),
            Held::No(limit) => {
                let owner = Owner {
                    error: constraint.error.or(owner.error),
                    message: constraint.message.as_ref().or(owner.message),
                };
                self.violate(owner, constraint.failure, constraint.rule, value.cloned());
                self.detail(limit, None);
            }
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    fn holds(
        &mut self,
        keyword: &'p Keyword,
        value: &Value,
        siblings: Option<&Value>,
    ) -> Result<Held, Halt<'p>> {
        let length = || value.as_str().map(|text| text.chars().count() as f64);
        let count = || value.as_list().map(|items| items.len() as f64);
        Ok(match keyword {
            Keyword::Enum(choices) => {
                Held::when(choices.contains(value), || Value::list(choices.to_vec()))
            }
            Keyword::EnumExpression(expression) => {
                let choices = expression.items(self.scope)?;
                Held::when(choices.contains(value), || Value::List(choices))
            }
            Keyword::Const(expected) => Held::when(value == expected, || expected.clone()),
            Keyword::MinLength(bound) => {
                self.bounded(bound, length(), |length, bound| length >= bound)?
            }
            Keyword::MaxLength(bound) => {
                self.bounded(bound, length(), |length, bound| length <= bound)?
            }
            Keyword::MinItems(bound) => {
                self.bounded(bound, count(), |count, bound| count >= bound)?
            }
            Keyword::MaxItems(bound) => {
                self.bounded(bound, count(), |count, bound| count <= bound)?
            }
            Keyword::Minimum(bound) => self.bounded(bound, number(value), |n, bound| n >= bound)?,
            Keyword::Maximum(bound) => self.bounded(bound, number(value), |n, bound| n <= bound)?,
            Keyword::ExclusiveMinimum(bound) => {
                self.bounded(bound, number(value), |n, bound| n > bound)?
            }
            Keyword::ExclusiveMaximum(bound) => {
                self.bounded(bound, number(value), |n, bound| n < bound)?
            }
            Keyword::MultipleOf(step) => Held::when(
                number(value).is_none_or(|number| (number / step).fract() == 0.0),
                || Value::Number(*step),
            ),
            Keyword::Pattern(pattern) => {
                Held::when(value.as_str().is_none_or(|text| pattern.is_match(text)), || {
                    Value::text(pattern.as_str())
                })
            }
            Keyword::Format(form) => Held::when(format::fits(*form, value), || form.name().into()),
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
        measure: Option<f64>,
        holds: impl Fn(f64, f64) -> bool,
    ) -> Result<Held, EvaluationError> {
        let Some(measure) = measure else { return Ok(Held::Yes) };
        let bound = match bound {
            Bound::Fixed(number) => Some(*number),
            Bound::Expression(expression) => {
                expression.value(self.scope)?.as_ref().and_then(number)
            }
        };
        // A bound that the account's data does not have is no bound.
        Ok(match bound {
            Some(bound) if !holds(measure, bound) => Held::No(Some(plain_number(bound))),
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

enum Typed {
    Value(Value),
    Absent,
    Wrong,
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

#[expect(clippy::cast_precision_loss, reason = "bounds are far below 2^53")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// A whole number without a fraction, so that messages say 25 and not 25.0.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
fn plain_number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        Value::Integer(number as i64)
    } else {
        Value::Number(number)
    }
}
