//! How keywords are tested.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::convert::Infallible;
use std::ptr;
use std::sync::Arc;

use super::{Keyword, Operand, Word};
use crate::model::schema::{Additional, Schema, Stage};
use crate::model::{CollectionId, Lookup, SchemaId};
use crate::value::{Items, Value};

/// What stands around a value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'v> {
    /// A text is also the number or boolean that it spells.
    pub textual: bool,
    /// The object that the value is a member of, or the parameters beside it.
    pub siblings: Option<&'v Value>,
}

/// What keywords know besides the value: of a request all that is worked out, and the rows.
pub trait Context<'s, S: Stage> {
    /// Why something cannot be evaluated.
    type Error;

    /// The value of an expression; none when there is no such bound.
    fn value(&mut self, expression: &S::Expression) -> Result<Option<Value>, Self::Error>;

    /// The items of an expression; none when nobody knows them.
    fn choices(&mut self, expression: &S::Expression) -> Result<Option<Items>, Self::Error>;

    /// Whether an expression is true, as far as that is known.
    fn is_true(&mut self, expression: &S::Expression) -> Result<bool, Self::Error>;

    /// Whether a constraint with that condition is looked at.
    fn asks(&mut self, when: &S::Expression) -> Result<bool, Self::Error> {
        self.is_true(when)
    }

    /// A schema that contains itself.
    fn recursive(&self, id: SchemaId) -> Option<&'s Schema<S>>;

    /// The value as one of the types, or none.
    fn typed(&self, schema: &Schema<S>, value: &Value) -> Option<Value> {
        let is_null = matches!(value, Value::Null) && schema.nullable;
        let is_typed = schema.types.is_empty() || schema.types.iter().any(|t| t.takes(value));
        (is_null || is_typed).then(|| value.clone())
    }

    /// Whether members that are required have to be there.
    fn requires(&self) -> bool {
        true
    }

    /// Whether one more schema may be looked at. Where schemas contain each other, few lines can
    /// take longer than anybody waits.
    fn spend(&mut self, schema: &Schema<S>) -> Result<bool, Self::Error>;

    /// Whether a value fits a schema.
    fn fits(&mut self, schema: &'s Schema<S>, value: &Value) -> Result<bool, Self::Error>
    where
        Self: Sized,
    {
        fits(self, schema, value)
    }

    /// Whether there is such a row, as far as that is known.
    fn has_row(&mut self, lookup: &Lookup<S>) -> Result<bool, Self::Error>;

    /// Whether there is a row with that key, as far as that is known.
    fn has_key(&mut self, collection: CollectionId, key: &Value) -> bool;

    /// The name of a collection, where it is known.
    fn name(&self, collection: CollectionId) -> Option<Arc<str>>;
}

/// Knows only what is the same for each request: whatever else there is holds.
#[derive(Debug)]
pub struct Fixed<'s, S: Stage> {
    recursive: &'s [Schema<S>],
    spent: usize,
}

impl<'s, S: Stage> Fixed<'s, S> {
    /// Knows these schemas that contain themselves.
    pub fn new(recursive: &'s [Schema<S>]) -> Self {
        Self { recursive, spent: 0 }
    }
}

impl<'s, S: Stage> Context<'s, S> for Fixed<'s, S> {
    type Error = Infallible;

    fn value(&mut self, _: &S::Expression) -> Result<Option<Value>, Infallible> {
        Ok(None)
    }

    fn choices(&mut self, _: &S::Expression) -> Result<Option<Items>, Infallible> {
        Ok(None)
    }

    fn is_true(&mut self, _: &S::Expression) -> Result<bool, Infallible> {
        Ok(true)
    }

    fn asks(&mut self, _: &S::Expression) -> Result<bool, Infallible> {
        Ok(false)
    }

    fn recursive(&self, id: SchemaId) -> Option<&'s Schema<S>> {
        self.recursive.get(id.0)
    }

    fn spend(&mut self, _: &Schema<S>) -> Result<bool, Infallible> {
        self.spent += 1;
        Ok(self.spent < MOST_LOOKS)
    }

    fn has_row(&mut self, _: &Lookup<S>) -> Result<bool, Infallible> {
        Ok(true)
    }

    fn has_key(&mut self, _: CollectionId, _: &Value) -> bool {
        true
    }

    fn name(&self, _: CollectionId) -> Option<Arc<str>> {
        None
    }
}

