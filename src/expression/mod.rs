//! Expressions: the text between `${` and `}`, read once when a spec is loaded.
//!
//! [`split`] finds expressions in a text, [`parse`] reads one into a tree, which says what it
//! looks at, and [`Parsed::evaluate`] works the tree out over the values of its variables. The
//! language is that of Jinja's expressions; numbers are exact.

mod calls;
mod comprehension;
mod cost;
mod cursor;
mod evaluate;
mod filters;
mod fold;
mod given;
mod items;
mod kinds;
mod lexer;
mod numbers;
mod operators;
mod parser;
mod predicates;
mod references;
mod split;
mod tree;

#[cfg(test)]
mod data;
#[cfg(test)]
mod meaning;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod reference;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::value::Value;
pub use items::{Hop, ItemReference};
pub use operators::truth;
pub use split::{Piece, holds_expression, split};

use cost::Fault;
use evaluate::Evaluation;
use tree::{Kind, Node};

const TOO_COSTLY: &str = "it takes too many steps or makes too much text";

/// An expression that was read.
pub struct Parsed {
    text: Arc<str>,
    tree: Node,
    roots: Arc<[Arc<str>]>,
    references: Vec<Reference>,
    items: Vec<ItemReference>,
    path: Option<Reference>,
}

impl fmt::Debug for Parsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}}}", self.text)
    }
}

/// A name that an expression looks at, with the members behind it: `book.title`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The variable.
    pub root: Arc<str>,
    /// The members, outermost first.
    pub members: Vec<Arc<str>>,
    /// The expression asks whether it is there, and can do without it.
    pub optional: bool,
}

impl Reference {
    /// As it is written.
    pub fn dotted(&self) -> String {
        let mut text = self.root.to_string();
        for member in &self.members {
            let plain = member.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && member.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            match plain {
                true => text.extend([".", member]),
                false => text.extend(["['", member, "']"]),
            }
        }
        text
    }
}

/// Why an expression could not be read or worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// Whether it is an expression, but a constant in it does not fit.
    pub is_read: bool,
    /// What is wrong, as a fragment.
    pub message: String,
    /// Where in the expression's text, in bytes, if known.
    pub range: Option<Range<usize>>,
}

impl ExpressionError {
    fn at(message: impl Into<String>, range: Range<usize>) -> Self {
        Self { is_read: false, message: message.into(), range: Some(range) }
    }
}

/// One sentence without a full stop.
impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.is_read {
            true => "an expression that can't be worked out",
            false => "not an expression",
        };
        write!(f, "{what}: {}", self.message)
    }
}

/// The values of an expression's variables.
pub trait Variables {
    /// The value of the variable with that place in [`Parsed::roots`]; `None` when it is absent.
    fn variable(&self, root: usize) -> Option<&Value>;
}

impl Variables for [Option<Value>] {
    fn variable(&self, root: usize) -> Option<&Value> {
        self.get(root)?.as_ref()
    }
}

impl Variables for Vec<Option<Value>> {
    fn variable(&self, root: usize) -> Option<&Value> {
        self.get(root)?.as_ref()
    }
}

/// What a constant looks at.
struct NoVariables;

impl Variables for NoVariables {
    fn variable(&self, _root: usize) -> Option<&Value> {
        None
    }
}

/// Reads an expression and works out what is constant in it.
///
/// Takes the text between `${` and `}`. Fails with the place of the first thing that is not an
/// expression, of the first filter or test that does not exist, and of the first constant that
/// does not fit: `'a' + 1`.
pub fn parse(text: &str) -> Result<Parsed, ExpressionError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(ExpressionError {
            is_read: false,
            message: "an empty expression".to_owned(),
            range: None,
        });
    }
    let (mut tree, roots) = parser::read(trimmed)?;
    let path = references::path(&tree, &roots);
    let references = references::references(&tree, &roots);
    let items = items::items(&tree, &roots);
    fold::fold(&mut tree)?;
    Ok(Parsed { text: trimmed.into(), tree, roots: roots.into(), references, items, path })
}

impl Parsed {
    /// The expression as written, without the braces.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names it looks at, with their members as far as these are written out; each once, in
    /// the order of the alphabet.
    pub fn references(&self) -> &[Reference] {
        &self.references
    }

    /// What it looks at in the items of lists; each once, in the order of the alphabet.
    pub fn items(&self) -> &[ItemReference] {
        &self.items
    }

    /// The texts and the numbers in it that depend on no variable.
    pub fn constants(&self) -> Vec<String> {
        fn add(node: &Node, constants: &mut Vec<String>) {
            if let Kind::Constant(Some(value)) = &node.kind {
                constants.extend(value.scalar_text().map(|text| text.to_string()));
            }
            node.each_part(&mut |part| add(part, constants));
        }
        let mut constants = Vec::new();
        add(&self.tree, &mut constants);
        constants
    }

    /// What it always is, if that is always the same and there.
    pub fn constant(&self) -> Option<Value> {
        self.tree.constant()?.clone()
    }

    /// The whole expression as a path, when it is nothing else.
    pub fn path(&self) -> Option<&Reference> {
        self.path.as_ref()
    }

    /// A value of the kind of which its value always is, if there is one and is not absent: 1 of
    /// numbers.
    pub fn sample(&self) -> Option<Value> {
        kinds::sample(&self.tree)
    }

    /// The distinct variables it looks at.
    pub fn roots(&self) -> &Arc<[Arc<str>]> {
        &self.roots
    }

    /// Works it out; gives `None` when the result is absent.
    ///
    /// An operation that does not fit its operands gives nothing. Fails only when the expression
    /// costs too much for these values.
    pub fn evaluate(&self, variables: &dyn Variables) -> Result<Option<Value>, ExpressionError> {
        let value =
            Evaluation::new(variables).value(&self.tree).map_err(|fault| self.failed(fault))?;
        Ok(value.map(Cow::into_owned))
    }

    /// Why it has no value although all is there that it looks at: an operation that does not fit
    /// its operands.
    pub fn misfit(&self, variables: &dyn Variables) -> Option<Cow<'static, str>> {
        let is_there = |reference: &Reference| {
            let at = self.roots.iter().position(|root| *root == reference.root)?;
            let value = variables.variable(at)?;
            reference.members.iter().try_fold(value, |value, member| value.get(member))
        };
        if !self.references.iter().all(|reference| is_there(reference).is_some()) {
            return None;
        }
        match Evaluation::strict(variables).value(&self.tree) {
            Err(Fault::Misfit { message, .. }) => Some(message),
            _ => None,
        }
    }

    /// Works it out to whether it is true: false, null, zero, empty and absent are not.
    pub fn is_true(&self, variables: &dyn Variables) -> Result<bool, ExpressionError> {
        Evaluation::new(variables).is_true(&self.tree).map_err(|fault| self.failed(fault))
    }

    fn failed(&self, fault: Fault) -> ExpressionError {
        let whole = Some(0..self.text.len());
        match fault {
            Fault::Misfit { message, range } => ExpressionError {
                is_read: true,
                message: message.into_owned(),
                range: range.or(whole),
            },
            Fault::Cost => {
                ExpressionError { is_read: true, message: TOO_COSTLY.to_owned(), range: whole }
            }
        }
    }
}
