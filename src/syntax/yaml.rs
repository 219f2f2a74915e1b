//! YAML text into a [`Node`]. The only place that knows the YAML crate.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Options, Spanned};

use super::members::members;
use super::{Node, NodeKind, Problems, scalar};
use crate::diagnostic::Diagnostic;
use crate::room::with_room;
use crate::source::{Located, Source, Span};

/// How deep lists and mappings may stand in each other.
const DEPTH: usize = 128;
/// How many keys and values there may be: more than the largest documents that are imported come
/// to, which have 400,000, and not more than a small machine has memory for.
pub const NODES: usize = 1_000_000;

/// Reads one YAML document.
///
/// Gives what could be read and puts mistakes into `problems`: a key that is duplicated is one and
/// reading goes on, a syntax error is one and there is no node.
pub fn parse(source: &Arc<Source>, problems: &Problems) -> Option<Node> {
    parse_up_to(source, NODES, problems)
}

/// Reads one YAML document, and tells nothing about its mistakes, which takes longer than to read
/// it.
pub fn tree(source: &Arc<Source>) -> Option<Node> {
    let read = || {
        let options = options(NODES);
        let root: Spanned<Branch> =
            serde_saphyr::from_str_with_options(&source.text, options).ok()?;
        let is_empty = matches!(root.value, Branch::Null);
        let mut planter = Planter { source, problems: &Problems::default() };
        (!is_empty).then(|| planter.node(root))
    };
    with_room(read).flatten()
}

/// The same for a document of up to so many keys and values.
pub(super) fn parse_up_to(source: &Arc<Source>, nodes: usize, problems: &Problems) -> Option<Node> {
    let start = Span { source: source.clone(), start: 0, end: 0 };
    // It may be read on another thread, which has mistakes of its own.
    let work = || {
        let found = Problems::default();
        (read(source, &start, nodes, &found), found)
    };
    let Some((node, found)) = with_room(work) else {
        let message = "there is not enough memory to read the file";
        problems.push(Diagnostic::without_place("unreadable", message));
        return None;
    };
    problems.extend(found.into_found());
    node
}

fn read(source: &Arc<Source>, start: &Span, nodes: usize, problems: &Problems) -> Option<Node> {
    let begin = source.text.trim_start();
    if begin.starts_with('<') && !begin.starts_with("<<") {
        let is_wsdl = ["http://schemas.xmlsoap.org/wsdl/", "http://www.w3.org/ns/wsdl"]
            .into_iter()
            .any(|namespace| source.text.contains(namespace));
        let what = match is_wsdl {
            true => "the file is a WSDL document, not YAML",
            false => "the file is XML or HTML, not YAML",
        };
        let place = Span { end: start.end + 1, ..start.clone() };
        let diagnostic = Diagnostic::error("yaml", what, &place, "here");
        problems.push(match is_wsdl {
            true => diagnostic.help("`counterpart-mock import wsdl FILE` makes a spec of WSDL 1.1"),
            false => diagnostic,
        });
        return None;
    }
    let read: Result<Spanned<Branch>, _> =
        serde_saphyr::from_str_with_options(&source.text, options(nodes));
    match read {
        Ok(Spanned { value: Branch::Null, .. }) => {
            problems.error("empty-file", "the file is empty", start, "there is nothing");
            None
        }
        Ok(root) => {
            let node = Planter { source, problems }.node(root);
            // Of what is YAML by accident alone nothing is meant as it is read.
            (!problems.found().iter().any(|found| found.code == "yaml")).then_some(node)
        }
        Err(error) => {
            let span = error
                .location()
                .map_or_else(|| start.clone(), |location| span_of(source, location));
            problems.push(explain(&error, &span));
            None
        }
    }
}

fn options(nodes: usize) -> Options {
    serde_saphyr::options! {
        // `NO` is a country.
        strict_booleans: true,
        // Keys that are duplicated are told all at once, with both places.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::AsString,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: DEPTH,
            max_nodes: nodes,
            max_events: nodes.saturating_mul(4).max(1_000_000),
            max_documents: 1,
            max_aliases: 10_000,
            // One anchor for many aliases is how headers are shared; what they amount to is
            // bounded below.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 200_000,
        },
    }
}

