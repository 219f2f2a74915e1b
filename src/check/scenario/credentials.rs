//! The keys that calls and requests show.

use super::Reader;
use super::written::{Written, is_worked_out};
use crate::model::{SchemeId, Tree};
use crate::scenario::Shown;
use crate::syntax::{Node, ReadNode};

/// What may stand there, for messages.
const EXPECTED: &str = "`none`, or keys by security scheme";

impl<'n> Reader<'n, '_> {
    /// `authenticate`: `none`, or keys by security scheme.
    pub(super) fn credentials(&mut self, node: &'n Node) -> Vec<(SchemeId, Tree)> {
        let mut shown = Vec::new();
        for (at, node) in self.schemes(node) {
            let tree = self.trees.tree(node, &self.scope);
            shown.extend(at.map(|at| (at, tree)));
        }
        shown
    }

    /// The schemes, where there are such, with their keys.
    fn schemes(&mut self, node: &'n Node) -> Vec<(Option<SchemeId>, &'n Node)> {
        if node.as_text() == Some("none") {
            return Vec::new();
        }
        if node.as_map().is_none() {
            self.wrong_type(node, EXPECTED);
            return Vec::new();
        }
        let known = self.service.security_schemes.iter().map(|scheme| &*scheme.name);
        let code = "unknown-security-scheme";
        let mut schemes = Vec::new();
        for (key, node) in self.read_members(node) {
            let at = self.position(code, "security scheme", &key.value, &key.span, known.clone());
            schemes.push((at.map(SchemeId), node));
        }
        schemes
    }

    /// What a step shows: its own keys, what an expression gives, or the keys of the file.
    pub(super) fn shown(&mut self, node: Option<&'n Node>) -> Shown {
        let Some(node) = node else {
            return Shown { keys: self.shown.clone(), instead: None };
        };
        if !is_worked_out(node) {
            return Shown { keys: self.credentials(node), instead: None };
        }
        let mut seen: Vec<*const Node> = Vec::new();
        for row in self.rows_for(&[Some(node)]) {
            if let Written::Here(written) = self.written(node, row)
                && !seen.contains(&std::ptr::from_ref(written))
            {
                seen.push(written);
                self.schemes(written);
            }
        }
        let instead = self.trees.sole_expression(node, &self.scope);
        Shown { keys: self.shown.clone(), instead }
    }
}
