//! Expressions, texts and trees with the variables of a trial.
//!
//! Values come from names at each use; a trial works out few, and waits for the wire most of the
//! time.

use std::fmt::Write as _;
use std::sync::Arc;

use super::scope::{InVain, Missing, Scope};
use crate::expression::Reference;
use crate::model::{Expression, Text, TextPart, Tree};
use crate::source::Span;
use crate::value::{Items, Map, Value};

/// What could not be worked out.
#[derive(Debug, Clone)]
pub struct EvaluationError {
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// It needs a capture that its step did not make.
    pub(super) in_vain: Option<InVain>,
    /// The expression.
    pub span: Span,
}

impl EvaluationError {
    /// That an expression gives nothing where an answer is to be compared with what it gives.
    pub(super) fn absent(expression: &Expression) -> Self {
        let message = format!("`{}` gives nothing", written(&expression.span));
        Self { message, in_vain: None, span: expression.span.clone() }
    }
}

/// What is written somewhere, without quotes around.
pub(super) fn written(span: &Span) -> &str {
    span.text().trim().trim_matches(['"', '\''])
}

type Evaluated<T> = Result<T, EvaluationError>;

/// What a path of members leads to, as far as there is one: of a list, all of it is read.
fn read<'v>(mut value: &'v Value, members: &[Arc<str>]) -> Option<&'v Value> {
    for member in members {
        if matches!(value, Value::List(_)) {
            break;
        }
        value = value.get(member)?;
    }
    Some(value)
}