/// How many schemas are looked at for one value.
pub const MOST_LOOKS: usize = 1_000_000;

/// One test of one value.
pub(super) struct Test<'t, 's, S: Stage, C> {
    pub(super) keyword: &'s Keyword<S>,
    pub(super) schema: &'s Schema<S>,
    pub(super) value: &'t Value,
    pub(super) around: Around<'t>,
    pub(super) context: &'t mut C,
}

/// What is measured of texts.
pub(super) fn characters(value: &Value) -> Option<Value> {
    let count = |text: &str| if text.is_ascii() { text.len() } else { text.chars().count() };
    value.as_str().map(|text| Value::count(count(text)))
}

/// What is measured of lists.
pub(super) fn items(value: &Value) -> Option<Value> {
    value.as_list().map(|items| Value::count(items.len()))
}

/// What is measured of objects.
pub(super) fn members(value: &Value) -> Option<Value> {
    value.members().map(|members| Value::count(members.count()))
}

/// What is measured of numbers.
pub(super) fn number(value: &Value) -> Option<Value> {
    value.is_number().then(|| value.clone())
}

impl<'s, S: Stage, C: Context<'s, S>> Test<'_, 's, S, C> {
    /// Whether what is measured, if it is there at all, stands so to the bound.
    pub(super) fn measure(
        &mut self,
        measure: fn(&Value) -> Option<Value>,
        holds: fn(Ordering) -> bool,
    ) -> Result<bool, C::Error> {
        let Some(measured) = measure(self.value) else { return Ok(true) };
        let fits = |bound: &Value| measured.compare_numbers(bound).is_none_or(holds);
        match &self.keyword.operand {
            Operand::Value(bound) => Ok(fits(bound)),
            // A bound that the account's data does not have is no bound.
            Operand::Computed(bound) => Ok(self.context.value(bound)?.as_ref().is_none_or(fits)),
            _ => Ok(true),
        }
    }

    /// Where the type allows null, a choice need not name it.
    fn is(&self, choice: &Value) -> bool {
        let is_null = matches!(self.value, Value::Null);
        is_null && self.schema.nullable && !self.schema.types.is_empty()
            || choice.is_same(self.value, self.schema.case_insensitive)
            || self.around.textual
                && self.value.as_str().is_some_and(|text| choice.is_spelled_by(text))
    }

    pub(super) fn is_chosen(&mut self) -> Result<bool, C::Error> {
        match &self.keyword.operand {
            Operand::Value(Value::List(choices)) => Ok(choices.iter().any(|one| self.is(one))),
            Operand::Computed(choices) => {
                let choices = self.context.choices(choices)?;
                Ok(choices.is_none_or(|choices| choices.iter().any(|one| self.is(one))))
            }
            _ => Ok(true),
        }
    }

    pub(super) fn is_operand(&self) -> bool {
        !matches!(&self.keyword.operand, Operand::Value(only) if !self.is(only))
    }

    pub(super) fn is_multiple(&self) -> bool {
        let Operand::Value(factor) = &self.keyword.operand else { return true };
        self.value.is_multiple_of(factor) != Some(false)
    }

    pub(super) fn is_match(&self) -> bool {
        let (Operand::Pattern(pattern), Some(text)) = (&self.keyword.operand, self.value.as_str())
        else {
            return true;
        };
        pattern.is_match(text)
    }

    pub(super) fn has_form(&self) -> bool {
        !matches!(&self.keyword.operand, Operand::Format(form) if !form.fits(self.value))
    }

    pub(super) fn has_no_twins(&self) -> bool {
        let items = self.value.as_list().unwrap_or_default();
        let mut known = HashSet::with_capacity(items.len());
        items.iter().all(|item| known.insert(item))
    }

    pub(super) fn is_key(&mut self) -> bool {
        let Operand::Collection(collection) = &self.keyword.operand else { return true };
        self.value.is_empty() || self.context.has_key(*collection, self.value)
    }

