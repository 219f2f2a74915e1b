//! Values, and one kind as another (XPath 1.0 sections 4.2 to 4.4).

use std::borrow::Cow;

use super::budget::Stop;
use super::number;
use super::tree::Tree;

/// What an expression gives.
pub(super) enum Value<'d> {
    /// Nodes in document order, none of them twice.
    Nodes(Vec<usize>),
    Number(f64),
    Boolean(bool),
    Text(Cow<'d, str>),
}

impl<'d> Value<'d> {
    pub(super) fn boolean(&self) -> bool {
        match self {
            Self::Nodes(nodes) => !nodes.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Boolean(value) => *value,
            Self::Text(text) => !text.is_empty(),
        }
    }

    pub(super) fn text(self, tree: &Tree<'d>) -> Result<Cow<'d, str>, Stop> {
        Ok(match self {
            Self::Nodes(nodes) => match nodes.first() {
                Some(first) => tree.text(*first)?,
                None => Cow::Borrowed(""),
            },
            Self::Number(number) => number::written(number).into(),
            Self::Boolean(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Self::Text(text) => text,
        })
    }

    pub(super) fn number(self, tree: &Tree<'d>) -> Result<f64, Stop> {
        Ok(match self {
            Self::Number(number) => number,
            Self::Boolean(value) => f64::from(u8::from(value)),
            other => number::parse(&other.text(tree)?),
        })
    }
}
