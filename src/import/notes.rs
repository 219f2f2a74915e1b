//! What an import has to say: what it assumed, what it did not take, and what is wrong with the
//! document.

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Why a file that a document names is not read: what it holds would come into what is written.
pub(super) const OUTSIDE: &str =
    "is outside of the folder of the document and of the working directory";
/// What can be done about it.
pub(super) const OUTSIDE_HELP: &str = "run the import in a folder that holds both";

/// What an import has to say.
#[derive(Debug, Default)]
pub struct Notes {
    /// What was guessed; it is `evidence: assumed` in what is written.
    pub assumed: Vec<Note>,
    /// What was not taken, and why.
    pub left: Vec<Note>,
    /// Mistakes of the document; what is around them is taken.
    pub problems: Vec<Diagnostic>,
}

/// A sentence, and where it first applied.
#[derive(Debug)]
pub struct Note {
    /// What there is to say.
    pub text: String,
    /// The first place in the document.
    pub place: Option<Span>,
    /// At how many places it applied.
    pub times: usize,
}

impl Notes {
    /// Notes that something was guessed.
    pub(super) fn assume(&mut self, text: impl Into<String>, place: Option<&Span>) {
        add(&mut self.assumed, text.into(), place);
    }

    /// Notes that something was not taken.
    pub(super) fn leave(&mut self, text: impl Into<String>, place: Option<&Span>) {
        add(&mut self.left, text.into(), place);
    }

    /// Notes a mistake of the document, once.
    pub(super) fn wrong(&mut self, diagnostic: Diagnostic) {
        let start = |d: &Diagnostic| d.primary.as_ref().map(|label| label.span.start);
        let known = self
            .problems
            .iter()
            .any(|other| other.message == diagnostic.message && start(other) == start(&diagnostic));
        if !known {
            self.problems.push(diagnostic.warning());
        }
    }
}

fn add(notes: &mut Vec<Note>, text: String, place: Option<&Span>) {
    match notes.iter_mut().find(|note| note.text == text) {
        Some(note) => note.times += 1,
        None => notes.push(Note { text, place: place.cloned(), times: 1 }),
    }
}
