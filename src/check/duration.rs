//! Durations, and other texts in which nothing is worked out.

use std::sync::Arc;
use std::time::Duration;

use super::reader::TreeReader;
use crate::clock;
use crate::diagnostic::Diagnostic;
use crate::expression::holds_expression;
use crate::source::{Located, Span};
use crate::syntax::{Node, NodeKind, ReadNode};

impl<'n> TreeReader<'n> {
    /// A text that cannot hold expressions.
    pub(in crate::check) fn fixed(&mut self, node: &'n Node) -> Option<Located<Arc<str>>> {
        let text = self.read_text(node)?;
        self.constant(node);
        (!holds_expression(&text.value)).then_some(text)
    }

    /// A duration that is not negative.
    pub(in crate::check) fn duration(&mut self, node: &'n Node) -> Option<Duration> {
        if matches!(node.kind, NodeKind::Integer(_) | NodeKind::Number(_)) {
            self.no_duration(node.span.text(), clock::DurationError::Malformed, &node.span);
            return None;
        }
        let text = self.fixed(node)?;
        match clock::parse_duration(&text.value) {
            Ok(duration) => {
                let duration = Duration::try_from(duration).ok();
                if duration.is_none() {
                    let message = "a duration here is not negative";
                    self.error("bad-duration", message, &text.span, "is negative");
                }
                duration
            }
            Err(error) => {
                self.no_duration(&text.value, error, &text.span);
                None
            }
        }
    }

    fn no_duration(&mut self, written: &str, error: clock::DurationError, span: &Span) {
        let message = match error {
            clock::DurationError::Malformed => format!("`{written}` is {error}"),
            _ => format!("`{written}` is not a duration here: {error}"),
        };
        let mut diagnostic = Diagnostic::error("bad-duration", message, span, "cannot be read");
        if let Some(meant) = clock::duration_meant(written) {
            diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
        }
        self.report(diagnostic);
    }
}
