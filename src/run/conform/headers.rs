//! Whether an answer has the headers that the spec states.

use super::super::answer::Answer;
use super::super::compare::shown;
use super::super::event::Mismatch;
use super::super::headers;
use super::finder::Finder;
use super::tree::pattern;
use crate::model::documented::{Context, Documented, Given, Known};
use crate::model::{Header, TextPart};
use crate::source::Span;
use crate::value::Value;

/// What is not as it is stated by that error or step, or else by the nearest of those that can
/// give an answer with its status. What the vendor adds to each answer is its server's, or of a
/// proxy before it, and says nothing of an operation.
pub(super) fn check<'s>(
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
    let found = all.into_iter().map(|given| stated(given, answer, span));
    found.min_by_key(Vec::len).unwrap_or_default()
}

fn stated<'s>(given: &Given<'s>, answer: &Answer, span: &'s Span) -> Vec<Mismatch> {
    let mut finder = Finder::new(answer, span);
    // Nobody knows the headers of what is assumed.
    if !given.known {
        return finder.found;
    }
    finder.wording = true;
    if let Some(name) = given.error {
        finder.source = format!("the error `{name}`");
    }
    for header in given.headers {
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
        let sent = fields.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name));
        let path = format!("header {}", sent.map_or(name, |(sent, _)| sent));
        let written = &header.written;
        let wanted = pattern(&header.value);
        let Some(actual) = headers::joined(fields, name) else {
            if !may_be_empty(header) {
                let message = format!("`header {written}` is missing, which {} has", self.source);
                self.note(&path, &quoted(&wanted), "nothing", &message);
            }
            return;
        };
        let says = |text: &str| self.says(&header.value, text, false);
        let is_said = lines.any(says) || says(actual.trim());
        if !is_said && !has_more(name, &actual).any(says) {
            let source = &self.source;
            let message = format!("`header {written}` is `{actual}`, {source} has `{wanted}`");
            self.note(&path, &quoted(&wanted), &quoted(&actual), &message);
        }
    }
}

/// A text as expectations show it.
fn quoted(text: &str) -> String {
    shown(Some(&Value::text(text)))
}

/// What a header says besides what others may have added: parameters of a challenge (RFC 9110
/// section 11.6.1), and fields by which a cache in between tells answers apart (section 12.5.5).
fn has_more<'a>(name: &str, actual: &'a str) -> impl Iterator<Item = &'a str> {
    let is_open = matches!(name, "www-authenticate" | "vary");
    let ends = actual.match_indices([' ', ',']).filter_map(|(end, _)| actual.get(..end));
    let items = actual.split(',').map(str::trim);
    ends.chain(items).filter(move |_| is_open)
}

/// Whether its value can be nothing, so that it is not sent.
fn may_be_empty(header: &Header) -> bool {
    header.value.parts.iter().all(|part| match part {
        TextPart::Literal(literal) => literal.trim().is_empty(),
        TextPart::Expression(_) => true,
    })
}
