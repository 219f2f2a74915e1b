//! What can be read of a node, with what is told where something else stands.

use std::sync::Arc;

use super::{Mapping, Node, NodeKind, Problems, Record};
use crate::diagnostic::Diagnostic;
use crate::source::{Located, Span};

/// Whoever reads nodes. All that it needs is a place to put mistakes.
pub trait ReadNode<'n> {
    /// Where mistakes go.
    fn problems(&self) -> &'n Problems;

    /// Reports something, unless the same was said already.
    fn report(&self, diagnostic: Diagnostic) {
        self.problems().push(diagnostic);
    }

    /// Reports several things.
    fn report_all(&self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.problems().extend(diagnostics);
    }

    /// How much was reported so far.
    fn reported(&self) -> usize {
        self.problems().count()
    }

    /// Reports an error at a place.
    fn error(
        &self,
        code: &'static str,
        message: impl Into<String>,
        span: &Span,
        label: impl Into<String>,
    ) {
        self.problems().error(code, message, span, label);
    }

    /// Reports that a name stands for nothing, with the nearest that does.
    fn unknown<'a>(
        &self,
        code: &'static str,
        what: &str,
        typed: &str,
        span: &Span,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) {
        let message = format!("no {what} is called `{typed}`");
        let diagnostic = Diagnostic::error(code, message, span, "not known");
        self.report(diagnostic.suggest(typed, known));
    }

    /// Reports a key that is not known in its place, which is `within` a mapping.
    fn unknown_key<'a>(
        &self,
        key: &Located<String>,
        what: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
        within: &Node,
    ) {
        let message = format!("{what} has no key `{}`", key.value);
        let is_empty =
            within.get(&key.value).is_some_and(|node| matches!(node.kind, NodeKind::Null));
        if let Some((word, value)) = key.value.split_once(' ')
            && is_empty
            && known.clone().into_iter().any(|known| known == word)
        {
            self.report(
                Diagnostic::error("unknown-key", message, &key.span, "a colon is missing")
                    .help(format!("write `{word}: {value}`")),
            );
            return;
        }
        if is_empty && key.value.contains(' ') && is_followed_by(&key.span, [',', '}']) {
            self.report(
                Diagnostic::error("unknown-key", message, &key.span, "has no value")
                    .help("in `{...}`, a string with a comma needs quotes"),
            );
            return;
        }
        let diagnostic = Diagnostic::error("unknown-key", message, &key.span, "not known here");
        let mut diagnostic = diagnostic.suggest_word(&key.value, known);
        // A key that is there already was not meant.
        diagnostic.meant.take_if(|meant| within.get(meant).is_some());
        diagnostic.known.retain(|known| within.get(known).is_none());
        self.report(diagnostic);
    }

    /// Reports that something else was expected.
    fn wrong_type(&self, node: &Node, expected: &str) {
        let found = node.kind_word();
        let message = format!("expected {expected}, found {found}");
        self.error("wrong-type", message, &node.span, format!("this is {found}"));
    }

    /// Starts to read a mapping; anything else is a mistake. Where its keys are in no table, `record`
    /// is what people call it: `an error`.
    fn open(&self, node: &'n Node, record: impl Into<Record>) -> Option<Mapping<'n>> {
        Mapping::open(node, record, self.problems())
    }

    /// A text; a number is none, since `1.10` would not come back as it was written.
    fn read_text(&self, node: &Node) -> Option<Located<Arc<str>>> {
        if let NodeKind::Text(text) = &node.kind {
            return Some(Located::new(text.as_str().into(), node.span.clone()));
        }
        let message = format!("expected a string, found {}", node.kind_word());
        let label = format!("this is {}", node.kind_word());
        let mut diagnostic = Diagnostic::error("wrong-type", message, &node.span, label);
        if matches!(node.kind, NodeKind::Bool(_) | NodeKind::Integer(_) | NodeKind::Number(_)) {
            diagnostic = diagnostic.help(format!("write \"{}\", with quotes", node.span.text()));
        }
        self.report(diagnostic);
        None
    }

    /// A boolean.
    fn read_boolean(&self, node: &Node) -> Option<bool> {
        if let NodeKind::Bool(value) = node.kind {
            return Some(value);
        }
        self.wrong_type(node, "`true` or `false`");
        None
    }

    /// A whole number from another one on, which is not negative.
    fn whole_number(&mut self, node: &'n Node, least: u64) -> Option<u64> {
        let number = self.read_integer(node)?;
        let fits = u64::try_from(number).ok().filter(|number| *number >= least);
        if fits.is_none() {
            let message = format!("this is a whole number from {least} on");
            self.error("out-of-range", message, &node.span, "is less");
        }
        fits
    }

    /// A whole number.
    fn read_integer(&self, node: &Node) -> Option<i64> {
        let whole = node.whole();
        match &node.kind {
            NodeKind::Number(number) if whole.is_none() && number.is_integer() => {
                let message = "this number is too large";
                self.error("out-of-range", message, &node.span, "is too large");
            }
            NodeKind::Number(_) if whole.is_none() => {
                let message = "this is not a whole number";
                self.error("wrong-type", message, &node.span, "has a fraction");
            }
            NodeKind::Text(text) if text.trim().parse::<i64>().is_ok() => {
                let message = "expected a whole number, found a string";
                self.report(
                    Diagnostic::error("wrong-type", message, &node.span, "this is a string")
                        .help(format!("write {}, without quotes", text.trim())),
                );
            }
            _ if whole.is_none() => self.wrong_type(node, "a whole number"),
            _ => {}
        }
        whole
    }

    /// One of a few words.
    fn read_word<T: Copy>(&self, node: &Node, key: &str, words: &[(T, &str)]) -> Option<T> {
        let typed = self.read_text(node)?;
        let mut meanings = words.iter().filter(|(_, word)| **word == *typed.value);
        let found = meanings.next().map(|(meaning, _)| *meaning);
        if found.is_none() {
            let message = format!("`{key}` cannot be `{}`", typed.value);
            let diagnostic = Diagnostic::error("unknown-word", message, &node.span, "not known");
            let names: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
            self.report(diagnostic.suggest(&typed.value, names.iter().copied()));
        }
        found
    }

    /// The items of a list of texts; none, and a mistake, when it is something else.
    fn read_items<'m>(&self, node: &'m Node) -> &'m [Node] {
        self.read_list(node, |text| Some(text.to_owned()))
    }

    /// The items of a list; none, and a mistake, when it is something else. `item` says what a text
    /// in its place would be as an item, where that can be told.
    fn read_list<'m>(
        &self,
        node: &'m Node,
        item: impl FnOnce(&str) -> Option<String>,
    ) -> &'m [Node] {
        if let NodeKind::List(items) = &node.kind {
            return items;
        }
        let item = matches!(node.kind, NodeKind::Text(_)).then(|| item(node.span.text())).flatten();
        let Some(item) = item else {
            self.wrong_type(node, "a list");
            return &[];
        };
        let message = "expected a list, found a string";
        let problem = Diagnostic::error("wrong-type", message, &node.span, "this is a string");
        self.report(problem.help(format!("write `[{item}]`")));
        &[]
    }

    /// The members of a mapping; none, and a mistake, when it is something else.
    fn read_members<'m>(&self, node: &'m Node) -> &'m [(Located<String>, Node)] {
        if let NodeKind::Map(entries) = &node.kind {
            return entries;
        }
        self.wrong_type(node, "a mapping");
        &[]
    }
}

impl<'n> ReadNode<'n> for &'n Problems {
    fn problems(&self) -> &'n Problems {
        self
    }
}

/// Whether one of these comes next in the file, spaces aside.
fn is_followed_by(span: &Span, any: [char; 2]) -> bool {
    let rest = span.source.text.get(span.end..).unwrap_or_default();
    rest.trim_start().starts_with(any)
}
