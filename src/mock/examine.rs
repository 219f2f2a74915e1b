//! Reading values by their schemas, and checking that they hold.

use std::sync::Arc;

use super::coerce::{Typed, Typing, coerce};
use super::path::Path;
use super::refusal::Violation;
use super::trace::{Outcome, Trace};
use crate::model::keyword::Context as _;
use crate::model::{ErrorId, Failure, Operand, RuleId};
use crate::plan::Plan;
use crate::plan::names::Slot;
use crate::plan::schema::{Additional, DefinedBy, Keyword, Schema};
use crate::plan::value::{EvaluationError, Scope, Text};
use crate::state::View;
use crate::value::{Items, Map, Value};

/// More violations than anybody reads. A list of millions of items can have one in each; those
/// that come after are only counted.
const MOST_VIOLATIONS: usize = 1_000;

/// What reading and checking needs, and what it finds.
pub(super) struct Examiner<'p, 'r> {
    /// The vendor.
    pub plan: &'p Plan,
    /// The variables.
    pub scope: &'r mut Scope,
    /// The state.
    pub transaction: &'r dyn View,
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
    pub path: Path<'p>,
    /// How many schemas were looked at that say something of the same value.
    pub spent: usize,
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
pub(super) struct Owner<'p> {
    pub(super) error: Option<ErrorId>,
    pub(super) message: Option<&'p Text>,
}

impl<'p> Owner<'p> {
    /// Of what breaks a schema in that way.
    pub(super) fn of(schema: &'p Schema, failure: Failure) -> Self {
        Self { error: schema.error_for(failure), message: schema.message.as_ref() }
    }
}

