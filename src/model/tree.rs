//! Values that are worked out for each request.

use std::sync::Arc;

use crate::expression::Parsed;
use crate::source::Span;
use crate::value::Value;

/// A `${...}` that was read and whose names are known.
#[derive(Debug, Clone)]
pub struct Expression {
    /// The expression.
    pub parsed: Arc<Parsed>,
    /// Where it stands.
    pub span: Span,
}

/// Text with expressions in it.
#[derive(Debug, Clone)]
pub struct Text {
    /// The pieces in order.
    pub parts: Vec<TextPart>,
}

/// A piece of a [`Text`].
#[derive(Debug, Clone)]
pub enum TextPart {
    /// As it stands.
    Literal(Arc<str>),
    /// What the expression gives; null and absent give nothing.
    Expression(Expression),
}

/// A tree of data in which leaves may be worked out.
#[derive(Debug, Clone)]
pub enum Tree {
    /// Always the same.
    Constant(Value),
    /// The value of an expression, with its type.
    Expression(Expression),
    /// Text put together.
    Text(Text),
    /// Members in order; one whose value is absent is left out.
    Map(Vec<(Arc<str>, Tree)>),
    /// Items in order; one that is absent is left out.
    List(Vec<Tree>),
    /// An item for each item of a list.
    ForEach {
        /// Gives the list; null and absent are a list of nothing.
        list: Expression,
        /// What an item is called.
        name: Arc<str>,
        /// What is made of it.
        item: Box<Tree>,
    },
    /// One of two, or nothing.
    If {
        /// Decides.
        condition: Expression,
        /// When it is true.
        then: Box<Tree>,
        /// When it is not.
        otherwise: Option<Box<Tree>>,
    },
}