/// What the crate says in its own terms, by words of its messages, and what we say instead.
const TOLD: &[(&[&str], &str)] = &[
    (&["budget", "Documents"], "a file holds one document, and here begins another"),
    (&["budget", "Depth"], TOO_DEEP),
    (&["recursion limit"], TOO_DEEP),
    (&["budget", "Nodes"], "the file is too large; 1,000,000 keys and values are read"),
    (&["budget"], "the file is too large to be a spec"),
    (&["recursive references"], "what an anchor names cannot contain itself"),
    (&["alias replay limit"], "what the aliases stand for is too large"),
];

const TOO_DEEP: &str = "lists and mappings are nested too deeply; 128 levels are allowed";

fn explain(error: &serde_saphyr::Error, span: &Span) -> Diagnostic {
    use serde_saphyr::{DefaultMessageFormatter, MessageFormatter};
    let message = DefaultMessageFormatter.format_message(error).into_owned();
    // What goes over a limit is told in the crate's own terms.
    let told = TOLD.iter().find(|(words, _)| words.iter().all(|word| message.contains(word)));
    if let Some((_, text)) = told {
        return Diagnostic::error("yaml", *text, span, "here");
    }
    // The crate gives the end of the line before; the tab itself is what has to go.
    let line = line_start(span);
    if let Some(tab) = span.source.text.get(line..).and_then(|rest| rest.find('\t'))
        && message.contains("tab")
    {
        let start = line + tab;
        let span = Span { source: span.source.clone(), start, end: start + 1 };
        return Diagnostic::error("yaml", format!("not YAML: {message}"), &span, "a tab")
            .help("indent with spaces");
    }
    super::culprit::culprit(span, &message, first_error)
        .unwrap_or_else(|| Diagnostic::error("yaml", format!("not YAML: {message}"), span, "here"))
}

/// The line, from 0, at which a text stops to be YAML.
pub(super) fn first_error(source: &Arc<Source>) -> Option<usize> {
    let read: Result<Spanned<Branch>, _> =
        serde_saphyr::from_str_with_options(&source.text, options(NODES));
    let start = read.err()?.location().map_or(0, |location| span_of(source, location).start);
    Some(source.text.get(..start).unwrap_or_default().matches('\n').count())
}

fn line_start(span: &Span) -> usize {
    span.source.text.get(..span.start).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1)
}

fn span_of(source: &Arc<Source>, location: Location) -> Span {
    let at = location.span();
    let start = at.byte_offset().and_then(|offset| usize::try_from(offset).ok());
    let length = at.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let start = start.unwrap_or_else(|| offset_of(source, location));
    let start = start.min(source.text.len());
    Span { source: source.clone(), start, end: start.saturating_add(length) }
}

/// Where a line and column are, when the crate knows no bytes.
fn offset_of(source: &Source, location: Location) -> usize {
    let line = usize::try_from(location.line().saturating_sub(1)).unwrap_or(0);
    let column = usize::try_from(location.column().saturating_sub(1)).unwrap_or(0);
    let before: usize = source.text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = source.text.get(before..).unwrap_or_default();
    before + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
}

/// What the crate gives: a tree without our places yet.
enum Branch {
    Null,
    Bool(bool),
    /// Which one is read from its text, because the crate rounds. What it takes it for stands in
    /// when the text has a form that YAML 1.2 lacks.
    Number(i64),
    Text(String),
    List(Vec<Spanned<Branch>>),
    Map(Vec<(Spanned<String>, Spanned<Branch>)>),
}

impl<'de> Deserialize<'de> for Branch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BranchVisitor)
    }
}

struct BranchVisitor;

