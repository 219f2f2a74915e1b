//! What a constraint has against a value that nobody sent: a fixed one of the spec, or one in an
//! answer. Requests are checked by what is compiled of it.

use std::cmp::Ordering;

use regex_lite::Regex;

use super::{Bound, Choices, Constraint, Keyword};
use crate::value::Value;

/// How a value breaks a constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The constraint, such as `maxLength: 25`.
    pub constraint: String,
    /// What is wrong, to stand behind the name of the value: `breaks maxLength: 25`.
    pub message: String,
}

impl Constraint {
    /// How a value breaks the constraint. One that has a condition, is worked out for a request
    /// or speaks of other values is never broken.
    pub fn breach(&self, value: &Value, case_insensitive: bool) -> Option<Breach> {
        if self.when.is_some() {
            return None;
        }
        let length = value.as_str().map(|text| Value::count(text.chars().count()));
        let items = value.as_list().map(|items| Value::count(items.len()));
        let members = value.members().map(|members| Value::count(members.count()));
        let number = value.is_number().then_some(value);
        let compared = |value: &Value, bound: &Value| value.compare_numbers(bound);
        let least = |value: &Value, bound| compared(value, bound).is_none_or(Ordering::is_ge);
        let most = |value: &Value, bound| compared(value, bound).is_none_or(Ordering::is_le);
        let (what, fits, bound) = match &self.keyword {
            Keyword::MinLength(Bound::Fixed(bound)) => ("minLength", least(&length?, bound), bound),
            Keyword::MaxLength(Bound::Fixed(bound)) => ("maxLength", most(&length?, bound), bound),
            Keyword::Minimum(Bound::Fixed(bound)) => ("minimum", least(number?, bound), bound),
            Keyword::Maximum(Bound::Fixed(bound)) => ("maximum", most(number?, bound), bound),
            Keyword::ExclusiveMinimum(Bound::Fixed(bound)) => {
                ("exclusiveMinimum", !most(number?, bound), bound)
            }
            Keyword::ExclusiveMaximum(Bound::Fixed(bound)) => {
                ("exclusiveMaximum", !least(number?, bound), bound)
            }
            Keyword::MultipleOf(factor) => {
                ("multipleOf", value.is_multiple_of(factor) != Some(false), factor)
            }
            Keyword::MinItems(Bound::Fixed(bound)) => ("minItems", least(&items?, bound), bound),
            Keyword::MaxItems(Bound::Fixed(bound)) => ("maxItems", most(&items?, bound), bound),
            Keyword::MinProperties(Bound::Fixed(bound)) => {
                ("minProperties", least(&members?, bound), bound)
            }
            Keyword::MaxProperties(Bound::Fixed(bound)) => {
                ("maxProperties", most(&members?, bound), bound)
            }
            other => return in_itself(other, value, case_insensitive),
        };
        (!fits).then(|| {
            let constraint = format!("{what}: {bound}");
            Breach { message: format!("breaks `{constraint}`"), constraint }
        })
    }
}

/// The constraints that are no bounds.
fn in_itself(keyword: &Keyword, value: &Value, case_insensitive: bool) -> Option<Breach> {
    let (fits, constraint, message) = match keyword {
        Keyword::Enum(Choices::Fixed(choices)) => {
            let among = choices.iter().any(|choice| choice.is_same(value, case_insensitive));
            let message = format!("is `{value}`, which `enum` does not have");
            (among, format!("enum: {}", Value::list(choices.clone())), message)
        }
        Keyword::Const(only) => (
            only.is_same(value, case_insensitive),
            format!("const: {only}"),
            format!("is `{value}`, not `{only}`"),
        ),
        Keyword::Pattern(pattern) => {
            let text = value.as_str()?;
            let fits = Regex::new(pattern).is_ok_and(|regex| regex.is_match(text));
            let message = format!("is `{text}`, which does not fit `{pattern}`");
            (fits, format!("pattern: {pattern}"), message)
        }
        Keyword::Format(format) => {
            let name = format.name();
            let message = format!("is `{value}`, which does not have the form {name}");
            (format.fits(value), format!("format: {name}"), message)
        }
        Keyword::UniqueItems => {
            let items = value.as_list()?;
            let twice = items
                .iter()
                .enumerate()
                .any(|(at, item)| items.iter().take(at).any(|other| other == item));
            (!twice, "uniqueItems: true".to_owned(), "has an item twice".to_owned())
        }
        _ => return None,
    };
    (!fits).then_some(Breach { constraint, message })
}
