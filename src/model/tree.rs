//! Values that are worked out for each request.

use std::sync::Arc;

use super::stage::{Checked, Foldable, Folder, Stage};
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
pub struct Text<S: Stage = Checked> {
    /// The pieces in order.
    pub parts: Vec<TextPart<S>>,
}

/// A piece of a [`Text`].
#[derive(Debug, Clone)]
pub enum TextPart<S: Stage = Checked> {
    /// As it stands.
    Literal(Arc<str>),
    /// What the expression gives; null and absent give nothing.
    Expression(S::Expression),
}

impl<S: Stage> Text<S> {
    /// A text without expressions.
    pub fn literal(text: &str) -> Self {
        Self { parts: vec![TextPart::Literal(text.into())] }
    }

    /// The text, where it has no expressions.
    pub fn constant(&self) -> Option<&Arc<str>> {
        match self.parts.as_slice() {
            [TextPart::Literal(literal)] => Some(literal),
            _ => None,
        }
    }

    /// The expression, where there is nothing else.
    pub fn expression(&self) -> Option<&S::Expression> {
        match self.parts.as_slice() {
            [TextPart::Expression(expression)] => Some(expression),
            _ => None,
        }
    }
}

impl Text {
    /// As it is written in the file.
    pub fn written(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            TextPart::Literal(literal) => literal.to_string(),
            TextPart::Expression(expression) => format!("${{{}}}", expression.span.text().trim()),
        });
        parts.collect()
    }
}

/// A tree of data in which leaves may be worked out.
#[derive(Debug, Clone)]
pub enum Tree<S: Stage = Checked> {
    /// Always the same.
    Constant(Value),
    /// The value of an expression, with its type.
    Expression(S::Expression),
    /// Text put together.
    Text(Text<S>),
    /// Members in order; one whose value is absent is left out.
    Map(Vec<(Arc<str>, Tree<S>)>),
    /// Items in order; one that is absent is left out.
    List(Vec<Tree<S>>),
    /// An item for each item of a list.
    ForEach {
        /// Gives the list; null and absent are a list of nothing.
        list: S::Expression,
        /// What an item is called.
        name: S::Variable,
        /// What its position is called, from 0.
        at: Option<S::Variable>,
        /// What is made of it.
        item: Box<Tree<S>>,
    },
    /// One of two, or nothing.
    If {
        /// Decides.
        condition: S::Expression,
        /// When it is true.
        then: Box<Tree<S>>,
        /// When it is not.
        otherwise: Option<Box<Tree<S>>>,
    },
}

impl Foldable for Text {
    type At<S: Stage> = Text<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        Text { parts: self.parts.fold(folder) }
    }
}

impl Foldable for TextPart {
    type At<S: Stage> = TextPart<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        match self {
            Self::Literal(literal) => TextPart::Literal(literal.clone()),
            Self::Expression(expression) => TextPart::Expression(expression.fold(folder)),
        }
    }
}

impl Foldable for Tree {
    type At<S: Stage> = Tree<S>;

    fn fold<F: Folder>(&self, folder: &mut F) -> Self::At<F::To> {
        match self {
            Self::Constant(value) => Tree::Constant(value.clone()),
            Self::Expression(expression) => Tree::Expression(expression.fold(folder)),
            Self::Text(text) => Tree::Text(text.fold(folder)),
            Self::Map(members) => Tree::Map(members.fold(folder)),
            Self::List(items) => Tree::List(items.fold(folder)),
            Self::ForEach { list, name, at, item } => Tree::ForEach {
                list: list.fold(folder),
                name: name.fold(folder),
                at: at.fold(folder),
                item: item.fold(folder),
            },
            Self::If { condition, then, otherwise } => Tree::If {
                condition: condition.fold(folder),
                then: then.fold(folder),
                otherwise: otherwise.fold(folder),
            },
        }
    }
}
