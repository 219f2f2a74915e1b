//! What a schema says of XML.

use std::sync::Arc;

use super::Checker;
use super::layer::{Layer, last};
use super::records;
use crate::model::elements::XmlNamespaces;
use crate::model::{Schema, XmlName};
use crate::syntax::ReadNode;
use crate::wire::xml::is_unprefixed_name;

impl<'n> Checker<'n> {
    /// Reports a root element of which only the namespace is said.
    pub(super) fn check_root_name(&mut self, schema: &Schema) {
        if schema.xml.is_none() && schema.namespaces.own.is_some() {
            let message = "`xml` of a root element needs `name`";
            self.error("missing-key", message, &schema.span, "has only a namespace");
        }
    }

    /// The root element that a schema describes, and the namespaces of its elements.
    pub(super) fn xml(&mut self, layers: &[Layer<'n>]) -> (Option<XmlName>, XmlNamespaces) {
        let nothing = (None, XmlNamespaces::default());
        let Some((_, _, node)) = last(layers, "xml") else { return nothing };
        let Some(mut mapping) = self.open(node, records::SCHEMA_XML.called("`xml`")) else {
            return nothing;
        };
        let name = mapping.text("name");
        let own = mapping.plain_text("namespace");
        mapping.plain_text("elements");
        // A reference with a name of its own beside it says nothing of what stands in it.
        let mut said = layers.iter().rev().filter_map(|layer| layer.entry("xml"));
        let content = said.find_map(|(_, node)| node.get("elements")?.as_text());
        let content = content.map(Arc::from);
        mapping.finish();
        if let Some(name) = &name
            && !name.value.split(':').all(is_unprefixed_name)
        {
            let message = format!("`{}` is not a valid name of an element", name.value);
            self.error("bad-name", message, &name.span, "is not valid");
        }
        let namespace = own.clone().filter(|own| !own.is_empty());
        let root = name.map(|name| XmlName { name: name.value, namespace });
        (root, XmlNamespaces { own, content })
    }
}