    pub(super) fn lacks_sibling(&self) -> bool {
        let Operand::Name(name) = &self.keyword.operand else { return true };
        let sibling = self.around.siblings.and_then(|siblings| siblings.get(name));
        let (Some(sibling), Some(text)) =
            (sibling.and_then(Value::scalar_text), self.value.as_str())
        else {
            return true;
        };
        sibling.is_empty() || !text.contains(&*sibling)
    }

    pub(super) fn fits_any(&mut self) -> Result<bool, C::Error> {
        match &self.keyword.operand {
            Operand::Groups(groups) => {
                let is_there =
                    |name: &Arc<str>| self.value.get(name).is_some_and(|v| !v.is_empty());
                Ok(groups.iter().any(|group| group.iter().all(is_there)))
            }
            _ => Ok(self.count_fitting(1)? > 0),
        }
    }

    pub(super) fn fits_one(&mut self) -> Result<bool, C::Error> {
        Ok(self.count_fitting(2)? == 1)
    }

    /// How many of several schemas the value fits; no more are counted than that.
    fn count_fitting(&mut self, most: usize) -> Result<usize, C::Error> {
        let Operand::Schemas(all) = &self.keyword.operand else { return Ok(1) };
        let mut count = 0;
        for schema in all {
            if count < most && self.context.fits(schema, self.value)? {
                count += 1;
            }
        }
        Ok(count)
    }

    pub(super) fn fits(&mut self) -> Result<bool, C::Error> {
        let Operand::Schema(schema) = &self.keyword.operand else { return Ok(true) };
        self.context.fits(schema, self.value)
    }

