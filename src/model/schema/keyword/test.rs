//! How keywords are tested.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;

use super::Operand;
use crate::model::CollectionId;
use crate::model::schema::Stage;
use crate::value::Value;

/// What stands around a value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'v> {
    /// Case is not regarded.
    pub folded: bool,
    /// A text is also the number or boolean that it spells.
    pub textual: bool,
    /// The object that the value is a member of, or the parameters beside it.
    pub siblings: Option<&'v Value>,
}

/// What keywords know besides the value: of a request all that is worked out, and the rows.
pub trait Context<S: Stage> {
    /// Why something cannot be worked out.
    type Error;

    /// The value of an expression; none when there is no such bound.
    fn value(&mut self, expression: &S::Expression) -> Result<Option<Value>, Self::Error>;

    /// The items of an expression; none when nobody knows them.
    fn choices(
        &mut self,
        expression: &S::Expression,
    ) -> Result<Option<Arc<Vec<Value>>>, Self::Error>;

    /// Whether an expression is true, as far as that is known.
    fn is_true(&mut self, expression: &S::Expression) -> Result<bool, Self::Error>;

    /// Whether there is such a row, as far as that is known.
    fn has_row(&mut self, lookup: &S::Lookup) -> Result<bool, Self::Error>;

    /// Whether there is a row with that key, as far as that is known.
    fn has_key(&mut self, collection: CollectionId, key: &Value) -> bool;

    /// The name of a collection, where it is known.
    fn name(&self, collection: CollectionId) -> Option<Arc<str>>;
}

/// Knows only what is the same for each request: whatever else there is holds.
#[derive(Debug, Clone, Copy)]
pub struct Fixed;

impl<S: Stage> Context<S> for Fixed {
    type Error = Infallible;

    fn value(&mut self, _: &S::Expression) -> Result<Option<Value>, Infallible> {
        Ok(None)
    }

    fn choices(&mut self, _: &S::Expression) -> Result<Option<Arc<Vec<Value>>>, Infallible> {
        Ok(None)
    }

    fn is_true(&mut self, _: &S::Expression) -> Result<bool, Infallible> {
        Ok(true)
    }

    fn has_row(&mut self, _: &S::Lookup) -> Result<bool, Infallible> {
        Ok(true)
    }

    fn has_key(&mut self, _: CollectionId, _: &Value) -> bool {
        true
    }

    fn name(&self, _: CollectionId) -> Option<Arc<str>> {
        None
    }
}

/// One test of one value.
pub(super) struct Test<'t, S: Stage, C> {
    pub(super) operand: &'t Operand<S>,
    pub(super) value: &'t Value,
    pub(super) around: Around<'t>,
    pub(super) context: &'t mut C,
}

/// What is measured of texts.
pub(super) fn characters(value: &Value) -> Option<Value> {
    value.as_str().map(|text| Value::count(text.chars().count()))
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

impl<S: Stage, C: Context<S>> Test<'_, S, C> {
    /// Whether what is measured, if it is there at all, stands so to the bound.
    pub(super) fn measure(
        &mut self,
        measure: fn(&Value) -> Option<Value>,
        holds: fn(Ordering) -> bool,
    ) -> Result<bool, C::Error> {
        let Some(measured) = measure(self.value) else { return Ok(true) };
        let fits = |bound: &Value| measured.compare_numbers(bound).is_none_or(holds);
        match self.operand {
            Operand::Value(bound) => Ok(fits(bound)),
            // A bound that the account's data does not have is no bound.
            Operand::Computed(bound) => Ok(self.context.value(bound)?.as_ref().is_none_or(fits)),
            _ => Ok(true),
        }
    }

    fn is(&self, choice: &Value) -> bool {
        choice.is_same(self.value, self.around.folded)
            || self.around.textual
                && self.value.as_str().is_some_and(|text| choice.is_spelled_by(text))
    }

    pub(super) fn is_chosen(&mut self) -> Result<bool, C::Error> {
        match self.operand {
            Operand::Value(Value::List(choices)) => Ok(choices.iter().any(|one| self.is(one))),
            Operand::Computed(choices) => {
                let choices = self.context.choices(choices)?;
                Ok(choices.is_none_or(|choices| choices.iter().any(|one| self.is(one))))
            }
            _ => Ok(true),
        }
    }

    pub(super) fn is_operand(&self) -> bool {
        !matches!(self.operand, Operand::Value(only) if !self.is(only))
    }

    pub(super) fn is_multiple(&self) -> bool {
        let Operand::Value(factor) = self.operand else { return true };
        self.value.is_multiple_of(factor) != Some(false)
    }

    pub(super) fn is_match(&self) -> bool {
        let (Operand::Pattern(pattern), Some(text)) = (self.operand, self.value.as_str()) else {
            return true;
        };
        pattern.is_match(text)
    }

    pub(super) fn has_form(&self) -> bool {
        !matches!(self.operand, Operand::Format(form) if !form.fits(self.value))
    }

    pub(super) fn has_no_twins(&self) -> bool {
        let items = self.value.as_list().unwrap_or_default();
        let mut known = HashSet::with_capacity(items.len());
        items.iter().all(|item| known.insert(item))
    }

    pub(super) fn is_key(&mut self) -> bool {
        let Operand::Collection(collection) = self.operand else { return true };
        self.value.is_empty() || self.context.has_key(*collection, self.value)
    }

    pub(super) fn lacks_sibling(&self) -> bool {
        let Operand::Name(name) = self.operand else { return true };
        let sibling = self.around.siblings.and_then(|siblings| siblings.get(name));
        let (Some(sibling), Some(text)) =
            (sibling.and_then(Value::scalar_text), self.value.as_str())
        else {
            return true;
        };
        sibling.is_empty() || !text.contains(&*sibling)
    }

    pub(super) fn has_group(&self) -> bool {
        let Operand::Groups(groups) = self.operand else { return true };
        let is_there = |name: &Arc<str>| self.value.get(name).is_some_and(|v| !v.is_empty());
        groups.iter().any(|group| group.iter().all(is_there))
    }

    pub(super) fn is_true(&mut self) -> Result<bool, C::Error> {
        match self.operand {
            Operand::Condition(condition) => self.context.is_true(condition),
            _ => Ok(true),
        }
    }

    pub(super) fn has_row(&mut self) -> Result<bool, C::Error> {
        match self.operand {
            Operand::Row(lookup) => self.context.has_row(lookup),
            _ => Ok(true),
        }
    }
}
