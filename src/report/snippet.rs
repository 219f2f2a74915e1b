//! Draws diagnostics the way rustc does: message, place, excerpt, marks, help.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::Source;

/// A mark over more lines than this hides more than it shows; its first line stands for it.
const MARKED_LINES: usize = 6;

/// Draws all diagnostics in the given order, with an empty line between two, and a line feed at
/// the end. Nothing comes out of nothing. `styled` adds ANSI colours.
///
/// Any span is drawn: one that lies beyond its text or inside a character is moved to the nearest
/// place that can be shown.
pub fn render(diagnostics: &[Diagnostic], styled: bool) -> String {
    let renderer = if styled { Renderer::styled() } else { Renderer::plain() };
    let mut drawn = String::new();
    for diagnostic in diagnostics {
        if !drawn.is_empty() {
            drawn.push('\n');
        }
        drawn.push_str(&renderer.render(&[group(diagnostic)]));
        drawn.push('\n');
    }
    drawn
}

fn group(diagnostic: &Diagnostic) -> Group<'_> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code);
    Group::with_title(title)
        .elements(excerpts(diagnostic))
        .elements(diagnostic.help.iter().map(|help| Level::HELP.message(help.as_str())))
}

/// One excerpt for each file, the file of the primary label first.
fn excerpts(diagnostic: &Diagnostic) -> Vec<Snippet<'_, Annotation<'_>>> {
    let primary = diagnostic.primary.iter().map(|label| (AnnotationKind::Primary, label));
    let related = diagnostic.related.iter().map(|label| (AnnotationKind::Context, label));
    let mut files: Vec<(&Source, Vec<(AnnotationKind, &Label)>)> = Vec::new();
    for (kind, label) in primary.chain(related) {
        let source = label.span.source.as_ref();
        match files.iter_mut().find(|(known, _)| known.path == source.path) {
            Some((_, labels)) => labels.push((kind, label)),
            None => files.push((source, vec![(kind, label)])),
        }
    }
    files.into_iter().map(|(source, labels)| excerpt(source, &labels)).collect()
}

fn excerpt<'a>(
    source: &'a Source,
    labels: &[(AnnotationKind, &'a Label)],
) -> Snippet<'a, Annotation<'a>> {
    let marks: Vec<Range<usize>> =
        labels.iter().map(|(_, label)| shown(&source.text, label.span.range())).collect();
    // Only the lines between the first and the last mark are handed over, so that drawing many
    // diagnostics of a long file does not walk the whole file for each.
    let first = marks.iter().map(|mark| mark.start).min().unwrap_or(0);
    let last = marks.iter().map(|mark| mark.end).max().unwrap_or(0);
    let from = line_start(&source.text, first);
    let to = line_end(&source.text, last);
    let mut lines = Cow::from(source.text.get(from..to).unwrap_or_default());
    if last == source.text.len() && lines.ends_with('\n') {
        // The drawing knows no line behind the last line feed; a mark there needs one.
        lines.to_mut().push(' ');
    }
    let annotations = labels.iter().zip(marks).map(|((kind, label), mark)| {
        let text = (!label.text.is_empty()).then_some(label.text.as_str());
        kind.span(mark.start - from..mark.end - from).label(text)
    });
    Snippet::source(lines)
        .line_start(source.line_column(first).0)
        .path(path(source))
        .annotations(annotations)
}

fn path(source: &Source) -> Cow<'_, str> {
    source.path.to_string_lossy()
}

/// The part of a span that is marked: whole characters within the text, without the white space
/// behind it, and without what follows the first line if there are many.
fn shown(text: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    // A line break of two bytes is one place.
    while !text.is_char_boundary(start)
        || text.get(start.saturating_sub(1)..start + 1) == Some("\r\n")
    {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    let marked = text.get(start..end).unwrap_or_default().trim_end();
    let length = if marked.lines().count() > MARKED_LINES {
        marked.lines().next().unwrap_or_default().trim_end().len()
    } else {
        marked.len()
    };
    start..start + length
}

fn line_start(text: &str, offset: usize) -> usize {
    text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// One past the line feed, so that a carriage return before it is known to be part of the break.
fn line_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |at| offset + at + 1)
}

#[cfg(test)]
#[path = "snippet_tests.rs"]
mod tests;
