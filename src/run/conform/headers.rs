//! Whether an answer has the headers that the spec states.

use super::super::answer::Answer;
use super::super::event::Mismatch;
use super::super::headers;
use super::finder::Finder;
use super::tree::pattern;
use crate::model::documented::{Context, Documented, Given, Known};
use crate::model::{Header, Service, TextPart};
use crate::source::Span;

/// What is not as it is stated by that error or step, or else by the nearest of those that can
/// give an answer with its status, and by the vendor for each answer.
pub(super) fn check<'s>(
    service: &'s Service,
    documented: &Documented<'s>,
    known: &Known<'s>,
    context: Context<'s>,
    answer: &Answer,
    span: &'s Span,
) -> Vec<Mismatch> {
    let all = match known {
        Known::Given(given) => vec![given],
        Known::Response(response) => documented.given(response.status, context),
        Known::Status => return Vec::new(),
    };
    let found = all.into_iter().map(|given| stated(service, given, answer, span));
    found.min_by_key(Vec::len).unwrap_or_default()
}

fn stated<'s>(
    service: &'s Service,
    given: &Given<'s>,
    answer: &Answer,
    span: &'s Span,
) -> Vec<Mismatch> {
    let mut finder = Finder::new(answer, span);
    finder.wording = given.known;
    if let Some(name) = given.error {
        finder.source = format!("the error `{name}`");
    }
    for header in given.headers {
        finder.header(header, answer);
    }
    "the spec".clone_into(&mut finder.source);
    let is_own = |other: &Header| given.headers.iter().any(|own| own.name == other.name);
    for header in service.response_headers.iter().filter(|other| !is_own(other)) {
        finder.header(header, answer);
    }
    finder.found
}

impl Finder<'_> {
    /// Looks for a header; one of several lines of it is enough.
    fn header(&mut self, header: &Header, answer: &Answer) {
        // Which names these are the answer alone says.
        if header.prefix.is_some() {
            return;
        }
        let (fields, name) = (&answer.response.headers, header.name.as_str());
        let mut lines = headers::lines(fields, name).map(str::trim);
        let path = format!("header {}", header.written);
        let wanted = pattern(&header.value);
        let Some(actual) = headers::joined(fields, name) else {
            if !may_be_empty(header) {
                let message = format!("`{path}` is missing, which {} has", self.source);
                self.note(&path, &wanted, "nothing", &message);
            }
            return;
        };
        let says = |text: &str| self.says(&header.value, text, false);
        if !lines.any(says) && !says(actual.trim()) {
            let message = format!("`{path}` is `{actual}`, {} has `{wanted}`", self.source);
            self.note(&path, &wanted, &actual, &message);
        }
    }
}

/// Whether its value can be nothing, so that it is not sent.
fn may_be_empty(header: &Header) -> bool {
    header.value.parts.iter().all(|part| match part {
        TextPart::Literal(literal) => literal.trim().is_empty(),
        TextPart::Expression(_) => true,
    })
}
