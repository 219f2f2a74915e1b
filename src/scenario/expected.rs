//! Expected trees: values, with matchers in place of some.

use std::sync::Arc;

use super::{ExpectedSchema, Given};
use crate::model::{Expression, Format, Text, Tree, Type};
use crate::source::Span;

/// An expected tree. Each node knows where it is written, so that a mismatch can point there.
#[derive(Debug)]
pub struct Expected {
    /// What is expected.
    pub kind: ExpectedKind,
    /// Where it is written.
    pub span: Span,
}

/// What is expected of a body as bytes.
#[derive(Debug)]
pub struct ExpectedBytes {
    /// All of them.
    pub content: Option<(Given<Arc<[u8]>>, Span)>,
    /// Their SHA-256, as hexadecimal digits in lower case.
    pub sha256: Option<(Arc<str>, Span)>,
    /// How many there are.
    pub length: Option<Expected>,
}

/// What is expected.
#[derive(Debug)]
pub enum ExpectedKind {
    /// A scalar, or a value that an expression gives: to be equal.
    Value(Tree),
    /// Members. Whether there may be more depends on what is around.
    Map(Vec<(Arc<str>, Expected)>),
    /// Items in order.
    List(Vec<Expected>),
    /// A matcher.
    Matcher(Box<Matcher>),
    /// What a column holds, by the positions of the rows.
    ByRow(Vec<Arc<Expected>>),
}

/// Something that fits more than one value.
#[derive(Debug)]
pub enum Matcher {
    /// `$any`.
    Any,
    /// `$type`; `None` is `null`.
    Type(Option<Type>),
    /// `$regex`; one without expressions is known to be one.
    Regex(Text),
    /// `$contains`.
    Contains(Expected),
    /// `$range`.
    Range(Option<Tree>, Option<Tree>),
    /// `$oneOf`.
    OneOf(Vec<Expected>),
    /// `$not`.
    Not(Expected),
    /// `$absent`.
    Absent,
    /// `$nil`.
    Nil,
    /// `$empty`.
    Empty,
    /// `$unordered`.
    Unordered(Vec<Expected>),
    /// `$each`.
    Each(Expected),
    /// `$length`.
    Length(Expected),
    /// `$includes`.
    Includes(Expected),
    /// `$exactly`.
    Exactly(Expected),
    /// `$time`.
    Time {
        /// Near this; any time where there is none.
        near: Option<Tree>,
        /// How near.
        within: std::time::Duration,
    },
    /// `$format`.
    Format(Format),
    /// `$all`.
    All(Vec<Expected>),
    /// `$sorted`.
    Sorted(Sorted),
    /// `$unique`; by a member where one is given.
    Unique(Option<Arc<str>>),
    /// `$assert`: true of `it`.
    Assert(Expression),
    /// `$schema`.
    Schema(ExpectedSchema),
}

/// How a list is sorted.
#[derive(Debug)]
pub struct Sorted {
    /// By a member of its items; by the items themselves where there is none.
    pub by: Option<Arc<str>>,
    /// The greatest first.
    pub descending: bool,
}

/// The statuses that are expected.
#[derive(Debug)]
pub enum Status {
    /// Any of these; a class such as `2xx` is its first digit.
    OneOf(Vec<StatusRange>, Span),
    /// None of these.
    Not(Vec<StatusRange>, Span),
    /// What an expression gives: a number, a text such as `2xx`, or a list of them.
    Expression(Tree, Span),
    /// What a column holds, by the positions of the rows; none where that is a mistake.
    ByRow(Vec<Arc<Option<Status>>>),
}

/// One status, or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusRange {
    /// This one.
    Exactly(u16),
    /// All with this first digit.
    Class(u16),
}