impl Scope<'_> {
    /// The values of what an expression looks at.
    fn gather(&self, expression: &Expression) -> Evaluated<Vec<Option<Value>>> {
        let parsed = &expression.parsed;
        let mut values = Vec::with_capacity(parsed.roots().len());
        for root in parsed.roots().iter() {
            let value = self.get(root, parsed.references()).map_err(|missing| {
                let (message, in_vain) = match missing {
                    Missing::Unknown(message) => (message, None),
                    Missing::NotCaptured(in_vain) => (in_vain.reason.clone(), Some(in_vain)),
                };
                EvaluationError { message, in_vain, span: expression.span.clone() }
            })?;
            values.push(value);
        }
        Ok(values)
    }

    /// The value of an expression; `None` when it is absent.
    pub fn value(&self, expression: &Expression) -> Evaluated<Option<Value>> {
        let values = self.gather(expression)?;
        let open = self.open_texts(expression, &values);
        let value = expression.parsed.evaluate(&values).map_err(|error| EvaluationError {
            message: error.message,
            in_vain: None,
            span: expression.span.clone(),
        })?;
        if let (Some(open), Some(value)) = (open, &value) {
            self.mask().borrow_mut().add_made(value, &open);
        }
        Ok(value)
    }

    /// What is no secret in what an expression makes, where it makes something of a secret.
    fn open_texts(&self, expression: &Expression, values: &[Option<Value>]) -> Option<Vec<String>> {
        let parsed = &expression.parsed;
        let mask = self.mask().borrow();
        // A path alone makes nothing.
        if mask.is_empty() || parsed.path().is_some() {
            return None;
        }
        let mut open = parsed.constants();
        let mut reads_a_secret = false;
        for reference in parsed.references() {
            let at = parsed.roots().iter().position(|root| *root == reference.root);
            let root = at.and_then(|at| values.get(at)?.as_ref());
            let Some(value) = root.and_then(|root| read(root, &reference.members)) else {
                continue;
            };
            match mask.holds_any_of(value) {
                true => reads_a_secret = true,
                false => open.extend(value.scalar_text().map(|text| text.to_string())),
            }
        }
        reads_a_secret.then_some(open)
    }

    /// What a reference leads to, as far as there is one.
    pub(super) fn read(&self, reference: &Reference) -> Option<Value> {
        let root = self.get(&reference.root, std::slice::from_ref(reference)).ok().flatten()?;
        read(&root, &reference.members).cloned()
    }

    /// Whether an expression is true.
    pub fn is_true(&self, expression: &Expression) -> Evaluated<bool> {
        let values = self.gather(expression)?;
        expression.parsed.is_true(&values).map_err(|error| EvaluationError {
            message: error.message,
            in_vain: None,
            span: expression.span.clone(),
        })
    }

    /// Puts a text together; null and absent give nothing.
    pub fn text(&self, text: &Text) -> Evaluated<Arc<str>> {
        self.put_together(text, false)
    }

    /// Puts a text together with which an answer is compared: where a part is absent, less would
    /// be asked than is written.
    pub(super) fn whole_text(&self, text: &Text) -> Evaluated<Arc<str>> {
        self.put_together(text, true)
    }

    /// Fills a tree in with which an answer is compared; `None` when it is absent as a whole.
    pub(super) fn whole_tree(&self, tree: &Tree) -> Evaluated<Option<Value>> {
        match tree {
            Tree::Text(text) => self.whole_text(text).map(|text| Some(Value::Text(text))),
            other => self.tree(other),
        }
    }

    fn put_together(&self, text: &Text, whole_only: bool) -> Evaluated<Arc<str>> {
        if let [TextPart::Literal(literal)] = &*text.parts {
            return Ok(literal.clone());
        }
        let mut whole = String::new();
        let mut given = Vec::new();
        for part in &text.parts {
            match part {
                TextPart::Literal(literal) => whole.push_str(literal),
                TextPart::Expression(expression) => match self.value(expression)? {
                    None if whole_only => return Err(EvaluationError::absent(expression)),
                    None | Some(Value::Null) => {}
                    Some(value) => {
                        let start = whole.len();
                        // Writing to a string cannot fail.
                        _ = write!(whole, "{value}");
                        given.push((start, whole.len()));
                    }
                },
            }
        }
        if !self.mask().borrow().is_empty() {
            for (start, end) in given {
                self.mask().borrow_mut().add_placed(&whole, start, end);
            }
        }
        Ok(whole.into())
    }

    /// Fills a tree in; `None` when it is absent as a whole.
    pub fn tree(&self, tree: &Tree) -> Evaluated<Option<Value>> {
        Ok(Some(match tree {
            Tree::Constant(value) => value.clone(),
            Tree::Expression(expression) => return self.value(expression),
            Tree::Text(text) => Value::Text(self.text(text)?),
            Tree::Map(members) => {
                let mut map = Map::with_capacity(members.len());
                for (name, tree) in members {
                    if let Some(value) = self.tree(tree)? {
                        map.push(name.clone(), value);
                    }
                }
                Value::map(map)
            }
            Tree::List(trees) => {
                let mut list = Vec::with_capacity(trees.len());
                for tree in trees {
                    list.extend(self.tree(tree)?);
                }
                Value::list(list)
            }
            Tree::ForEach { list, name, at, item } => {
                let items = self.items(list)?;
                let mut made = Vec::with_capacity(items.len());
                for (place, value) in items.iter().enumerate() {
                    made.extend(self.with_item(name, value.clone(), || match at {
                        Some(at) => self.with_item(at, Value::count(place), || self.tree(item)),
                        None => self.tree(item),
                    })?);
                }
                Value::list(made)
            }
            Tree::If { condition, then, otherwise } => {
                return match (self.is_true(condition)?, otherwise) {
                    (true, _) => self.tree(then),
                    (false, Some(otherwise)) => self.tree(otherwise),
                    (false, None) => Ok(None),
                };
            }
        }))
    }

    /// As in a spec, what is neither a list nor nothing is the only item.
    fn items(&self, list: &Expression) -> Evaluated<Items> {
        Ok(match self.value(list)? {
            None | Some(Value::Null) => Items::default(),
            Some(Value::List(items)) => items,
            Some(single) => vec![single].into(),
        })
    }
}
