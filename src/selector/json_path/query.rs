//! What an expression says, typed as RFC 9535 section 2.4.3 asks for.

use std::sync::Arc;

use super::pattern::Pattern;
use crate::value::Value;

/// Segments, one after the other.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) segments: Vec<Segment>,
}

impl Query {
    /// RFC 9535 section 2.3.5.1.
    pub(super) fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| {
            !segment.descends
                && matches!(&*segment.selectors, [Selector::Name(_) | Selector::Index(_)])
        })
    }
}

/// One step down, or any number of them.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) descends: bool,
    pub(super) selectors: Vec<Selector>,
}

#[derive(Debug)]
pub(super) enum Selector {
    Name(Arc<str>),
    Wildcard,
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Filter(Test),
}

/// Is true or false of an item.
#[derive(Debug)]
pub(super) enum Test {
    Or(Vec<Test>),
    And(Vec<Test>),
    Not(Box<Test>),
    /// The path selects something.
    Exists(Path),
    Matches(Box<Matching>),
    Comparison(Operand, Operator, Operand),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A query in a filter.
#[derive(Debug)]
pub(super) struct Path {
    /// It starts at the root (`$`), not at the item (`@`).
    pub(super) absolute: bool,
    pub(super) query: Query,
}

/// What gives a value, or nothing.
#[derive(Debug)]
pub(super) enum Operand {
    Literal(Value),
    /// A singular path.
    Path(Path),
    Length(Box<Operand>),
    Count(Path),
    Value(Path),
}

/// `match`, or `search`.
#[derive(Debug)]
pub(super) struct Matching {
    /// The pattern has to be found in the whole text.
    pub(super) whole: bool,
    pub(super) text: Operand,
    pub(super) pattern: Written,
}

/// A pattern that is written in the expression, or that a document has.
#[derive(Debug)]
pub(super) enum Written {
    Here(Pattern),
    Elsewhere(Operand),
}
