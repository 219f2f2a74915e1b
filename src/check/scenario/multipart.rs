//! Forms with files.

use std::path::Path;

use super::Reader;
use super::records;
use crate::model::{Text, TextPart};
use crate::scenario::{FormPart, PartContent};
use crate::syntax::{Node, NodeKind, ReadNode};

impl<'n> Reader<'n, '_> {
    /// `multipart`: parts by their names, several of one name as a list; or a list of parts without
    /// names.
    pub(super) fn multipart(&mut self, node: &'n Node) -> Vec<FormPart> {
        let mut parts = Vec::new();
        if let Some(nodes) = node.as_list() {
            return nodes.iter().filter_map(|node| self.form_part(None, node)).collect();
        }
        for (name, node) in self.read_members(node) {
            for node in node.as_list().unwrap_or(std::slice::from_ref(node)) {
                parts.extend(self.form_part(Some(&name.value), node));
            }
        }
        parts
    }

    fn form_part(&mut self, name: Option<&str>, node: &'n Node) -> Option<FormPart> {
        let name = name.map(Into::into);
        let literal = |text: &str| Text { parts: vec![TextPart::Literal(text.into())] };
        if node.as_map().is_none() {
            let content = match node.kind {
                NodeKind::Integer(_) | NodeKind::Number(_) | NodeKind::Bool(_) => {
                    literal(node.span.text())
                }
                _ => self.trees.text(node, &self.scope)?,
            };
            let (id, filename, media_type) = (None, None, None);
            let content = PartContent::Text(content);
            return Some(FormPart { name, id, filename, media_type, content });
        }
        let mut mapping = self.open(node, records::PART.called("a part"))?;
        let contents = ["text", "json", "file", "base64"].map(|key| mapping.entry(key));
        let (id, filename) = (mapping.take("id"), mapping.take("filename"));
        let media_type = mapping.take("mediaType");
        mapping.finish();
        self.trees.only_one(&contents);
        let Some((key, content)) = contents.iter().flatten().next().copied() else {
            let message = "a part needs one of `text`, `json`, `file`, `base64`";
            self.error("missing-key", message, &node.span, "has none of them");
            return None;
        };
        let id = id.and_then(|node| self.trees.text(node, &self.scope));
        let mut filename = filename.and_then(|node| self.trees.text(node, &self.scope));
        let media_type = media_type.and_then(|node| self.trees.text(node, &self.scope));
        let (content, usual) = match key.value.as_str() {
            "text" => (PartContent::Text(self.trees.text(content, &self.scope)?), None),
            "json" => {
                let tree = self.trees.tree(content, &self.scope);
                (PartContent::Json(tree), Some("application/json"))
            }
            "base64" => {
                let bytes = self.base64(content)?;
                (PartContent::Bytes(bytes), Some("application/octet-stream"))
            }
            _ => {
                let bytes = self.file(content)?;
                let path = Path::new(content.as_text().unwrap_or_default()).file_name();
                let own = path.map(|name| literal(&name.to_string_lossy()));
                filename = filename.or(own);
                (PartContent::Bytes(bytes), Some("application/octet-stream"))
            }
        };
        let media_type = media_type.or_else(|| usual.map(literal));
        Some(FormPart { name, id, filename, media_type, content })
    }
}