impl<'p> Examiner<'p, '_> {
    /// Whether the values are for the state.
    pub(super) fn is_stored(&self) -> bool {
        self.purpose == Purpose::Stored
    }

    /// Whether a violation was found and only the first one counts.
    pub(super) fn stopped(&self) -> bool {
        !self.all && !self.violations.is_empty()
    }

    /// Takes note of a violation, and gives it to be told more of.
    pub(super) fn violate(
        &mut self,
        owner: Owner<'p>,
        failure: Failure,
        rule: RuleId,
        value: Option<Value>,
    ) -> Option<&mut Violation<'p>> {
        if self.violations.len() >= MOST_VIOLATIONS {
            self.trace.leave_out();
            return None;
        }
        let path = self.path.text();
        self.trace.broken(rule, path.clone(), value.as_ref());
        self.violations.push(Violation {
            failure: Some(failure),
            path,
            field: self.path.field(),
            value,
            error: owner.error,
            message: owner.message,
            rule: Some(rule),
            ..Violation::default()
        });
        self.violations.last_mut()
    }

    /// Notes that a value which has to be there is not.
    pub(super) fn missing(&mut self, schema: &'p Schema, rule: RuleId) {
        self.violate(Owner::of(schema, Failure::Required), Failure::Required, rule, None);
    }

    /// Reads what was sent, or was not, by a schema: its type, its members, its default.
    ///
    /// Gives `None` when the value is absent, or is of no use and a violation says so.
    pub(super) fn read(
        &mut self,
        schema: &'p Schema,
        raw: Option<Value>,
    ) -> Result<Option<Value>, EvaluationError> {
        self.read_as(schema, raw, schema.sees_all)
    }

    /// Takes out of a request what nothing declares, where schemas looked at it.
    pub(super) fn prune(&self, schema: &'p Schema, value: Value) -> Value {
        match value {
            Value::Map(map) if schema.prunes => {
                let is_open = schema.sees_all && !self.names_members(schema);
                let is_kept = |name: &str| !schema.sees_all || is_open || self.keeps(schema, name);
                let kept = map.iter().filter(|(name, _)| is_kept(name));
                let pruned = kept.map(|(name, value)| {
                    let inner = schema.describe(name).next();
                    let value = value.clone();
                    (name.clone(), inner.map_or(value.clone(), |inner| self.prune(inner, value)))
                });
                Value::map(pruned.collect())
            }
            Value::List(items) if schema.prunes => {
                let pruned = items.map(|at, item| match schema.item(at) {
                    Some(inner) => Some(self.prune(inner, item)),
                    None => Some(item),
                });
                Value::List(pruned)
            }
            value => value,
        }
    }

    /// The schemas that say something of the same value.
    fn in_place(&self, schema: &'p Schema) -> impl Iterator<Item = &'p Schema> {
        let recursive = &self.plan.recursive;
        schema.constraints.iter().flat_map(move |constraint| match &constraint.keyword {
            Keyword { operand: Operand::Recursive(id), .. } => {
                recursive.get(id.0).into_iter().collect()
            }
            keyword if keyword.is_in_place() => keyword.operand.schemas(),
            _ => Vec::new(),
        })
    }

    fn names_members(&self, schema: &'p Schema) -> bool {
        !schema.properties.is_empty()
            || !schema.patterns.is_empty()
            || !matches!(schema.additional, Additional::Allowed)
            || self.in_place(schema).any(|inner| self.names_members(inner))
    }

    /// Whether a schema, or one that says something of the same value, describes a member.
    fn keeps(&self, schema: &'p Schema, name: &str) -> bool {
        schema.declares(name)
            || !matches!(schema.additional, Additional::Allowed | Additional::Refused)
            || self.in_place(schema).any(|inner| self.keeps(inner, name))
    }

    /// The same; `keep` leaves members that it does not declare to other schemas.
    fn read_as(
        &mut self,
        schema: &'p Schema,
        raw: Option<Value>,
        keep: bool,
    ) -> Result<Option<Value>, EvaluationError> {
        let Some(raw) = raw.filter(|_| !schema.read_only || self.is_stored()) else {
            return Ok(schema.default.clone());
        };
        let value = match self.typed(schema, raw) {
            Typed::Value(value) => value,
            Typed::Absent => return Ok(schema.default.clone()),
            Typed::Wrong => return Ok(None),
        };
        let read = match value {
            Value::Map(map) => Some(self.read_members(schema, map, keep)?),
            Value::List(items) if schema.has_items() => {
                let items = self.each(items, |examiner, at, item| match schema.item(at) {
                    Some(schema) => examiner.read(schema, Some(item)),
                    None => Ok(Some(item)),
                })?;
                Some(Value::List(items)).filter(|_| !self.stopped())
            }
            other => Some(other),
        };
        if schema.is_composed { self.read_in_place(schema, read) } else { Ok(read) }
    }

    /// Reads by the other schemas that say something of the same value.
    fn read_in_place(
        &mut self,
        schema: &'p Schema,
        mut value: Option<Value>,
    ) -> Result<Option<Value>, EvaluationError> {
        for constraint in schema.constraints.iter().filter(|one| one.when.is_none()) {
            let Some(read) = &value else { break };
            for inner in constraint.keyword.in_place(read, self)? {
                self.spend(inner)?;
                value = self.read_as(inner, value, true)?;
                if self.stopped() || value.is_none() {
                    return Ok(value);
                }
            }
        }
        Ok(value)
    }

    /// Puts in the place of each item what is made of it; nothing is made of those after a
    /// violation that ends it. There may be millions of items, so there is no second list of them.
    fn each(
        &mut self,
        items: Items,
        make: impl Fn(&mut Self, usize, Value) -> Result<Option<Value>, EvaluationError>,
    ) -> Result<Items, EvaluationError> {
        let mut outcome = Ok(());
        let items = items.map(|at, item| {
            if outcome.is_err() || self.stopped() {
                return None;
            }
            self.path.index(at);
            let read = make(self, at, item);
            self.path.pop();
            read.unwrap_or_else(|error| {
                outcome = Err(error);
                None
            })
        });
        outcome.map(|()| items)
    }

    fn read_members(
        &mut self,
        schema: &'p Schema,
        map: Arc<Map>,
        keep: bool,
    ) -> Result<Value, EvaluationError> {
        let is_open = matches!(schema.additional, Additional::Allowed);
        let names_none = schema.properties.is_empty() && schema.patterns.is_empty();
        let says_nothing = names_none && is_open || map.is_empty() && schema.of_absent.is_empty();
        if says_nothing && schema.undeclared.is_empty() {
            return Ok(Value::Map(map));
        }
        let mut map = Arc::unwrap_or_clone(map);
        // A schema may have many properties of which few are sent.
        let mut read = Map::with_capacity(map.len().min(schema.properties.len()));
        for property in schema.concerned(map.is_empty()) {
            let raw = map.get_mut(&property.name).map(std::mem::take);
            let given = raw.is_some();
            let says_nothing = property.schema.default.is_none() && !property.required;
            if !given && says_nothing && !self.stopped() {
                continue;
            }
            self.path.name(&property.name);
            let mut value = self.read(&property.schema, raw)?;
            if value.is_some() && !schema.patterns.is_empty() {
                value = self.read_patterns(schema, &property.name, value)?;
            }
            if property.required && !given && value.is_none() && !self.is_stored() {
                self.missing(&property.schema, property.missed(|rule| self.plan.is_backed(rule)));
            }
            self.path.pop();
            if let Some(value) = value {
                read.push(property.name.clone(), value);
            }
            if self.stopped() {
                return Ok(Value::map(read));
            }
        }
        for name in &schema.undeclared {
            if map.get(name).is_none() && !self.is_stored() {
                self.path.name(name);
                self.missing(schema, schema.rule_of("required"));
                self.path.pop();
            }
        }
        let declared = |name: &str| schema.properties.iter().any(|p| &*p.name == name);
        let is_told = !schema.patterns.is_empty() || !is_open;
        let no_properties = schema.properties.is_empty();
        if keep || self.is_stored() || is_told || no_properties {
            for (name, value) in map.iter().filter(|(name, _)| !declared(name)) {
                self.path.member(name);
                let value = match schema.declares(name) {
                    true => self.read_patterns(schema, name, Some(value.clone()))?,
                    false if is_open && (keep || no_properties) => Some(value.clone()),
                    false => self.read_additional(schema, name, value)?,
                };
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

    /// Reads a member by the schemas whose patterns its name fits.
    fn read_patterns(
        &mut self,
        schema: &'p Schema,
        name: &str,
        mut value: Option<Value>,
    ) -> Result<Option<Value>, EvaluationError> {
        for (_, inner) in schema.patterns.iter().filter(|(pattern, _)| pattern.is_match(name)) {
            if value.is_some() {
                value = self.read(inner, value)?;
            }
        }
        Ok(value)
    }

    fn read_additional(
        &mut self,
        schema: &'p Schema,
        name: &Arc<str>,
        value: &Value,
    ) -> Result<Option<Value>, EvaluationError> {
        match &schema.additional {
            Additional::Allowed => Ok(self.is_stored().then(|| value.clone())),
            // White space between elements, which `xml:space` keeps, is no content of its own.
            Additional::Refused if self.typing.passes_over(name, value) => Ok(None),
            Additional::Refused => {
                let failure = Failure::AdditionalProperties;
                let rule = schema.rule_of("additionalProperties");
                self.violate(Owner::of(schema, failure), failure, rule, Some(value.clone()));
                Ok(None)
            }
            Additional::Schema(inner) => self.read(inner, Some(value.clone())),
            Additional::Defined(defined) => match self.definition(defined, name) {
                Some(inner) => self.read(inner, Some(value.clone())),
                None => {
                    let owner = Owner {
                        error: defined.error.or(schema.error_for(Failure::AdditionalProperties)),
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
    pub(super) fn definition(
        &mut self,
        defined: &'p DefinedBy,
        name: &Arc<str>,
    ) -> Option<&'p Schema> {
        let name = Value::Text(name.clone());
        let row = match defined.name {
            None => self.transaction.get(defined.collection.0, &name),
            Some(index) => self.transaction.first(defined.collection.0, index, &[name]),
        }?;
        let kind = row.get(&defined.kind)?.scalar_text()?;
        let schema =
            defined.kinds.iter().find(|(known, _)| *known == kind).map(|(_, schema)| schema)?;
        let collection = self.plan.collections.get(defined.collection.0)?;
        self.scope.set(Slot::DEFINITION, Value::Record(collection.seen(row)));
        Some(schema)
    }

    /// Takes out what `ignoredUnless` says does not count, putting defaults in its place. What
    /// does count has to be of its type.
    pub(super) fn ignore(
        &mut self,
        schema: &'p Schema,
        value: Option<Value>,
    ) -> Result<Option<Value>, EvaluationError> {
        let Some(value) = value else { return Ok(None) };
        if !schema.ignores {
            return Ok(Some(value));
        }
        if let Some(condition) = &schema.ignored_unless {
            if !condition.is_true(self.scope)? {
                let rule = schema.rule_of("ignoredUnless");
                self.trace.about(rule, Outcome::Skipped, self.path.text());
                return Ok(schema.default.clone());
            }
            let is_typed = coerce(&value, &schema.types, false, Typing::Strict).is_some();
            if !is_typed && !matches!(value, Value::Null) {
                self.wrong_type(schema, value, None);
                return Ok(None);
            }
        }
        match (value, &schema.items) {
            (Value::Map(map), _) => self.ignore_members(schema, map).map(Some),
            (Value::List(items), Some(item_schema)) if item_schema.ignores => {
                let items =
                    self.each(items, |examiner, _, item| examiner.ignore(item_schema, Some(item)))?;
                Ok(Some(Value::List(items)))
            }
            (value, _) => Ok(Some(value)),
        }
    }

    fn ignore_members(
        &mut self,
        schema: &'p Schema,
        mut map: Arc<Map>,
    ) -> Result<Value, EvaluationError> {
        for property in schema.properties.iter().filter(|p| p.schema.ignores) {
            let Some(member) = map.get(&property.name).cloned() else { continue };
            self.path.name(&property.name);
            let kept = self.ignore(&property.schema, Some(member))?;
            self.path.pop();
            let members = Arc::make_mut(&mut map);
            match kept {
                Some(member) => members.insert(property.name.clone(), member),
                None => {
                    members.remove(&property.name);
                }
            }
        }
        Ok(Value::Map(map))
    }
}