    pub(super) fn fits_applied(&mut self) -> Result<bool, C::Error> {
        for schema in self.keyword.applied(self.value, self.context)? {
            if !self.context.fits(schema, self.value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn is_discriminated(&mut self) -> Result<bool, C::Error> {
        let is_chosen = !self.keyword.applied(self.value, self.context)?.is_empty();
        Ok(is_chosen && self.fits_applied()?)
    }

    pub(super) fn has_dependent(&self) -> bool {
        let Operand::Needs(needs) = &self.keyword.operand else { return true };
        let has = |name: &Arc<str>| self.value.get(name).is_some();
        needs.iter().all(|(name, all)| !has(name) || all.iter().all(has))
    }

    pub(super) fn names_fit(&mut self) -> Result<bool, C::Error> {
        let Operand::Schema(schema) = &self.keyword.operand else { return Ok(true) };
        for (name, _) in self.value.members().into_iter().flatten() {
            if !self.context.fits(schema, &Value::Text(name.clone()))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn contains(&mut self, holds: fn(Ordering) -> bool) -> Result<bool, C::Error> {
        let Some(items) = self.value.as_list() else { return Ok(true) };
        let (schema, bound) = match &self.keyword.operand {
            Operand::Schema(schema) => (schema, &Value::Integer(1)),
            Operand::Counted(schema, bound) => (schema, bound),
            _ => return Ok(true),
        };
        let mut count = 0;
        for item in items {
            count += usize::from(self.context.fits(schema, item)?);
        }
        Ok(Value::count(count).compare_numbers(bound).is_none_or(holds))
    }

    pub(super) fn has_no_unevaluated_members(&mut self) -> Result<bool, C::Error> {
        let Operand::Schema(inner) = &self.keyword.operand else { return Ok(true) };
        for (name, member) in self.value.members().into_iter().flatten() {
            if !evaluates_member(self.context, self.schema, self.value, name, Some(self.keyword))?
                && !self.context.fits(inner, member)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn has_no_unevaluated_items(&mut self) -> Result<bool, C::Error> {
        let Operand::Schema(inner) = &self.keyword.operand else { return Ok(true) };
        for (at, item) in self.value.as_list().unwrap_or_default().iter().enumerate() {
            if !evaluates_item(
                self.context,
                self.schema,
                self.value,
                (at, item),
                Some(self.keyword),
            )? && !self.context.fits(inner, item)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn is_true(&mut self) -> Result<bool, C::Error> {
        match &self.keyword.operand {
            Operand::Condition(condition) => self.context.is_true(condition),
            _ => Ok(true),
        }
    }

    pub(super) fn has_row(&mut self) -> Result<bool, C::Error> {
        match &self.keyword.operand {
            Operand::Row(lookup) => self.context.has_row(lookup),
            _ => Ok(true),
        }
    }
}

/// Whether a value fits a schema.
fn fits<'s, S: Stage, C: Context<'s, S>>(
    context: &mut C,
    schema: &'s Schema<S>,
    value: &Value,
) -> Result<bool, C::Error> {
    if !context.spend(schema)? {
        return Ok(true);
    }
    let Some(value) = &context.typed(schema, value) else { return Ok(false) };
    if schema.allow_empty && value.is_empty() {
        return Ok(true);
    }
    for constraint in &schema.constraints {
        let asks = match &constraint.when {
            Some(when) => context.asks(when)?,
            None => true,
        };
        if asks && !constraint.keyword.holds(schema, value, Around::default(), context)? {
            return Ok(false);
        }
    }
    for (at, item) in value.as_list().unwrap_or_default().iter().enumerate() {
        if let Some(schema) = schema.item(at)
            && !context.fits(schema, item)?
        {
            return Ok(false);
        }
    }
    Ok(value.members().is_none() || members_fit(context, schema, value)?)
}

fn members_fit<'s, S: Stage, C: Context<'s, S>>(
    context: &mut C,
    schema: &'s Schema<S>,
    value: &Value,
) -> Result<bool, C::Error> {
    if context.requires() {
        let properties = schema.properties.iter().filter(|property| property.required);
        let mut required = properties.map(|property| &property.name).chain(&schema.undeclared);
        if required.any(|name| value.get(name).is_none()) {
            return Ok(false);
        }
    }
    for (name, member) in value.members().into_iter().flatten() {
        if matches!(schema.additional, Additional::Refused) && !schema.declares(name) {
            return Ok(false);
        }
        for inner in schema.describe(name) {
            if !context.fits(inner, member)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Whether a schema says something of a member, itself or by others that the value fits. What a
/// keyword that asks for this says does not count.
fn evaluates_member<'s, S: Stage, C: Context<'s, S>>(
    context: &mut C,
    schema: &'s Schema<S>,
    value: &Value,
    name: &str,
    asking: Option<&Keyword<S>>,
) -> Result<bool, C::Error> {
    if schema.evaluates_all || schema.declares(name) {
        return Ok(true);
    }
    for Keyword { word, .. } in others(schema, asking) {
        if *word == Word::UnevaluatedProperties {
            return Ok(true);
        }
    }
    for keyword in others(schema, asking) {
        for inner in keyword.in_place(value, context)? {
            if evaluates_member(context, inner, value, name, None)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The same for an item.
fn evaluates_item<'s, S: Stage, C: Context<'s, S>>(
    context: &mut C,
    schema: &'s Schema<S>,
    value: &Value,
    (at, item): (usize, &Value),
    asking: Option<&Keyword<S>>,
) -> Result<bool, C::Error> {
    if schema.item(at).is_some() {
        return Ok(true);
    }
    for Keyword { word, operand } in others(schema, asking) {
        let is_contained = match operand {
            Operand::Schema(inner) | Operand::Counted(inner, _) if word.counts_items() => {
                context.fits(inner, item)?
            }
            _ => *word == Word::UnevaluatedItems,
        };
        if is_contained {
            return Ok(true);
        }
    }
    for keyword in others(schema, asking) {
        for inner in keyword.in_place(value, context)? {
            if evaluates_item(context, inner, value, (at, item), None)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn others<'s, S: Stage>(
    schema: &'s Schema<S>,
    asking: Option<&Keyword<S>>,
) -> impl Iterator<Item = &'s Keyword<S>> {
    let asking = asking.map(ptr::from_ref);
    let keywords = schema.constraints.iter().map(|constraint| &constraint.keyword);
    keywords.filter(move |keyword| asking != Some(ptr::from_ref(*keyword)))
}
