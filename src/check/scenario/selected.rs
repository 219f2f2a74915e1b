//! Whether what is expected of a path is what such a path can give: one value, or a list.

use super::Reader;
use super::matcher::Around;
use crate::diagnostic::Diagnostic;
use crate::model::{Tree, Type};
use crate::scenario::{Expected, ExpectedKind, Matcher, Selector};
use crate::selector::json_path;
use crate::source::Located;
use crate::syntax::{Node, ReadNode};
use crate::value::Value;

/// What a path gives, whatever the answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    /// It cannot be told before it is put together.
    Unknown,
    /// Whatever stands there, a list too.
    Value,
    /// A text, a number or a truth value.
    Text,
    /// A list.
    List,
}

impl Gives {
    pub(super) fn of_json_path(path: &Selector) -> Self {
        match path.fixed().map(json_path::compile) {
            Some(Ok(path)) if path.is_singular() => Self::Value,
            Some(Ok(_)) => Self::List,
            Some(Err(_)) | None => Self::Unknown,
        }
    }
}

impl<'n> Reader<'n, '_> {
    /// What is expected of what a path gives.
    pub(super) fn selected(
        &mut self,
        path: &Located<String>,
        node: &'n Node,
        gives: Gives,
    ) -> Expected {
        let around = if gives == Gives::List { Around::Tree } else { Around::Member };
        let known = self.reported();
        let expected = self.expected(node, around);
        if self.reported() > known {
            return expected;
        }
        let path = &path.value;
        let all = match &expected.kind {
            ExpectedKind::ByRow(rows) => rows.iter().map(|row| &**row).collect(),
            _ => vec![&expected],
        };
        for one in all {
            let (message, label, help) = match (gives, is_list(one)) {
                (Gives::List, Some(false)) => (
                    format!("`{path}` gives a list, since it can select several values"),
                    "is not a list",
                    "write `[...]` around what is expected, or `{$contains: ...}`".to_owned(),
                ),
                (Gives::Text, Some(true)) => (
                    format!("`{path}` gives one value under `xpath`"),
                    "is a list",
                    format!("the list of all that it selects is `nodes: {{\"{path}\": [...]}}`"),
                ),
                _ => continue,
            };
            let diagnostic = Diagnostic::error("no-match", message, &one.span, label).help(help);
            self.report(diagnostic);
        }
        expected
    }
}

/// Whether only a list can fit, or none; nothing where both can, or where it is not known.
fn is_list(expected: &Expected) -> Option<bool> {
    let all_are = |all: &[Expected], is: bool| all.iter().all(|one| is_list(one) == Some(is));
    let any_is = |all: &[Expected], is: bool| all.iter().any(|one| is_list(one) == Some(is));
    match &expected.kind {
        ExpectedKind::List(_) => Some(true),
        ExpectedKind::Map(_) | ExpectedKind::Value(Tree::Text(_)) => Some(false),
        ExpectedKind::Value(Tree::Constant(value)) => Some(matches!(value, Value::List(_))),
        ExpectedKind::Value(_) | ExpectedKind::ByRow(_) => None,
        ExpectedKind::Matcher(matcher) => match &**matcher {
            Matcher::Unordered(_) | Matcher::Each(_) | Matcher::Sorted(_) | Matcher::Unique(_) => {
                Some(true)
            }
            Matcher::Type(kind) => Some(*kind == Some(Type::Array)),
            Matcher::Regex(_)
            | Matcher::Range(..)
            | Matcher::Nil
            | Matcher::Time { .. }
            | Matcher::Format(_)
            | Matcher::Includes(_)
            | Matcher::Exactly(_) => Some(false),
            Matcher::OneOf(all) if all_are(all, true) => Some(true),
            Matcher::OneOf(all) if all_are(all, false) => Some(false),
            Matcher::All(all) if any_is(all, true) => Some(true),
            Matcher::All(all) if any_is(all, false) => Some(false),
            _ => None,
        },
    }
}
