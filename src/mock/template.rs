//! Texts that are put together later than what they look at is known: only the time is still open.

use std::sync::Arc;

use jiff::Timestamp;

use crate::expression::parse;
use crate::model::TextPart;
use crate::plan::names::Slot;
use crate::plan::value::{EvaluationError, Scope, Text};
use crate::value::Value;

/// The variable that is still open.
const NOW: &str = "now";

/// A text in which nothing is open but the time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// As it stands.
    Text(Arc<str>),
    /// What an expression gives.
    Open {
        /// The expression.
        expression: Arc<str>,
        /// The values of its other variables, as far as it looks at them.
        known: Value,
    },
}

impl Template {
    /// Puts together what does not depend on the time.
    pub(super) fn new(text: &Text, scope: &Scope) -> Result<Self, EvaluationError> {
        let mut template = Self::default();
        let mut settled = String::new();
        for part in &text.parts {
            let open = match part {
                TextPart::Literal(_) => None,
                TextPart::Expression(expression) => expression.open(Slot::NOW, scope),
            };
            match open {
                Some((expression, known)) => {
                    template.settle(&mut settled);
                    let known = Value::map(known);
                    template.pieces.push(Piece::Open { expression, known });
                }
                None => part.render_to(&mut settled, scope)?,
            }
        }
        template.settle(&mut settled);
        Ok(template)
    }

    fn settle(&mut self, settled: &mut String) {
        if !settled.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(settled).into()));
        }
    }

    /// Whether it is another text at another time.
    pub fn is_open(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Open { .. }))
    }

    /// The text at that time; fails with what is wrong, where it costs too much.
    pub fn at(&self, time: Timestamp) -> Result<Arc<str>, String> {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(settled) if self.pieces.len() == 1 => return Ok(settled.clone()),
                Piece::Text(settled) => text.push_str(settled),
                Piece::Open { expression, known } => {
                    text.push_str(&worked_out(expression, known, time)?);
                }
            }
        }
        Ok(text.into())
    }

    /// All of it as a value: a text, where nothing is open.
    pub fn value(&self) -> Value {
        match self.pieces.as_slice() {
            [] => Value::text(""),
            [Piece::Text(text)] => Value::Text(text.clone()),
            pieces => Value::list(pieces.iter().map(Piece::value).collect()),
        }
    }

    /// What [`Self::value`] says.
    pub fn read(value: &Value) -> Option<Self> {
        let pieces = match value {
            Value::Text(text) if text.is_empty() => Vec::new(),
            Value::List(pieces) => pieces.iter().map(Piece::read).collect::<Option<_>>()?,
            text => vec![Piece::read(text)?],
        };
        Some(Self { pieces })
    }
}

impl Piece {
    fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.clone()),
            Self::Open { expression, known } => {
                let members = [
                    ("expression".into(), Value::Text(expression.clone())),
                    ("known".into(), known.clone()),
                ];
                Value::map(members.into_iter().collect())
            }
        }
    }

    fn read(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value {
            return Some(Self::Text(text.clone()));
        }
        match value.get("expression")? {
            Value::Text(expression) => {
                let known = value.get("known")?.clone();
                Some(Self::Open { expression: expression.clone(), known })
            }
            _ => None,
        }
    }
}

fn worked_out(expression: &str, known: &Value, time: Timestamp) -> Result<String, String> {
    let said = |message: &str| format!("`{expression}`: {message}");
    let parsed = parse(expression).map_err(|error| said(&error.message))?;
    let values = parsed.roots().iter().map(|root| match &**root {
        NOW => Some(Value::from(time.to_string())),
        other => known.get(other).cloned(),
    });
    let values: Vec<Option<Value>> = values.collect();
    let value = parsed.evaluate(&values).map_err(|error| said(&error.message))?;
    Ok(match value {
        None | Some(Value::Null) => String::new(),
        Some(value) => value.to_string(),
    })
}
