//! The keys that calls and requests show.

use super::Reader;
use crate::model::{SchemeId, Tree};
use crate::syntax::Node;
use crate::syntax::mapping::{members, wrong_type};

impl<'n> Reader<'n, '_> {
    /// `authenticate`: `none`, or keys by security scheme.
    pub(super) fn credentials(&mut self, node: &'n Node) -> Vec<(SchemeId, Tree)> {
        if node.as_text() == Some("none") {
            return Vec::new();
        }
        if node.as_map().is_none() {
            let expected = "`none`, or keys by security scheme";
            wrong_type(node, expected, &mut self.checker.problems);
            return Vec::new();
        }
        let known = self.service.security_schemes.iter().map(|scheme| &*scheme.name);
        let code = "unknown-security-scheme";
        let mut shown = Vec::new();
        for (key, node) in members(node, &mut self.checker.problems) {
            let at = self.position(code, "security scheme", &key.value, &key.span, known.clone());
            let tree = self.checker.tree(node, &self.scope);
            shown.extend(at.map(|at| (SchemeId(at), tree)));
        }
        shown
    }

    /// What a step shows: its own keys, or those of the file.
    pub(super) fn shown(&mut self, node: Option<&'n Node>) -> Vec<(SchemeId, Tree)> {
        match node {
            Some(node) => self.credentials(node),
            None => self.shown.clone(),
        }
    }
}
