//! Something that is not the same on both sides.

use super::correspondence::Correspondence;
use crate::value::Value;

/// Something that is not the same on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where: `status`, `header Location`, `$.contact.mail`, `/contact/mail`, `$.list order`.
    pub path: String,
    /// What the left side has there.
    pub left: Option<Value>,
    /// What the right side has there.
    pub right: Option<Value>,
    /// What makes it one difference wherever it comes: where it is, but for positions in lists, and
    /// both values, but for what only its trial has. Of values of two kinds, such as a number and
    /// its text, or nothing, only the kinds.
    pub identity: String,
}

impl Difference {
    /// At a path; `place` is the same for all items of a list.
    pub(super) fn new(
        path: String,
        place: &str,
        [left, right]: [Option<Value>; 2],
        correspondence: &Correspondence<'_>,
    ) -> Self {
        let kinds = [&left, &right].map(|side| side.as_ref().map_or("nothing", Value::kind));
        let values = match (&left, &right) {
            (Some(left), Some(right)) if kinds[0] == kinds[1] => {
                correspondence.neutral(&left.to_string(), &right.to_string())
            }
            _ => kinds.map(str::to_owned),
        };
        let identity = format!("{place}\n{}\n{}", values[0], values[1]);
        Self { path, left, right, identity }
    }

    /// At a path that is not in a list.
    pub(super) fn at(
        path: &str,
        sides: [Option<Value>; 2],
        correspondence: &Correspondence<'_>,
    ) -> Self {
        Self::new(path.to_owned(), path, sides, correspondence)
    }
}
