//! Types and elements that stand in the place of abstract ones.

use super::super::notes::Notes;
use super::super::schema::Schema;
use super::SCHEMA;
use super::documents::{At, Name};
use super::types::Types;

impl<'d> Types<'d> {
    /// A type by its name; of one that has no values itself, the first that extends it.
    pub(super) fn concrete(&mut self, name: &Name, notes: &mut Notes) -> Schema {
        let is_abstract = |node: &At| matches!(node.attribute("abstract"), Some("true" | "1"));
        let found = self.find("complexType", name).filter(|node| is_abstract(node));
        let Some(_) = found else { return self.named(name, notes) };
        let mut bases = vec![name.clone()];
        // From the base on, level by level.
        for _ in 0..8 {
            let mut next = Vec::new();
            for base in &bases {
                for (own, node) in self.extending(base) {
                    if !is_abstract(node) {
                        let mut schema = self.extended(name, node, notes);
                        schema.stands_for = Some(own.clone());
                        notes.assume(
                            format!("the type `{}` is abstract: `{}` is answered", name.1, own.1),
                            None,
                        );
                        return schema;
                    }
                    next.push(own);
                }
            }
            bases = next;
        }
        self.named(name, notes)
    }

    /// A type in the place of one that it extends, which requests may fill by another one.
    fn extended(&mut self, base: &Name, node: &'d At, notes: &mut Notes) -> Schema {
        let base = self.find("complexType", base);
        let base = base.map(|base| self.at_top(base, |types| types.complex(base, notes)));
        let common = base.map(|base| base.required).unwrap_or_default();
        let mut schema = self.at_top(node, |types| types.complex(node, notes));
        for (name, property) in &mut schema.properties {
            property.needed |= schema.required.contains(name) && !common.contains(name);
        }
        schema.required.retain(|name| common.contains(name));
        schema
    }

    /// The types that extend one, in the order of the documents.
    fn extending(&self, base: &Name) -> Vec<(Name, &'d At)> {
        let mut found = Vec::new();
        for (schema, namespace) in self.schemas {
            for node in schema.all(SCHEMA, "complexType") {
                let extension = node.one(SCHEMA, "complexContent");
                let extension = extension.and_then(|content| content.one(SCHEMA, "extension"));
                let is_it = extension.and_then(|it| it.named("base")).as_ref() == Some(base);
                if let Some(name) = node.attribute("name").filter(|_| is_it) {
                    found.push(((namespace.clone(), name.to_owned()), node));
                }
            }
        }
        found
    }

    /// The first element that may stand in the place of one that is abstract.
    pub(super) fn substitute(&self, name: &Name) -> Option<Name> {
        let element = self.find("element", name)?;
        if !matches!(element.attribute("abstract"), Some("true" | "1")) {
            return None;
        }
        self.schemas.iter().find_map(|(schema, namespace)| {
            let mut all = schema.all(SCHEMA, "element");
            let found = all.find(|it| {
                it.named("substitutionGroup").as_ref() == Some(name)
                    && it.attribute("abstract") != Some("true")
            })?;
            Some((namespace.clone(), found.attribute("name")?.to_owned()))
        })
    }
}
