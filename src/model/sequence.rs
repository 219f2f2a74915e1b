//! In which order elements stand that are written after a schema.

use std::sync::Arc;

use super::Schema;
use super::stage::Stage;
use crate::value::Value;

/// The order of the elements in an element, and in those: an `xs:sequence` of a description has
/// them as its schema declares them.
#[derive(Debug, Clone)]
pub struct Sequence {
    members: Vec<(Arc<str>, Option<Self>)>,
}

impl Sequence {
    /// The order that a schema has; none where it declares no elements.
    pub fn of<S: Stage>(schema: &Schema<S>) -> Option<Self> {
        let of_value = schema.with_beside();
        let items = of_value.iter().find_map(|one| one.items.as_deref());
        let inner = items.map_or(of_value, Schema::with_beside);
        let properties = inner.iter().flat_map(|one| &one.properties);
        let elements = properties.filter(|property| is_element(&property.name));
        let members: Vec<_> =
            elements.map(|property| (property.name.clone(), Self::of(&property.schema))).collect();
        (!members.is_empty()).then_some(Self { members })
    }

    /// The value with its elements in order, those that are not declared behind the others.
    pub fn ordered(&self, value: Value) -> Value {
        if self.is_in_order(&value) {
            return value;
        }
        if let Some(items) = value.as_list() {
            return Value::list(items.iter().map(|item| self.ordered(item.clone())).collect());
        }
        let Some(members) = value.members() else { return value };
        let mut members: Vec<(Arc<str>, Value)> = members
            .map(|(name, member)| {
                let member = match self.within(name) {
                    Some(inner) => inner.ordered(member.clone()),
                    None => member.clone(),
                };
                (name.clone(), member)
            })
            .collect();
        members.sort_by_key(|(name, _)| self.place(name));
        Value::map(members.into_iter().collect())
    }

    fn is_in_order(&self, value: &Value) -> bool {
        if let Some(items) = value.as_list() {
            return items.iter().all(|item| self.is_in_order(item));
        }
        let mut least = 0;
        value.members().into_iter().flatten().all(|(name, member)| {
            let place = self.place(name);
            let follows = place >= least;
            least = place;
            follows && self.within(name).is_none_or(|inner| inner.is_in_order(member))
        })
    }

    /// Attributes and text stand before all elements.
    fn place(&self, name: &str) -> usize {
        match self.members.iter().position(|(known, _)| **known == *name) {
            Some(at) => at + 1,
            None if is_element(name) => self.members.len() + 1,
            None => 0,
        }
    }

    fn within(&self, name: &str) -> Option<&Self> {
        let known = self.members.iter().find(|(known, _)| **known == *name);
        known.and_then(|(_, inner)| inner.as_ref())
    }
}

fn is_element(name: &str) -> bool {
    !name.starts_with(['@', '#'])
}
