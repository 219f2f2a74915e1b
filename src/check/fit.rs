//! Whether values that a spec fixes fit their own schemas.

use regex_lite::Regex;

use super::Checker;
use super::layer::{Layer, last};
use crate::model::{Additional, Bound, Choices, Constraint, Keyword, Schema, Type};
use crate::syntax::{Node, NodeKind};
use crate::value::Value;

impl<'n> Checker<'n> {
    /// Reports where a fixed value does not fit a schema. Only what is the same for each request
    /// is looked at; `what` is for people: `the default`.
    pub(super) fn fit(&mut self, node: &Node, schema: &Schema, what: &str) {
        if let NodeKind::Null = node.kind {
            let any = schema.types.is_empty();
            if !schema.nullable && !any {
                self.misfit(node, what, "is null, and its schema does not allow that");
            }
            return;
        }
        let value = node.to_value();
        if !schema.types.is_empty() && !schema.types.iter().any(|kind| is_type(&value, *kind)) {
            let types: Vec<&str> = schema.types.iter().map(|kind| kind.name()).collect();
            let message = format!("is of type {}, not {}", value.kind(), types.join(" or "));
            if !(schema.allow_empty && value.is_empty()) {
                self.misfit(node, what, &message);
            }
            return;
        }
        if schema.allow_empty && value.is_empty() {
            return;
        }
        for constraint in &schema.constraints {
            if let Some(message) = broken(&value, constraint, schema) {
                self.misfit(node, what, &message);
            }
        }
        if let (Some(items), Some(schema)) = (node.as_list(), &schema.items) {
            for item in items {
                self.fit(item, schema, what);
            }
        }
        for (key, member) in node.as_map().unwrap_or_default() {
            let property = schema.properties.iter().find(|p| *p.name == *key.value);
            match (property, &schema.additional) {
                (Some(property), _) => {
                    self.fit(member, &property.schema, &format!("`{}`", property.name));
                }
                (None, Additional::Schema(schema)) => {
                    self.fit(member, schema, &format!("`{}`", key.value));
                }
                _ => {}
            }
        }
    }

    fn misfit(&mut self, node: &Node, what: &str, message: &str) {
        let message = format!("{what} {message}");
        self.problems.error("misfit", message, &node.span, "breaks its own schema");
    }

    /// The values of `enum` and `const` have to fit everything else.
    pub(super) fn fit_choices(&mut self, layers: &[Layer<'n>], schema: &Schema) {
        let choices = last(layers, "enum").and_then(|(_, _, node)| node.as_list());
        let constant = last(layers, "const").map(|(_, _, node)| node);
        for node in choices.unwrap_or_default().iter().chain(constant) {
            self.fit(node, schema, "the value");
        }
    }
}

fn is_type(value: &Value, kind: Type) -> bool {
    match kind {
        Type::String => matches!(value, Value::Text(_)),
        Type::Integer => match value {
            Value::Integer(_) => true,
            Value::Number(number) => number.fract() == 0.0,
            _ => false,
        },
        Type::Number => matches!(value, Value::Integer(_) | Value::Number(_)),
        Type::Boolean => matches!(value, Value::Bool(_)),
        Type::Object => value.members().is_some(),
        Type::Array => value.as_list().is_some(),
    }
}

/// What a fixed constraint without a condition has against a value.
fn broken(value: &Value, constraint: &Constraint, schema: &Schema) -> Option<String> {
    if constraint.when.is_some() {
        return None;
    }
    let length = value.as_str().map(|text| count(text.chars().count()));
    let items = value.as_list().map(|items| count(items.len()));
    let members = value.members().map(|members| count(members.count()));
    let number = as_number(value);
    let (what, fits, bound) = match &constraint.keyword {
        Keyword::Enum(Choices::Fixed(choices)) => {
            let among = choices.iter().any(|choice| same(choice, value, schema.case_insensitive));
            return (!among).then(|| format!("is `{value}`, which `enum` does not have"));
        }
        Keyword::Const(only) => {
            return (only != value).then(|| format!("is `{value}`, not `{only}`"));
        }
        Keyword::Pattern(pattern) => {
            let text = value.as_str()?;
            let fits = Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
            return (!fits).then(|| format!("is `{text}`, which does not fit `{pattern}`"));
        }
        Keyword::MinLength(Bound::Fixed(bound)) => ("minLength", length? >= *bound, bound),
        Keyword::MaxLength(Bound::Fixed(bound)) => ("maxLength", length? <= *bound, bound),
        Keyword::Minimum(Bound::Fixed(bound)) => ("minimum", number? >= *bound, bound),
        Keyword::Maximum(Bound::Fixed(bound)) => ("maximum", number? <= *bound, bound),
        Keyword::ExclusiveMinimum(Bound::Fixed(bound)) => {
            ("exclusiveMinimum", number? > *bound, bound)
        }
        Keyword::ExclusiveMaximum(Bound::Fixed(bound)) => {
            ("exclusiveMaximum", number? < *bound, bound)
        }
        Keyword::MultipleOf(factor) => {
            let times = number? / factor;
            ("multipleOf", (times - times.round()).abs() < 1e-9, factor)
        }
        Keyword::MinItems(Bound::Fixed(bound)) => ("minItems", items? >= *bound, bound),
        Keyword::MaxItems(Bound::Fixed(bound)) => ("maxItems", items? <= *bound, bound),
        Keyword::MinProperties(Bound::Fixed(bound)) => ("minProperties", members? >= *bound, bound),
        Keyword::MaxProperties(Bound::Fixed(bound)) => ("maxProperties", members? <= *bound, bound),
        Keyword::UniqueItems => {
            let items = value.as_list()?;
            let twice = items
                .iter()
                .enumerate()
                .any(|(at, item)| items.iter().take(at).any(|other| other == item));
            return twice.then(|| "has an item twice".to_owned());
        }
        _ => return None,
    };
    (!fits).then(|| format!("breaks `{what}: {bound}`"))
}

/// Whether two values are the same, texts without regard to case if so wanted.
pub(super) fn same(one: &Value, two: &Value, case_insensitive: bool) -> bool {
    match (one, two) {
        (Value::Text(one), Value::Text(two)) if case_insensitive => {
            one.to_lowercase() == two.to_lowercase()
        }
        _ => one == two,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "lengths are compared with bounds, which are floats"
)]
fn count(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "bounds are compared as floats")]
fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(value) => Some(*value as f64),
        Value::Number(value) => Some(*value),
        _ => None,
    }
}
