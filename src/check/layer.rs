//! `$ref` with keys beside it: schemas that lie over each other.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::source::{Located, Span};
use crate::syntax::{Node, mapping};

/// Through how many others a reference may lead.
const DEPTH: usize = 64;

/// How deep schemas, trees and steps may stand in each other, references followed.
const NESTED: usize = 128;

/// How many references are followed in one spec, each time they are followed.
const FOLLOWED: usize = 20_000;

/// One of the mappings that make up a schema; a later one's keys replace an earlier one's.
#[derive(Debug, Clone)]
pub(super) struct Layer<'n> {
    pub(super) node: &'n Node,
    /// The name for its rules, such as `Book.title`.
    pub(super) name: String,
    /// The mapping of a parameter, of which only some keys belong to the schema.
    pub(super) beside: bool,
}

/// The keys of a schema that may stand in a parameter beside `schema`.
pub(super) const BESIDE: &[&str] = &[
    "implements",
    "evidence",
    "source",
    "error",
    "message",
    "checks",
    "allowEmptyValue",
    "caseInsensitive",
    "meanings",
    "mustNotContain",
    "references",
    "ignoredUnless",
];

impl<'n> Layer<'n> {
    /// The key and value of that name, if they belong to the schema.
    pub(super) fn entry(&self, key: &str) -> Option<(&'n Located<String>, &'n Node)> {
        if self.beside && !BESIDE.contains(&key) {
            return None;
        }
        self.node.entry(key)
    }
}

/// The last of the layers that has the key, with the key and its value.
pub(super) fn last<'l, 'n>(
    layers: &'l [Layer<'n>],
    key: &str,
) -> Option<(&'l Layer<'n>, &'n Located<String>, &'n Node)> {
    layers.iter().rev().find_map(|layer| layer.entry(key).map(|(name, node)| (layer, name, node)))
}

/// The name in `#/components/{kind}/NAME`.
pub(super) fn reference<'t>(text: &'t str, kind: &str) -> Option<&'t str> {
    text.strip_prefix("#/components/")?.strip_prefix(kind)?.strip_prefix('/')
}

impl<'n> Checker<'n> {
    /// A schema with all it refers to, innermost first.
    ///
    /// The schemas that were followed stay on `self.following` until the caller truncates it, so
    /// that one that refers to itself is found.
    pub(super) fn layers(&mut self, node: &'n Node, name: String) -> Vec<Layer<'n>> {
        let mut layers = Vec::new();
        if let Some(target) = node.get("$ref")
            && let Some(text) = mapping::text(target, &mut self.problems)
        {
            match reference(&text.value, "schemas") {
                None => self.bad_reference(target, "schemas"),
                Some(referenced) => {
                    let span = text.span.narrow(referenced);
                    let at = self.names.schemas.resolve_name(referenced, &span, &mut self.problems);
                    if let Some(at) = at {
                        layers = self.follow_schema(at, target);
                    }
                }
            }
        }
        layers.push(Layer { node, name, beside: false });
        layers
    }

    fn follow_schema(&mut self, at: usize, target: &Node) -> Vec<Layer<'n>> {
        let name = self.names.schemas.name(at);
        if self.following.contains(&at) {
            self.problems.error(
                "recursive-reference",
                format!("the schema `{name}` contains itself"),
                &target.span,
                "leads back here",
            );
            return Vec::new();
        }
        if !self.may_follow(self.following.len(), target) {
            return Vec::new();
        }
        self.following.push(at);
        match self.names.schemas.node(at) {
            Some(node) => self.layers(node, name.to_string()),
            None => Vec::new(),
        }
    }

    /// Reads something that may hold more of its kind; nothing when it stands too deep.
    pub(super) fn nested<T>(
        &mut self,
        node: &Span,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        if self.depth >= NESTED {
            let message =
                format!("with all references, this stands more than {NESTED} levels deep");
            self.problems.error("too-deep", message, node, "too deep");
            return None;
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        Some(result)
    }

    /// Whether one more reference may be followed; what is referred to is copied to each place, so
    /// that few lines could otherwise become more than any memory holds.
    pub(super) fn may_follow(&mut self, depth: usize, target: &Node) -> bool {
        self.followed += 1;
        let message = if depth >= DEPTH {
            format!("references lead through more than {DEPTH} others")
        } else if self.followed > FOLLOWED {
            format!("there are more than {FOLLOWED} references, with all that they lead to")
        } else {
            return true;
        };
        // Once there are too many, each further one is.
        if self.followed <= FOLLOWED + 1 {
            self.problems.error("too-many-references", message, &target.span, "one too many");
        }
        false
    }

    /// Reports that a `$ref` is no reference of the kind that belongs there.
    pub(super) fn bad_reference(&mut self, target: &Node, kind: &str) {
        self.problems.push(
            Diagnostic::error(
                "bad-reference",
                "this `$ref` does not lead to what belongs here",
                &target.span,
                "not a place in this spec",
            )
            .help(format!("write #/components/{kind}/NAME")),
        );
    }
}
