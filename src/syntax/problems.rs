//! A place to put mistakes while reading goes on.

use std::cell::{Ref, RefCell};
use std::cmp::Reverse;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;

/// The mistakes found so far. Whoever reads holds the same one, so that it needs no handing around.
#[derive(Debug, Default, Clone)]
pub struct Problems {
    list: RefCell<Vec<Diagnostic>>,
}

impl Problems {
    /// Adds one, unless the same was said already: what is shared is read wherever it is used.
    pub fn push(&self, diagnostic: Diagnostic) {
        let place = |d: &Diagnostic| {
            d.primary
                .as_ref()
                .map(|label| (Arc::as_ptr(&label.span.source), label.span.start, label.span.end))
        };
        let mut list = self.list.borrow_mut();
        let known = list.iter().any(|other| {
            other.code == diagnostic.code
                && other.message == diagnostic.message
                && place(other) == place(&diagnostic)
        });
        if !known {
            list.push(diagnostic);
        }
    }

    /// Adds an error at a place.
    pub fn error(
        &self,
        code: &'static str,
        message: impl Into<String>,
        span: &Span,
        label: impl Into<String>,
    ) {
        self.push(Diagnostic::error(code, message, span, label));
    }

    /// Whether there is one of a kind in a part of a file.
    pub fn has_within(&self, code: &str, span: &Span) -> bool {
        self.list.borrow().iter().filter(|diagnostic| diagnostic.code == code).any(|diagnostic| {
            diagnostic.primary.as_ref().is_some_and(|label| {
                let place = &label.span;
                Arc::ptr_eq(&place.source, &span.source)
                    && (span.start..=span.end).contains(&place.start)
            })
        })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.list.borrow().len()
    }

    /// Forgets what was found after the first so many.
    pub fn keep(&self, count: usize) {
        self.list.borrow_mut().truncate(count);
    }

    /// What was found so far, in the order it was found.
    pub fn found(&self) -> Ref<'_, [Diagnostic]> {
        Ref::map(self.list.borrow(), Vec::as_slice)
    }

    /// All of them, in the order they were found.
    pub fn into_found(self) -> Vec<Diagnostic> {
        self.list.into_inner()
    }

    /// Whether something is refused, not just worth knowing.
    pub fn has_errors(&self) -> bool {
        self.list.borrow().iter().any(is_error)
    }

    /// All of them, errors first, file by file, in the order of their places.
    ///
    /// What nothing uses is not told while something is refused, which may be why.
    pub fn into_sorted(self) -> Vec<Diagnostic> {
        let mut list = self.list.into_inner();
        if list.iter().any(is_error) {
            let unused =
                |d: &Diagnostic| d.severity == Severity::Warning && d.code.starts_with("unused-");
            list.retain(|diagnostic| !unused(diagnostic));
        }
        list.sort_by_cached_key(|diagnostic| {
            let place = diagnostic
                .primary
                .as_ref()
                .map(|label| (label.span.source.path.clone(), label.span.start));
            (Reverse(diagnostic.severity), place)
        });
        list
    }

    /// Adds several.
    pub fn extend(&self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in diagnostics {
            self.push(diagnostic);
        }
    }
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == Severity::Error
}
