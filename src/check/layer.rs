//! `$ref` with keys beside it: schemas that lie over each other.

use std::sync::Arc;

use super::Checker;
use super::records;
use super::scope::Scope;
use crate::model::SchemaId;
use crate::source::Located;
use crate::syntax::{Node, ReadNode};

/// One of the mappings that make up a schema; a later one's keys replace an earlier one's.
#[derive(Debug, Clone)]
pub(super) struct Layer<'n> {
    pub(super) node: &'n Node,
    /// The name for its rules, such as `Book.title`.
    pub(super) name: String,
    /// The mapping of a parameter, of which only some keys belong to the schema.
    pub(super) beside: bool,
    /// The schema with which it is written, at which `#` begins.
    pub(super) root: &'n Node,
    /// The schema that it refers to and stands in itself.
    pub(super) recursive: Option<SchemaId>,
}

/// A schema that is referred to while it is read.
#[derive(Debug)]
pub(super) struct Followed<'n> {
    node: &'n Node,
    /// How many members and items lead to it.
    descents: usize,
}

/// A schema that contains itself: it is read once more when all else is.
#[derive(Debug)]
pub(super) struct Recursive<'n> {
    pub(super) target: Target<'n>,
    /// What its expressions see.
    pub(super) scope: Option<Scope>,
}

/// The schemas of a spec that a scenario may refer to, each by its id.
#[derive(Debug)]
pub(super) struct Borrowed {
    /// The id of the first.
    pub(super) first: usize,
    pub(super) names: Vec<Arc<str>>,
}

/// What a reference leads to.
#[derive(Debug, Clone)]
pub(super) struct Target<'n> {
    pub(super) node: &'n Node,
    pub(super) name: String,
    pub(super) root: &'n Node,
}

/// The keys of a parameter that are not its schema's.
pub(super) const PARAMETER_KEYS: &[&str] =
    &["name", "in", "required", "explode", "style", "schema", "content", "description"];

impl<'n> Layer<'n> {
    /// The key and value of that name, if they belong to the schema.
    pub(super) fn entry(&self, key: &str) -> Option<(&'n Located<String>, &'n Node)> {
        if self.beside && !is_beside(key) {
            return None;
        }
        self.node.entry(key)
    }
}

/// Whether a key of a schema may stand in a parameter beside `schema`.
fn is_beside(key: &str) -> bool {
    records::PARAMETER.has(key) && !PARAMETER_KEYS.contains(&key)
}

/// The last of the layers that has the key, with the key and its value.
pub(super) fn last<'l, 'n>(
    layers: &'l [Layer<'n>],
    key: &str,
) -> Option<(&'l Layer<'n>, &'n Located<String>, &'n Node)> {
    layers.iter().rev().find_map(|layer| layer.entry(key).map(|(name, node)| (layer, name, node)))
}

/// Where a keyword stands.
pub(super) struct Place<'p, 'n> {
    /// The name of its rule.
    pub(super) name: &'p str,
    /// The schema with which it is written.
    pub(super) root: &'n Node,
    /// The properties beside it.
    pub(super) names: &'p [Arc<str>],
}

