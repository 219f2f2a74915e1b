//! Which prefix stands for which namespace at a place of a document.

use std::sync::Arc;

use super::{XML_NAMESPACE, XMLNS_NAMESPACE};

/// How many declarations may hold at one place; looking a prefix up compares them one by one.
const MOST_BINDINGS: usize = 256;

/// A prefix and its namespace.
pub(in crate::wire) type Binding<'a> = (&'a str, Option<Arc<str>>);

/// The declarations that hold.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    /// The default namespace has the empty prefix; `None` takes a default namespace back.
    bindings: Vec<Binding<'a>>,
    xml: Arc<str>,
}

impl<'a> Scope<'a> {
    /// Only `xml` is declared.
    pub(super) fn new() -> Self {
        Self { bindings: Vec::new(), xml: XML_NAMESPACE.into() }
    }

    /// What [`Scope::leave`] goes back to.
    pub(super) fn mark(&self) -> usize {
        self.bindings.len()
    }

    /// Forgets the declarations since the mark.
    pub(super) fn leave(&mut self, mark: usize) {
        self.bindings.truncate(mark);
    }

    /// The declarations since the mark.
    pub(super) fn since(&self, mark: usize) -> &[Binding<'a>] {
        self.bindings.get(mark..).unwrap_or_default()
    }

    /// Declares a prefix, or with the empty prefix the default namespace, for the element that
    /// was entered at the mark.
    pub(super) fn declare(
        &mut self,
        mark: usize,
        prefix: &'a str,
        namespace: &str,
    ) -> Result<(), String> {
        let own = self.bindings.get(mark..).unwrap_or_default();
        if own.iter().any(|(known, _)| *known == prefix) {
            return Err(match prefix {
                "" => "duplicate attribute `xmlns`".to_owned(),
                _ => format!("duplicate attribute `xmlns:{prefix}`"),
            });
        }
        // Namespaces in XML 1.0 section 3, the constraints on reserved prefixes and names.
        if prefix == "xmlns" || namespace == XMLNS_NAMESPACE {
            return Err("`xmlns` must not be declared".to_owned());
        }
        if (prefix == "xml") != (namespace == XML_NAMESPACE) {
            return Err("`xml` and its namespace must not be declared otherwise".to_owned());
        }
        if namespace.is_empty() && !prefix.is_empty() {
            return Err(format!("the prefix `{prefix}` must not be bound to the empty namespace"));
        }
        if self.bindings.len() >= MOST_BINDINGS {
            return Err(format!("more than {MOST_BINDINGS} namespace declarations"));
        }
        self.bindings.push((prefix, (!namespace.is_empty()).then(|| namespace.into())));
        Ok(())
    }

    /// The namespace of a prefix, or with `None` the default namespace; fails on a prefix that
    /// is not declared.
    pub(super) fn resolve(&self, prefix: Option<&str>) -> Result<Option<&Arc<str>>, String> {
        let is_wanted = |known: &str| prefix.map_or(known.is_empty(), |prefix| known == prefix);
        let found = self.bindings.iter().rev().find(|(known, _)| is_wanted(known));
        match (found, prefix) {
            (Some((_, namespace)), _) => Ok(namespace.as_ref()),
            (None, None) => Ok(None),
            (None, Some("xml")) => Ok(Some(&self.xml)),
            (None, Some(prefix)) => Err(format!("the prefix `{prefix}` is not declared")),
        }
    }
}
