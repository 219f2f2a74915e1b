//! JSON text into a [`Node`], for documents of others that are larger than what people write.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Node, NodeKind, Problems, scalar};
use crate::diagnostic::Diagnostic;
use crate::source::{Located, Source, Span};

/// How deep lists and objects may stand in each other.
const DEPTH: usize = 128;

/// Reads one JSON text; a syntax error is told with its place, and there is no node.
pub(super) fn parse(source: &Arc<Source>, problems: &Problems) -> Option<Node> {
    match serde_json::from_str::<&RawValue>(&source.text) {
        Ok(root) => Reader { source, problems }.node(root, 0),
        Err(error) => {
            let line = error.line().saturating_sub(1);
            let before: usize = source.text.split_inclusive('\n').take(line).map(str::len).sum();
            let start = (before + error.column().saturating_sub(1)).min(source.text.len());
            let span = Span { source: source.clone(), start, end: start + 1 };
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            problems.push(Diagnostic::error("json", format!("not JSON: {said}"), &span, "here"));
            None
        }
    }
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    problems: &'s Problems,
}

impl Reader<'_> {
    /// The place of a piece of the text, which borrows from it.
    fn span(&self, raw: &RawValue) -> Span {
        let base = self.source.text.as_ptr() as usize;
        let start = (raw.get().as_ptr() as usize).saturating_sub(base);
        Span { source: self.source.clone(), start, end: start + raw.get().len() }
    }

    fn node(&mut self, raw: &RawValue, depth: usize) -> Option<Node> {
        let mut span = self.span(raw);
        let text = raw.get();
        if depth > DEPTH {
            let message = "lists and objects are nested too deeply; 128 levels are allowed";
            self.problems.error("json", message, &span, "here");
            return None;
        }
        let kind = match text.as_bytes().first() {
            Some(b'{') => {
                let members: Members<'_> = serde_json::from_str(text).ok()?;
                let mut entries: Vec<(Located<String>, Node)> = Vec::new();
                let mut seen = std::collections::HashSet::new();
                for (key, value) in members.0 {
                    let place = self.span(key);
                    let name = unescaped(key.get());
                    let Some(node) = self.node(value, depth + 1) else { continue };
                    if !seen.insert(name.clone()) {
                        let message = format!("the key `{name}` is duplicated");
                        self.problems.error("duplicate-key", message, &place, "here again");
                        continue;
                    }
                    entries.push((Located::new(name, place), node));
                }
                span.end = span.start + 1;
                NodeKind::Map(entries)
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                let items = items.into_iter().filter_map(|item| self.node(item, depth + 1));
                let items = items.collect();
                span.end = span.start + 1;
                NodeKind::List(items)
            }
            Some(b'"') => NodeKind::Text(unescaped(text)),
            Some(b't') => NodeKind::Bool(true),
            Some(b'f') => NodeKind::Bool(false),
            Some(b'n') => NodeKind::Null,
            _ => scalar::number(text).unwrap_or_else(|| NodeKind::Text(text.to_owned())),
        };
        Some(Node { kind, span })
    }
}

/// The text that a string stands for; one with half of a surrogate pair stands as it is written.
fn unescaped(raw: &str) -> String {
    serde_json::from_str(raw).unwrap_or_else(|_| raw.trim_matches('"').to_owned())
}

/// The members of an object, in order, those with the same name too.
struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
        let problems = Problems::default();
        let node = parse(&Source::new("a.json", text), &problems);
        (node, problems.into_sorted())
    }

    #[test]
    fn each_key_and_value_knows_its_place() {
        let text =
            "{\n\t\"a\": [1, 2.50, \"\\ud83d\\ude00\\/\"],\n \"b\" : {\"c\":null, \"d\": true}}";
        let (node, problems) = read(text);
        assert!(problems.is_empty(), "{problems:?}");
        let node = node.unwrap();
        let (key, value) = node.entry("b").unwrap();
        assert_eq!((key.span.text(), key.span.line_column()), ("\"b\"", (3, 2)));
        assert_eq!(value.span.line_column(), (3, 8));
        let item = &node.get("a").unwrap().as_list().unwrap()[1];
        assert_eq!((item.span.text(), item.span.line_column()), ("2.50", (2, 11)));
        assert_eq!(node.to_value().to_string(), r#"{"a":[1,2.50,"😀/"],"b":{"c":null,"d":true}}"#);
    }

    #[test]
    fn mistakes_have_a_place() {
        let (node, problems) = read("{\"a\": 1, \"a\": 2}");
        assert_eq!(node.unwrap().to_value().to_string(), r#"{"a":1}"#);
        assert_eq!(problems[0].code, "duplicate-key");
        let (node, problems) = read("{\"a\": 1,\n  b: 2}");
        assert!(node.is_none());
        assert_eq!(problems[0].primary.as_ref().unwrap().span.line_column(), (2, 3));
        let (_, problems) = read(&format!("{}1{}", "[".repeat(200), "]".repeat(200)));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(read("{\"a\": \"\\ud83d\"}").0.is_some());
    }
}
