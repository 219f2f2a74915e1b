use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::render;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span};

/// The span of the first `part` in `source`.
fn span(source: &Arc<Source>, part: &str) -> Span {
    let start = source.text.find(part).unwrap();
    Span { source: source.clone(), start, end: start + part.len() }
}

fn at(source: &Arc<Source>, start: usize, end: usize) -> Span {
    Span { source: source.clone(), start, end }
}

/// Compares with the file of that name; `UPDATE=1` writes it instead.
fn assert_drawn(name: &str, diagnostics: &[Diagnostic]) {
    let drawn = render(diagnostics, false);
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/diagnostics-render")
        .join(name)
        .with_extension("txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, &drawn).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(drawn, expected, "{} differs; UPDATE=1 rewrites it", file.display());
}

const SPEC: &str = "\
counterpart: 1
vendor: acme
operations:
  create_contact:
    methd: POST
    path: /contact
  delete_contact:
    path: /contact
";

#[test]
fn a_mistake_is_shown_with_excerpt_and_help() {
    let source = Source::new("specs/acme.yaml", SPEC);
    let unknown = Diagnostic::error(
        "unknown-key",
        "an operation has no key `methd`",
        &span(&source, "methd"),
        "not a key of an operation",
    )
    .help("did you mean `method`?");
    assert_drawn("one", &[unknown]);
}

#[test]
fn related_places_share_the_excerpt_or_get_their_own() {
    let source = Source::new("specs/acme.yaml", SPEC);
    let other = Source::new("specs/shared/routes.yaml", "routes:\n  - /contact\n");
    let first = span(&source, "/contact");
    let second = at(&source, SPEC.rfind("/contact").unwrap(), SPEC.len());
    let collision = Diagnostic::error(
        "route-collision",
        "two operations answer the same path",
        &second,
        "also taken here",
    )
    .related(&first, "first taken here")
    .related(&span(&other, "/contact"), "and reserved here")
    .help("give one of them another method")
    .help("or another path")
    .warning();
    assert_drawn("related", &[collision]);
}

#[test]
fn several_diagnostics_and_one_without_a_place() {
    let source = Source::new("specs/acme.yaml", SPEC);
    let late = Diagnostic::error("wrong-type", "expected a number", &span(&source, "acme"), "");
    let nowhere = Diagnostic::without_place("no-specs", "no spec below ./specs").help("add one");
    assert_drawn("several", &[late, nowhere]);
}

#[test]
fn columns_count_characters_and_marks_stand_below_wide_text() {
    let cases = [
        ("tab", "a:\n\t- bad\n", "bad"),
        ("umlaut", "größe: Übermut\n", "Übermut"),
        ("wide", "名前: 悪い # 😀\n", "悪い"),
        ("crlf", "a: 1\r\nb: bad\r\nc: 3\r\n", "bad"),
        ("escape", "a: \u{1b}[31m bad\n", "bad"),
        ("two-lines", "a:\n  b: 1\n  c: 2\nd: 3\n", "b: 1\n  c: 2"),
        ("long", &"a:\n  - 1\n".repeat(9), &"a:\n  - 1\n".repeat(8)),
    ];
    let diagnostics: Vec<Diagnostic> = cases
        .iter()
        .map(|(name, text, part)| {
            let source = Source::new(format!("{name}.yaml"), *text);
            Diagnostic::error("bad", format!("case {name}"), &span(&source, part), "this")
        })
        .collect();
    assert_drawn("characters", &diagnostics);
}

#[test]
fn empty_spans_and_the_ends_of_files_are_drawn() {
    let cases = [
        ("empty-file", "", 0, 0),
        ("beyond", "a: 1", 90, 95),
        ("end-of-last-line", "a: 1", 4, 4),
        ("end-of-file", "a: 1\n", 5, 5),
        ("line-feed", "a: 1\nb: 2\n", 4, 5),
        ("between-cr-and-lf", "a: 1\r\nb: 2\r\n", 5, 6),
        ("inside-a-character", "a: ü\n", 4, 4),
        ("backwards", "a: 1\nb: 2\n", 8, 3),
    ];
    let diagnostics: Vec<Diagnostic> = cases
        .iter()
        .map(|(name, text, start, end)| {
            let source = Source::new(format!("{name}.yaml"), *text);
            Diagnostic::error("bad", format!("case {name}"), &at(&source, *start, *end), "this")
        })
        .collect();
    assert_drawn("ends", &diagnostics);
}

#[test]
fn nothing_is_drawn_of_nothing_and_colours_only_when_asked() {
    assert_eq!(render(&[], false), "");
    let nowhere = [Diagnostic::without_place("no-specs", "no spec")];
    assert!(!render(&nowhere, false).contains('\u{1b}'));
    assert!(render(&nowhere, true).contains('\u{1b}'));
}

proptest! {
    #[test]
    fn any_span_of_any_text_is_drawn_with_its_line(
        text in "([a-c:\t\r\n ü名😀\u{1b}\u{200d}]|\\PC){0,60}",
        first in (0_usize..80, 0_usize..80),
        second in (0_usize..80, 0_usize..80),
    ) {
        let source = Source::new("any.yaml", text);
        let span = at(&source, first.0, first.1);
        let diagnostic = Diagnostic::error("any", "any", &span, "here")
            .related(&at(&source, second.0, second.1), "there");
        let drawn = render(&[diagnostic], false);
        let (line, column) = source.line_column(super::shown(&source.text, span.range()).start);
        prop_assert!(drawn.contains(&format!(" any.yaml:{line}:{column}\n")), "{drawn}");
    }
}
