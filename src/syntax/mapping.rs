//! Reading a mapping key by key, so that what nobody asked for is known at the end.

use std::sync::Arc;

use super::{Node, NodeKind, Problems};
use crate::diagnostic::Diagnostic;
use crate::source::{Located, Span};

/// A key and its value.
pub type Entry<'n> = (&'n Located<String>, &'n Node);

/// A mapping that is being read.
///
/// Each key that is asked for counts as known, whether it is there or not; [`Self::finish`] then
/// reports the others. So the list of known keys is never written down twice.
#[derive(Debug)]
pub struct Mapping<'n> {
    node: &'n Node,
    entries: &'n [(Located<String>, Node)],
    what: &'static str,
    asked: Vec<&'static str>,
}

impl<'n> Mapping<'n> {
    /// Starts reading; anything but a mapping is a mistake. `what` is for people: `an error`.
    pub fn open(node: &'n Node, what: &'static str, problems: &mut Problems) -> Option<Self> {
        if let NodeKind::Map(entries) = &node.kind {
            return Some(Self { node, entries, what, asked: Vec::new() });
        }
        wrong_type(node, &format!("{what}, as a mapping"), problems);
        None
    }

    /// Where it stands.
    pub fn span(&self) -> &'n Span {
        &self.node.span
    }

    /// The mapping as a whole.
    pub fn node(&self) -> &'n Node {
        self.node
    }

    /// The key and value of that name.
    pub fn entry(&mut self, key: &'static str) -> Option<Entry<'n>> {
        self.asked.push(key);
        self.entries.iter().find(|(name, _)| name.value == key).map(|(name, node)| (name, node))
    }

    /// The value of that name.
    pub fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The value of that name, which has to be there.
    pub fn require(&mut self, key: &'static str, problems: &mut Problems) -> Option<&'n Node> {
        let node = self.take(key);
        if node.is_none() {
            problems.error(
                "missing-key",
                format!("{} needs `{key}`", self.what),
                self.span(),
                format!("`{key}` is missing"),
            );
        }
        node
    }

    /// A text.
    pub fn text(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Located<Arc<str>>> {
        self.take(key).and_then(|node| text(node, problems))
    }

    /// A text that has to be there.
    pub fn required_text(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Located<Arc<str>>> {
        self.require(key, problems).and_then(|node| text(node, problems))
    }

    /// A text without its place.
    pub fn plain_text(&mut self, key: &'static str, problems: &mut Problems) -> Option<Arc<str>> {
        self.text(key, problems).map(|text| text.value)
    }

    /// A boolean.
    pub fn boolean(&mut self, key: &'static str, problems: &mut Problems) -> Option<bool> {
        self.take(key).and_then(|node| boolean(node, problems))
    }

    /// One of a few words, each of which stands for something.
    pub fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(T, &str)],
        problems: &mut Problems,
    ) -> Option<T> {
        self.take(key).and_then(|node| word(node, key, words, problems))
    }

    /// The items of a list; none when the key is not there.
    pub fn items(&mut self, key: &'static str, problems: &mut Problems) -> &'n [Node] {
        self.take(key).map_or(&[], |node| items(node, problems))
    }

    /// The members of a mapping with names that the writer chose; none when it is not there.
    pub fn members(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> &'n [(Located<String>, Node)] {
        self.take(key).map_or(&[], |node| members(node, problems))
    }

    /// Reports every key that was not asked for.
    pub fn finish(self, problems: &mut Problems) {
        for (key, _) in self.entries {
            if !self.asked.contains(&key.value.as_str()) {
                unknown_key(key, self.what, self.asked.iter().copied(), self.node, problems);
            }
        }
    }
}

/// Reports a key that is not known in its place, which is `within` a mapping.
pub fn unknown_key<'a>(
    key: &Located<String>,
    what: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    within: &Node,
    problems: &mut Problems,
) {
    let message = format!("{what} has no key `{}`", key.value);
    let is_empty = within.get(&key.value).is_some_and(|node| matches!(node.kind, NodeKind::Null));
    if let Some((word, value)) = key.value.split_once(' ')
        && is_empty
        && known.clone().into_iter().any(|known| known == word)
    {
        problems.push(
            Diagnostic::error("unknown-key", message, &key.span, "a colon is missing")
                .help(format!("write `{word}: {value}`")),
        );
        return;
    }
    let diagnostic = Diagnostic::error("unknown-key", message, &key.span, "not known here");
    let mut diagnostic = diagnostic.suggest_word(&key.value, known);
    // A key that is there already was not meant.
    diagnostic.meant.take_if(|meant| within.get(meant).is_some());
    diagnostic.known.retain(|known| within.get(known).is_none());
    problems.push(diagnostic);
}

/// Reports that something else was expected.
pub fn wrong_type(node: &Node, expected: &str, problems: &mut Problems) {
    problems.error(
        "wrong-type",
        format!("expected {expected}, found {}", node.kind_word()),
        &node.span,
        format!("this is {}", node.kind_word()),
    );
}

/// A text; a number is none, since `1.10` would not come back as it was written.
pub fn text(node: &Node, problems: &mut Problems) -> Option<Located<Arc<str>>> {
    if let NodeKind::Text(text) = &node.kind {
        return Some(Located::new(text.as_str().into(), node.span.clone()));
    }
    let message = format!("expected a text, found {}", node.kind_word());
    let label = format!("this is {}", node.kind_word());
    let mut diagnostic = Diagnostic::error("wrong-type", message, &node.span, label);
    if matches!(node.kind, NodeKind::Bool(_) | NodeKind::Integer(_) | NodeKind::Number(_)) {
        diagnostic = diagnostic.help(format!("write \"{}\", with quotes", node.span.text()));
    }
    problems.push(diagnostic);
    None
}

/// A boolean.
pub fn boolean(node: &Node, problems: &mut Problems) -> Option<bool> {
    if let NodeKind::Bool(value) = node.kind {
        return Some(value);
    }
    wrong_type(node, "`true` or `false`", problems);
    None
}

/// A whole number.
pub fn integer(node: &Node, problems: &mut Problems) -> Option<i64> {
    let whole = node.whole();
    match &node.kind {
        NodeKind::Number(number) if whole.is_none() && number.is_integer() => {
            problems.error("out-of-range", "this number is too large", &node.span, "is too large");
        }
        NodeKind::Number(_) if whole.is_none() => {
            let message = "this number is not a whole one";
            problems.error("wrong-type", message, &node.span, "has a fraction");
        }
        NodeKind::Text(text) if text.trim().parse::<i64>().is_ok() => {
            let message = "expected a whole number, found a text";
            problems.push(
                Diagnostic::error("wrong-type", message, &node.span, "this is a text")
                    .help(format!("write {}, without quotes", text.trim())),
            );
        }
        _ if whole.is_none() => wrong_type(node, "a whole number", problems),
        _ => {}
    }
    whole
}

/// One of a few words.
pub fn word<T: Copy>(
    node: &Node,
    key: &str,
    words: &[(T, &str)],
    problems: &mut Problems,
) -> Option<T> {
    let typed = text(node, problems)?;
    let found = words.iter().find(|(_, word)| **word == *typed.value).map(|(meaning, _)| *meaning);
    if found.is_none() {
        let names: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
        let message = format!("`{key}` cannot be `{}`", typed.value);
        let mut diagnostic = Diagnostic::error("unknown-word", message, &node.span, "not known");
        diagnostic = diagnostic.suggest(&typed.value, names.iter().copied());
        problems.push(diagnostic);
    }
    found
}

/// The items of a list of texts; none, and a mistake, when it is something else.
pub fn items<'n>(node: &'n Node, problems: &mut Problems) -> &'n [Node] {
    list(node, |text| Some(text.to_owned()), problems)
}

/// The items of a list; none, and a mistake, when it is something else. `item` says what a text in
/// its place would be as an item, where that can be told.
pub fn list<'n>(
    node: &'n Node,
    item: impl FnOnce(&str) -> Option<String>,
    problems: &mut Problems,
) -> &'n [Node] {
    if let NodeKind::List(items) = &node.kind {
        return items;
    }
    let item = matches!(node.kind, NodeKind::Text(_)).then(|| item(node.span.text())).flatten();
    let Some(item) = item else {
        wrong_type(node, "a list", problems);
        return &[];
    };
    let message = "expected a list, found a text";
    let problem = Diagnostic::error("wrong-type", message, &node.span, "this is a text");
    problems.push(problem.help(format!("write `[{item}]`")));
    &[]
}

/// The members of a mapping; none, and a mistake, when it is something else.
pub fn members<'n>(node: &'n Node, problems: &mut Problems) -> &'n [(Located<String>, Node)] {
    if let NodeKind::Map(entries) = &node.kind {
        return entries;
    }
    wrong_type(node, "a mapping", problems);
    &[]
}
