//! A document as a list of its nodes in document order (XPath 1.0 section 5).
//!
//! A node is its position in that list. What is in a node comes right after it, so that each axis
//! is a range or a chain of positions, and document order is the order of numbers.

use std::borrow::Cow;

use super::budget::{Budget, Stop};
use crate::wire::QualifiedName;
use crate::wire::xml::{Element, Node as Child, XML_NAMESPACE};

/// The position of the root, which has the root element in it.
pub(super) const ROOT: usize = 0;

/// The nodes of a document, and how much may be done with them.
pub(super) struct Tree<'d> {
    nodes: Vec<Node<'d>>,
    pub(super) budget: Budget,
}

#[derive(Clone, Copy)]
struct Node<'d> {
    what: What<'d>,
    parent: usize,
    /// The sibling before it, or itself if it is the first one.
    previous: usize,
    /// The position after the last node in it.
    end: usize,
}

#[derive(Clone, Copy)]
pub(super) enum What<'d> {
    Root,
    Element(&'d Element),
    Attribute(&'d QualifiedName, &'d str),
    Text(&'d str),
}

impl<'d> Tree<'d> {
    pub(super) fn new(root: &'d Element) -> Self {
        let mut tree = Self { nodes: Vec::new(), budget: Budget::default() };
        tree.push(What::Root, ROOT, ROOT);
        tree.plant(root, ROOT, 1);
        tree.close(ROOT);
        tree
    }

    fn push(&mut self, what: What<'d>, parent: usize, previous: usize) {
        let end = self.nodes.len() + 1;
        self.nodes.push(Node { what, parent, previous, end });
    }

    fn close(&mut self, node: usize) {
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(node) {
            node.end = end;
        }
    }

    fn plant(&mut self, element: &'d Element, parent: usize, previous: usize) {
        let this = self.nodes.len();
        self.push(What::Element(element), parent, previous);
        for (name, value) in &element.attributes {
            let attribute = self.nodes.len();
            self.push(What::Attribute(name, value), this, attribute);
        }
        let mut previous = self.nodes.len();
        for child in &element.children {
            let at = self.nodes.len();
            match child {
                Child::Element(child) => self.plant(child, this, previous),
                Child::Text(text) => self.push(What::Text(text), this, previous),
            }
            previous = at;
        }
        self.close(this);
    }

    fn node(&self, node: usize) -> Node<'d> {
        let nowhere = Node { what: What::Root, parent: ROOT, previous: ROOT, end: ROOT };
        self.nodes.get(node).copied().unwrap_or(nowhere)
    }

    /// How many nodes there are.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn what(&self, node: usize) -> What<'d> {
        self.node(node).what
    }

    pub(super) fn is_attribute(&self, node: usize) -> bool {
        matches!(self.what(node), What::Attribute(..))
    }

    pub(super) fn parent(&self, node: usize) -> Option<usize> {
        (node != ROOT).then(|| self.node(node).parent)
    }

    /// The sibling before a node; attributes have none.
    pub(super) fn previous(&self, node: usize) -> Option<usize> {
        Some(self.node(node).previous).filter(|previous| *previous != node)
    }

    /// The position after the last node in a node.
    pub(super) fn end(&self, node: usize) -> usize {
        self.node(node).end
    }

    /// The position after the attributes of a node, where its first child is.
    pub(super) fn content(&self, node: usize) -> usize {
        match self.what(node) {
            What::Element(element) => node + 1 + element.attributes.len(),
            _ => node + 1,
        }
    }

    /// The expanded name of a node, if it has one.
    pub(super) fn name(&self, node: usize) -> Option<&'d QualifiedName> {
        match self.what(node) {
            What::Element(element) => Some(&element.name),
            What::Attribute(name, _) => Some(name),
            What::Root | What::Text(_) => None,
        }
    }

    /// The name with the prefix that the document has for its namespace at that place.
    pub(super) fn qualified(&self, node: usize) -> Result<Cow<'d, str>, Stop> {
        let Some(name) = self.name(node) else { return Ok(Cow::Borrowed("")) };
        Ok(match self.prefix(node, name)? {
            None | Some("") => Cow::Borrowed(&name.local),
            Some(prefix) => Cow::Owned(format!("{prefix}:{}", name.local)),
        })
    }

    fn prefix(&self, node: usize, name: &QualifiedName) -> Result<Option<&'d str>, Stop> {
        let Some(namespace) = name.namespace.as_deref() else { return Ok(None) };
        if namespace == XML_NAMESPACE {
            return Ok(Some("xml"));
        }
        let mut hidden: Vec<&str> = Vec::new();
        let mut at = Some(node);
        while let Some(here) = at {
            if let What::Element(element) = self.what(here) {
                self.budget.spend(1 + element.declarations.len())?;
                for (prefix, declared) in &element.declarations {
                    let fits = declared.as_deref() == Some(namespace)
                        // An attribute without prefix is in no namespace.
                        && !(prefix.is_empty() && self.is_attribute(node))
                        && !hidden.contains(&&**prefix);
                    if fits {
                        return Ok(Some(prefix));
                    }
                }
                hidden.extend(element.declarations.iter().map(|(prefix, _)| &**prefix));
            }
            at = self.parent(here);
        }
        Ok(None)
    }

    /// The string-value of a node (section 5).
    pub(super) fn text(&self, node: usize) -> Result<Cow<'d, str>, Stop> {
        let texts = match self.what(node) {
            What::Attribute(_, text) | What::Text(text) => {
                self.budget.spend_text(text.len())?;
                return Ok(Cow::Borrowed(text));
            }
            What::Root | What::Element(_) => self.content(node)..self.end(node),
        };
        self.budget.spend(texts.len())?;
        let mut whole = Cow::Borrowed("");
        for at in texts {
            if let What::Text(text) = self.what(at) {
                self.budget.spend_text(text.len())?;
                whole += text;
            }
        }
        Ok(whole)
    }

    /// What `xml:lang` says at a node.
    pub(super) fn language(&self, node: usize) -> Result<Option<&'d str>, Stop> {
        let mut at = Some(node);
        while let Some(here) = at {
            if let What::Element(element) = self.what(here) {
                self.budget.spend(1 + element.attributes.len())?;
                let mut attributes = element.attributes.iter();
                let found = attributes.find(|(name, _)| name.is(Some(XML_NAMESPACE), "lang"));
                if let Some((_, language)) = found {
                    return Ok(Some(language));
                }
            }
            at = self.parent(here);
        }
        Ok(None)
    }
}
