//! What is expected of a body as bytes.

use std::sync::Arc;

use super::Reader;
use super::records;
use crate::scenario::expected::ExpectedBytes;
use crate::scenario::{Given, Matcher};
use crate::source::Span;
use crate::syntax::{Node, ReadNode};

impl<'n> Reader<'n, '_> {
    /// `bytes`: `base64` or `file`, `sha256`, `length`.
    pub(super) fn expected_bytes(&mut self, node: &'n Node) -> Option<ExpectedBytes> {
        let mut mapping = self.open(node, records::EXPECTATION_BYTES.called("`bytes`"))?;
        let contents = ["base64", "file"].map(|key| mapping.entry(key));
        let (sha256, length) = (mapping.take("sha256"), mapping.take("length"));
        mapping.finish();
        self.trees.only_one(&contents);
        let content = contents.iter().flatten().next().copied();
        if content.is_none() && sha256.is_none() && length.is_none() {
            let message = "`bytes` needs one of `base64`, `file`, `sha256`, `length`";
            self.error("missing-key", message, &node.span, "has none of them");
            return None;
        }
        let content = content.and_then(|(key, node)| {
            let bytes = match key.value.as_str() {
                "base64" => self.or_expression(node, Self::base64),
                _ => self.file(node).map(Given::Written),
            };
            Some((bytes?, node.span.clone()))
        });
        let sha256 = sha256.and_then(|node| self.digest(node));
        let length = length.and_then(|node| match self.length(node) {
            Some(Matcher::Length(length)) => Some(length),
            _ => None,
        });
        Some(ExpectedBytes { content, sha256, length })
    }

    /// The 64 hexadecimal digits of a SHA-256, in lower case.
    fn digest(&mut self, node: &'n Node) -> Option<(Arc<str>, Span)> {
        let text = self.fixed(node)?;
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let message = "a SHA-256 has 64 hexadecimal digits";
            self.error("bad-digest", message, &text.span, "cannot fit");
            return None;
        }
        Some((text.to_ascii_lowercase().into(), text.span))
    }
}
