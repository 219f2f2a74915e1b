//! A place to put mistakes while reading goes on.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;

/// The mistakes found so far.
#[derive(Debug, Default, Clone)]
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
        diagnostic = diagnostic.suggest(typed, known);
        self.push(diagnostic);
    }

    /// Whether there is one of a kind in a part of a file.
    pub fn has_within(&self, code: &str, span: &Span) -> bool {
        self.list.iter().filter(|diagnostic| diagnostic.code == code).any(|diagnostic| {
            diagnostic.primary.as_ref().is_some_and(|label| {
                let place = &label.span;
                Arc::ptr_eq(&place.source, &span.source)
                    && (span.start..=span.end).contains(&place.start)
            })
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// What was found so far, in the order it was found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Whether something is refused, not just worth knowing.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All of them, errors first, file by file, in the order of their places.
    ///
    /// What nothing uses is not told while something is refused, which may be why.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        if self.has_errors() {
            let unused =
                |d: &Diagnostic| d.severity == Severity::Warning && d.code.starts_with("unused-");
            self.list.retain(|diagnostic| !unused(diagnostic));
        }
        self.list.sort_by_cached_key(|diagnostic| {
            let place = diagnostic
                .primary
                .as_ref()
                .map(|label| (label.span.source.path.clone(), label.span.start));
            (Reverse(diagnostic.severity), place)
        });
        self.list
    }
}

impl<'p> IntoIterator for &'p Problems {
    type Item = &'p Diagnostic;
    type IntoIter = std::slice::Iter<'p, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extend<Diagnostic> for Problems {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }
}
