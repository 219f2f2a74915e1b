//! What an expression says, as a tree.

use std::sync::Arc;

use super::axis::Axis;
use super::function::Function;
use super::kind::Kind;

/// An expression. Operators of one rank stand beside each other and not in each other, so that the
/// tree is as deep as the brackets.
#[derive(Debug)]
pub(super) enum Expression {
    /// A number.
    Number(f64),
    /// A text in quotes.
    Literal(Arc<str>),
    /// Operands with the operators of one rank between them, which are done from left to right.
    Chain(Box<Expression>, Vec<(Operator, Expression)>),
    /// Minus signs before an operand, which make a number of it: an odd number of them or not.
    Signed(bool, Box<Expression>),
    /// The nodes of all.
    Union(Vec<Expression>),
    /// Steps from nodes to nodes.
    Path(Start, Vec<Step>),
    /// A call of a function.
    Call(&'static Function, Vec<Expression>),
}

/// Where a path starts.
#[derive(Debug)]
pub(super) enum Start {
    /// At the root of the document.
    Root,
    /// At the context node.
    Context,
    /// At the nodes that an expression gives and predicates leave.
    Nodes(Box<Expression>, Vec<Expression>),
}

/// A step of a path.
#[derive(Debug)]
pub(super) struct Step {
    /// Which way it goes.
    pub(super) axis: Axis,
    /// Which nodes it takes there.
    pub(super) test: Test,
    /// What has to hold for them, one predicate after the other.
    pub(super) predicates: Vec<Expression>,
}

/// Which nodes of an axis are meant.
#[derive(Debug)]
pub(super) enum Test {
    /// `node()`.
    Node,
    /// `text()`.
    Text,
    /// `*`.
    Any,
    /// `prefix:*`.
    In(Arc<str>),
    /// A name; without prefix it is in no namespace (section 2.3).
    Named(Option<Arc<str>>, Arc<str>),
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
}

impl Expression {
    /// What it gives.
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Number(_) | Self::Signed(..) => Kind::Number,
            Self::Literal(_) => Kind::Text,
            Self::Chain(_, rest) => match rest.first() {
                Some((operator, _)) if operator.is_arithmetic() => Kind::Number,
                _ => Kind::Boolean,
            },
            Self::Union(_) | Self::Path(..) => Kind::Nodes,
            Self::Call(function, _) => function.gives,
        }
    }
}

impl Operator {
    fn is_arithmetic(self) -> bool {
        matches!(self, Self::Plus | Self::Minus | Self::Times | Self::Divide | Self::Modulo)
    }
}