impl<'de> Visitor<'de> for BranchVisitor {
    type Value = Branch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML")
    }

    fn visit_unit<E>(self) -> Result<Branch, E> {
        Ok(Branch::Null)
    }

    fn visit_none<E>(self) -> Result<Branch, E> {
        Ok(Branch::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Branch, E> {
        Ok(Branch::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Branch, E> {
        Ok(Branch::Number(value))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Branch, E> {
        Ok(Branch::Number(0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Branch, E> {
        Ok(Branch::Number(0))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Branch, E> {
        Ok(Branch::Number(0))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Branch, E> {
        Ok(Branch::Number(0))
    }

    fn visit_str<E>(self, text: &str) -> Result<Branch, E> {
        Ok(Branch::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Branch, E> {
        Ok(Branch::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Branch, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Branch::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Branch, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Branch::Map(entries))
    }
}

/// The end of a list or mapping in brackets that stands on one line.
fn closing(start: &Span, last: Option<&Node>, open: char, close: char) -> Option<usize> {
    let text = &start.source.text;
    if !text.get(start.start..)?.starts_with(open) {
        return None;
    }
    let from = last.map_or(start.start + 1, |node| node.span.end);
    let behind = text.get(from..)?;
    let at = behind.find(|c: char| !c.is_whitespace() && c != ',')?;
    let one_line = !text.get(start.start..from + at)?.contains('\n');
    (one_line && behind.get(at..)?.starts_with(close)).then(|| from + at + 1)
}

/// Puts places on branches.
struct Planter<'s> {
    source: &'s Arc<Source>,
    problems: &'s Problems,
}

impl Planter<'_> {
    fn node(&mut self, branch: Spanned<Branch>) -> Node {
        let mut span = span_of(self.source, branch.defined);
        let kind = match branch.value {
            Branch::Null => NodeKind::Null,
            Branch::Bool(value) => NodeKind::Bool(value),
            Branch::Number(taken) => self.number(taken, &span),
            Branch::Text(text) => {
                scalar::beyond_floats(&text, &span).unwrap_or(NodeKind::Text(text))
            }
            Branch::List(items) => {
                let items: Vec<Node> = items.into_iter().map(|item| self.node(item)).collect();
                span.end = closing(&span, items.last(), '[', ']').unwrap_or(span.start + 1);
                NodeKind::List(items)
            }
            Branch::Map(entries) => {
                let entries = self.entries(entries);
                span.end = closing(&span, entries.last().map(|(_, node)| node), '{', '}')
                    .or_else(|| entries.first().map(|(key, _)| key.span.end))
                    .unwrap_or(span.start + 1);
                NodeKind::Map(entries)
            }
        };
        Node { kind, span }
    }

    fn number(&mut self, taken: i64, span: &Span) -> NodeKind {
        let written = span.text().trim();
        scalar::number(written).unwrap_or_else(|| {
            let message = format!("`{written}` is not a number in YAML 1.2");
            let help = "whole numbers are decimal, octal as `0o17`, or hexadecimal as `0x1F`; \
                        a string needs quotes";
            self.problems
                .push(Diagnostic::error("bad-number", message, span, "cannot be read").help(help));
            NodeKind::Integer(taken)
        })
    }

    fn entries(
        &mut self,
        written: Vec<(Spanned<String>, Spanned<Branch>)>,
    ) -> Vec<(Located<String>, Node)> {
        let written = written.into_iter().map(|(key, branch)| {
            let span = span_of(self.source, key.defined);
            (Located::new(key.value, span), self.node(branch))
        });
        let written = written.collect();
        members(written, self.problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
        let problems = Problems::default();
        let node = parse(&Source::new("a.yaml", text), &problems);
        (node, problems.into_sorted())
    }

    fn places(node: &Node, into: &mut Vec<String>) {
        into.push(format!("{}={}", node.kind_word(), node.span.text()));
        match &node.kind {
            NodeKind::List(items) => items.iter().for_each(|item| places(item, into)),
            NodeKind::Map(entries) => entries.iter().for_each(|(key, value)| {
                into.push(format!("key={}", key.span.text()));
                places(value, into);
            }),
            _ => {}
        }
    }

    #[test]
    fn each_key_and_value_knows_its_place() {
        let text = "a: \"x ü ${b}\"\nüb: [1, 'two', NO]\n200: {c: true, d: ~}\ne: |\n  line\n  two\nf: 2020-01-01T00:00:00Z\n";
        let (node, problems) = read(text);
        assert!(problems.is_empty(), "{problems:?}");
        let mut found = Vec::new();
        places(&node.unwrap(), &mut found);
        assert_eq!(
            found,
            [
                "a mapping=a",
                "key=a",
                "a string=\"x ü ${b}\"",
                "key=üb",
                "a list=[1, 'two', NO]",
                "a number=1",
                "a string='two'",
                "a string=NO",
                "key=200",
                "a mapping={c: true, d: ~}",
                "key=c",
                "a boolean=true",
                "key=d",
                "nothing=~",
                "key=e",
                "a string=line\n  two\n",
                "key=f",
                "a string=2020-01-01T00:00:00Z",
            ]
        );
    }

    #[test]
    fn words_are_texts_and_numbers_numbers() {
        let (node, _) = read("[NO, yes, on, true, 1, 1.5, 007, 1_000, .inf, '1', null, -3]");
        let kinds: Vec<_> =
            node.unwrap().as_list().unwrap().iter().map(|n| n.to_value().kind()).collect();
        assert_eq!(
            kinds,
            [
                "string", "string", "string", "boolean", "integer", "number", "string", "string",
                "string", "string", "null", "integer"
            ]
        );
    }

    #[test]
    fn merge_keys_and_aliases_work() {
        let (node, problems) = read("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n");
        assert!(problems.is_empty(), "{problems:?}");
        let value = node.unwrap().to_value();
        assert_eq!(value.get("b").unwrap().to_string(), r#"{"y":3,"x":1}"#);
        assert_eq!(value.get("c").unwrap().to_string(), r#"{"x":1,"y":2}"#);
    }

    #[test]
    fn one_anchor_serves_many_aliases() {
        let (_, problems) = read(&format!("a: &a {{x: 1}}\nb: [{}]\n", "*a, ".repeat(500)));
        assert!(problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn mistakes_have_a_place() {
        let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let bomb = (0..30).fold("a0: &a0 [1, 1]\n".to_owned(), |text, n| {
            text + &format!("a{}: &a{} [*a{n}, *a{n}, *a{n}]\n", n + 1, n + 1)
        });
        let cases = [
            ("", "empty-file", (1, 1)),
            ("# only\n", "empty-file", (1, 1)),
            ("a: 1\nb: 2\na: 3\n", "duplicate-key", (3, 1)),
            ("a: 1\n\tb: 2\n", "yaml", (2, 1)),
            ("a:\n  b: 1\n c: 2\n", "yaml", (3, 2)),
            ("a: [1, 2\nb: 3\n", "yaml", (1, 1)),
            ("a: 1\n---\nb: 2\n", "yaml", (2, 1)),
            ("a: *nothing\n", "yaml", (1, 4)),
            ("? [a]\n: b\n", "yaml", (1, 3)),
            ("a: [1, 0b11]\n", "bad-number", (1, 8)),
            ("a: 99999999999999999999\n", "", (0, 0)),
            ("a: [1e30, 18446744073709551616, 9223372036854775807]\n", "", (0, 0)),
            (&deep, "yaml", (1, 129)),
            (&bomb, "yaml", (0, 0)),
        ];
        for (text, code, place) in cases {
            let (_, problems) = read(text);
            let short: String = text.chars().take(30).collect();
            if code.is_empty() {
                assert!(problems.is_empty(), "{short:?}: {problems:?}");
                continue;
            }
            let first = problems.first().unwrap_or_else(|| panic!("{short:?} passes"));
            assert_eq!(first.code, code, "{short:?}: {first:?}");
            if place != (0, 0) {
                let span = &first.primary.as_ref().unwrap().span;
                assert_eq!(span.line_column(), place, "{short:?}: {first:?}");
            }
        }
    }
}
