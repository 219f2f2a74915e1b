//! A place to put mistakes while reading goes on.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity, did_you_mean};
use crate::source::Span;

/// The mistakes found so far.
#[derive(Debug, Default)]
pub struct Problems {
    list: Vec<Diagnostic>,
}

impl Problems {
    /// Adds one, unless the same was said already: what is shared is read wherever it is used.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let place = |d: &Diagnostic| {
            d.primary
                .as_ref()
                .map(|label| (Arc::as_ptr(&label.span.source), label.span.start, label.span.end))
        };
        let known = self.list.iter().any(|other| {
            other.code == diagnostic.code
                && other.message == diagnostic.message
                && place(other) == place(&diagnostic)
        });
        if !known {
            self.list.push(diagnostic);
        }
    }

    /// Adds an error at a place.
    pub fn error(
        &mut self,
        code: &'static str,
        message: impl Into<String>,
        span: &Span,
        label: impl Into<String>,
    ) {
        self.push(Diagnostic::error(code, message, span, label));
    }

    /// Adds that a name stands for nothing, with the nearest that does.
    pub fn unknown<'a>(
        &mut self,
        code: &'static str,
        what: &str,
        typed: &str,
        span: &Span,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) {
        let mut diagnostic =
            Diagnostic::error(code, format!("no {what} is called `{typed}`"), span, "not known");
        if let Some(help) = did_you_mean(typed, known) {
            diagnostic = diagnostic.help(help);
        }
        self.push(diagnostic);
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Whether something is refused, not just worth knowing.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All of them, file by file, in the order of their places.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_cached_key(|diagnostic| {
            diagnostic
                .primary
                .as_ref()
                .map(|label| (label.span.source.path.clone(), label.span.start))
        });
        self.list
    }
}

impl Extend<Diagnostic> for Problems {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }
}
