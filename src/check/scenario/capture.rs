//! What is kept of an answer.

use std::sync::Arc;

use super::Reader;
use super::records;
use crate::check::shape::Shape;
use crate::check::watch::RESERVED;
use crate::diagnostic::Diagnostic;
use crate::model::{Text, TextPart};
use crate::scenario::{Capture, CaptureFrom, Selector};
use crate::selector::{SelectorError, json_path, xpath};
use crate::source::{Located, Span};
use crate::syntax::{Entry, Node, NodeKind, ReadNode};

type Namespaces = [(Arc<str>, Arc<str>)];

impl<'n> Reader<'n, '_> {
    /// `capture`; the names come into sight.
    ///
    /// `without_xml` is the operation that is known to answer with something else.
    pub(super) fn captures(
        &mut self,
        node: &'n Node,
        namespaces: &Namespaces,
        without_xml: Option<&str>,
    ) -> Vec<Capture> {
        let mut captures = Vec::new();
        if node.as_map().is_none() {
            self.scope.lose_track();
        }
        for (key, node) in self.read_members(node) {
            let capture = self.capture(key, node, namespaces);
            if let (Some(Capture { from: CaptureFrom::XPath(_), .. }), Some(operation)) =
                (&capture, without_xml)
            {
                self.xpath_of_json(node, operation);
            }
            let Some(name) = self.name(&key.value, &key.span, Shape::Any) else {
                if !RESERVED.contains(&&*key.value) {
                    self.scope.lose_track();
                }
                continue;
            };
            captures.extend(capture.map(|capture| Capture { name, ..capture }));
        }
        captures
    }

    fn capture(
        &mut self,
        key: &'n Located<String>,
        node: &'n Node,
        namespaces: &Namespaces,
    ) -> Option<Capture> {
        let capture = |from, regex, mask| Capture {
            name: Arc::default(),
            from,
            regex,
            default: None,
            gather: false,
            mask,
            span: key.span.clone(),
        };
        if let Some(text) = node.as_text() {
            if self.is_of_response(text) {
                let message = "a string is a JSONPath or an XPath, and this gives what was found";
                self.report(
                    Diagnostic::error("wrong-type", message, &node.span, "is a value")
                        .help(format!("write {{value: {}}}", node.span.text())),
                );
                return None;
            }
            let from = match text.starts_with('$') {
                true => self.json_path(text, &node.span).map(CaptureFrom::JsonPath),
                false => self.xpath(text, &node.span, namespaces).map(CaptureFrom::XPath),
            };
            return from.map(|from| capture(from, None, None));
        }
        let mut mapping = self.open(node, records::CAPTURES.called("a capture"))?;
        let sources =
            ["jsonPath", "xpath", "nodes", "header", "headers", "text", "status", "value"]
                .map(|source| mapping.entry(source));
        let regex = mapping.take("regex");
        let default = mapping.take("default").map(|node| self.trees.tree(node, &self.scope));
        let gather = mapping.boolean("gather").unwrap_or(false);
        let mask = mapping.boolean("mask");
        mapping.finish();
        let regex_read = regex.and_then(|node| self.regex(node));
        let from = self.capture_from(node, &sources, namespaces)?;
        if regex.is_some() && regex_read.is_none() {
            return None;
        }
        Some(Capture { default, gather, ..capture(from, regex_read, mask) })
    }

    /// That a path is an XPath where no XML comes.
    fn xpath_of_json(&mut self, node: &Node, operation: &str) {
        let Some(text) = node.as_text() else { return };
        let message = format!("`{text}` is an XPath, and `{operation}` does not answer with XML");
        self.report(
            Diagnostic::error("no-match", message, &node.span, "finds nothing").warning().help(
                format!("a JSONPath begins with `$`: $.{}", text.trim_start_matches(['/', '.'])),
            ),
        );
    }

    /// Whether a text is an expression of the answer, which is no path.
    fn is_of_response(&self, text: &str) -> bool {
        self.sole_path(text).is_some_and(|path| &*path.root == "response")
    }

    fn capture_from(
        &mut self,
        node: &'n Node,
        sources: &[Option<Entry<'n>>],
        namespaces: &Namespaces,
    ) -> Option<CaptureFrom> {
        let mut given = sources.iter().flatten().copied();
        let Some((key, value)) = given.next() else {
            let message = "a capture needs one of `jsonPath`, `xpath`, `nodes`, `header`, `headers`, `text`, `status`, `value`";
            self.error("missing-key", message, &node.span, "has none of them");
            return None;
        };
        if let Some((other, _)) = given.next() {
            let message = format!("a capture is `{}` or `{}`, not both", key.value, other.value);
            self.report(Diagnostic::contradiction(message, &other.span, &key.span));
            return None;
        }
        match key.value.as_str() {
            "text" => self.only_true(value).then_some(CaptureFrom::Text),
            "value" => Some(CaptureFrom::Value(self.trees.tree(value, &self.scope))),
            "status" => self.only_true(value).then_some(CaptureFrom::Status),
            "header" => {
                let name = self.fixed(value)?;
                let name = name.map(|name| name.to_string());
                self.trees.header_name(&name).map(CaptureFrom::Header)
            }
            "headers" => {
                let name = self.fixed(value)?;
                let name = name.map(|name| name.to_string());
                self.trees.header_name(&name).map(CaptureFrom::Headers)
            }
            kind => {
                let path = self.read_text(value)?;
                match kind {
                    "xpath" => {
                        self.xpath(&path.value, &path.span, namespaces).map(CaptureFrom::XPath)
                    }
                    "nodes" => {
                        self.xpath(&path.value, &path.span, namespaces).map(CaptureFrom::Nodes)
                    }
                    _ => self.json_path(&path.value, &path.span).map(CaptureFrom::JsonPath),
                }
            }
        }
    }

    /// `true`, and nothing else.
    pub(super) fn only_true(&mut self, node: &'n Node) -> bool {
        let value = self.read_boolean(node);
        if value == Some(false) {
            let message = "this is `true`, or is left out";
            self.error("fixed-value", message, &node.span, "has no effect");
        }
        value == Some(true)
    }

    /// A JSONPath.
    pub(super) fn json_path(&mut self, text: &str, span: &Span) -> Option<Selector> {
        let compiled = |text: &str| json_path::compile(text).map(drop);
        self.selector(text, span, "bad-json-path", compiled)
    }

    /// An XPath with these prefixes.
    pub(super) fn xpath(
        &mut self,
        text: &str,
        span: &Span,
        namespaces: &Namespaces,
    ) -> Option<Selector> {
        let compiled = |text: &str| xpath::compile(text, namespaces).map(drop);
        self.selector(text, span, "bad-xpath", compiled)
    }

    /// A selector; what it says is looked at now, unless an expression has a part in it.
    fn selector(
        &mut self,
        text: &str,
        span: &Span,
        code: &'static str,
        compiled: impl Fn(&str) -> Result<(), SelectorError>,
    ) -> Option<Selector> {
        if text.contains("${") {
            let node = Node { kind: NodeKind::Text(text.to_owned()), span: span.clone() };
            let parts = self.trees.parts(&node, text, &self.scope)?;
            return Some(Selector { text: Text { parts } });
        }
        if let Err(error) = compiled(text) {
            let place = error.part.as_ref().map_or_else(|| span.clone(), |part| span.narrow(part));
            self.error(code, error.message.as_str(), &place, "cannot be used");
            return None;
        }
        Some(Selector { text: Text { parts: vec![TextPart::Literal(text.into())] } })
    }
}