impl<'n> Checker<'n> {
    /// A schema with all it refers to, innermost first. `root` is the schema with which it is
    /// written.
    ///
    /// The schemas that were followed stay on `self.following` until the caller truncates it, so
    /// that one that refers to itself is found.
    pub(super) fn layers(
        &mut self,
        node: &'n Node,
        name: String,
        root: &'n Node,
    ) -> Vec<Layer<'n>> {
        let mut layers = Vec::new();
        let mut recursive = None;
        if let Some(reference) = node.get("$ref")
            && let Some(name) = self.borrowed_name(reference)
        {
            recursive = self.borrowed_id(&name, reference);
        } else if let Some(reference) = node.get("$ref")
            && let Some(target) = self.target(reference, root)
        {
            let known = |known: &&Followed<'n>| std::ptr::eq(known.node, target.node);
            let known = self.following.iter().rev().find(known).map(|known| known.descents);
            match known {
                Some(descents) if descents == self.descents => {
                    let message = format!("the schema `{}` is nothing but itself", target.name);
                    self.error(
                        "recursive-reference",
                        message,
                        &reference.span,
                        "leads back here, and never ends",
                    );
                }
                Some(_) => recursive = Some(self.recursive_id(&target)),
                None if self.reader.may_follow(self.following.len(), reference) => {
                    let Target { node, name, root } = target;
                    self.following.push(Followed { node, descents: self.descents });
                    layers = self.layers(node, name, root);
                }
                None => {}
            }
        }
        layers.push(Layer { node, name, beside: false, root, recursive });
        layers
    }

    fn recursive_id(&mut self, target: &Target<'n>) -> SchemaId {
        let known = |one: &Recursive<'n>| std::ptr::eq(one.target.node, target.node);
        let at = self.recursive.iter().position(known).unwrap_or_else(|| {
            self.recursive.push(Recursive { target: target.clone(), scope: None });
            self.recursive.len() - 1
        });
        SchemaId(self.first_own() + at)
    }

    /// The id of the first schema of this file that contains itself.
    pub(super) fn first_own(&self) -> usize {
        self.borrowed.as_ref().map_or(0, |borrowed| borrowed.first + borrowed.names.len())
    }

    /// A schema of this file that contains itself.
    pub(super) fn own_recursive(&mut self, id: SchemaId) -> Option<&mut Recursive<'n>> {
        let at = id.0.checked_sub(self.first_own())?;
        self.recursive.get_mut(at)
    }

    /// The name in a `$ref` to a schema of the spec, in a scenario.
    fn borrowed_name(&self, reference: &Node) -> Option<String> {
        let name = reference.as_text()?.strip_prefix("#/components/schemas/");
        name.filter(|_| self.borrowed.is_some()).map(str::to_owned)
    }

    fn borrowed_id(&mut self, name: &str, reference: &Node) -> Option<SchemaId> {
        let borrowed = self.borrowed.as_ref()?;
        let at = borrowed.names.iter().position(|known| **known == *name);
        if at.is_none() {
            let known = borrowed.names.iter().map(|name| &**name);
            let span = reference.span.narrow(name);
            self.unknown("unknown-schema", "schema of the spec", name, &span, known);
        }
        at.map(|at| SchemaId(borrowed.first + at))
    }

    /// What a `$ref` leads to: a shared schema, what stands in one, or what stands in the schema
    /// with which it is written.
    fn target(&mut self, reference: &'n Node, root: &'n Node) -> Option<Target<'n>> {
        let text = self.read_text(reference)?;
        let (root, name, pointer) = match text.value.strip_prefix("#/components/schemas/") {
            Some(path) => {
                let (name, pointer) = path.find('/').map_or((path, ""), |at| path.split_at(at));
                let span = text.span.narrow(name);
                let at = self.names.schemas.resolve_name(name, &span)?;
                (self.names.schemas.node(at)?, name.to_owned(), pointer.to_owned())
            }
            None => match text.value.strip_prefix('#') {
                Some(pointer) => (root, String::new(), pointer.to_owned()),
                None => {
                    self.bad_reference(reference, "schemas");
                    return None;
                }
            },
        };
        let found = if pointer.is_empty() || pointer.starts_with('/') {
            pointed(root, &pointer)
        } else {
            anchored(root, &pointer)
        };
        let Some(node) = found else {
            self.bad_reference(reference, "schemas");
            return None;
        };
        let last = pointer.rsplit('/').next().filter(|last| !last.is_empty());
        let name = match last {
            Some(last) if name.is_empty() => last.to_owned(),
            Some(last) => format!("{name}.{last}"),
            None => name,
        };
        Some(Target { node, name, root })
    }

    /// Reads a schema, which is referred to in it as one that is read already.
    pub(super) fn within<T>(&mut self, node: &'n Node, read: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.following.len();
        self.following.push(Followed { node, descents: self.descents });
        let result = read(self);
        self.following.truncate(mark);
        result
    }

    /// Reads what describes members or items, so that a schema that it refers to may contain it.
    pub(super) fn descend<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.descents += 1;
        let result = read(self);
        self.descents -= 1;
        result
    }
}

/// What a JSON pointer (RFC 6901), which may be percent-encoded, leads to.
fn pointed<'n>(root: &'n Node, pointer: &str) -> Option<&'n Node> {
    pointer.split('/').skip(1).try_fold(root, |node, token| {
        let token = percent_encoding::percent_decode_str(token).decode_utf8().ok()?;
        let token = token.replace("~1", "/").replace("~0", "~");
        match node.as_list() {
            Some(items) => items.get(token.parse::<usize>().ok()?),
            None => node.get(&token),
        }
    })
}

fn anchored<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    if node.get("$anchor").and_then(Node::as_text) == Some(name) {
        return Some(node);
    }
    let members = node.as_map().unwrap_or_default().iter();
    let is_data = |key: &str| matches!(key, "enum" | "const" | "default");
    let members = members.filter(|(key, _)| !is_data(&key.value)).map(|(_, member)| member);
    let mut inner = members.chain(node.as_list().unwrap_or_default());
    inner.find_map(|inner| anchored(inner, name))
}
