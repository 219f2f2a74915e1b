//! The elements and attributes of complex types.

use super::super::notes::Notes;
use super::super::schema::Schema;
use super::SCHEMA;
use super::built_in::said_beside;
use super::documents::At;
use super::types::{Member, Types};
use crate::value::Value;

/// What stands around elements.
#[expect(clippy::struct_excessive_bools, reason = "each is true or not whatever the others are")]
#[derive(Clone, Copy)]
struct Around {
    /// They are there wherever what holds them is.
    sure: bool,
    /// They may come several times.
    many: bool,
    /// They are not of the first alternative.
    other: bool,
    /// They are of the first alternative of several, one of which has to be there.
    needed: bool,
}

impl Around {
    const SURE: Self = Self { sure: true, many: false, other: false, needed: false };
}

impl<'d> Types<'d> {
    /// The elements of a type.
    pub(super) fn elements(&mut self, node: &'d At, into: &mut Vec<Member>, notes: &mut Notes) {
        self.content(node, Around::SURE, into, notes);
    }

    /// The elements of a type, those of the types and groups that it extends or uses first.
    fn content(&mut self, node: &'d At, around: Around, into: &mut Vec<Member>, notes: &mut Notes) {
        if !self.enter(node, notes) {
            return;
        }
        for child in &node.children {
            self.particle(child, around, into, notes);
        }
        self.within.pop();
    }

    fn particle(
        &mut self,
        child: &'d At,
        around: Around,
        into: &mut Vec<Member>,
        notes: &mut Notes,
    ) {
        if child.attribute("maxOccurs") == Some("0") {
            return;
        }
        let inner = Around {
            sure: around.sure && child.attribute("minOccurs") != Some("0"),
            many: around.many || is_many(child),
            needed: around.needed && child.attribute("minOccurs") != Some("0"),
            ..around
        };
        match child.schema_word() {
            Some("sequence" | "all") => self.content(child, inner, into, notes),
            Some("choice") => self.choice(child, inner, into, notes),
            Some("complexContent" | "restriction") => {
                let before = into.len();
                self.content(child, around, into, notes);
                if into.len() == before {
                    into.extend(self.encoded_items(child, notes));
                }
            }
            Some("extension") => {
                let base = child.named("base").and_then(|it| self.find("complexType", &it));
                if let Some(base) = base {
                    self.content(base, around, into, notes);
                }
                self.content(child, around, into, notes);
            }
            Some("group") => {
                let group = child.named("ref").and_then(|it| self.find("group", &it));
                if let Some(group) = group {
                    self.content(group, inner, into, notes);
                }
            }
            Some("any") => self.any = true,
            Some("element") => {
                if let Some(member) = self.member(child, inner, notes) {
                    into.push(member);
                }
            }
            _ => {}
        }
    }

    /// Alternatives, of which the first one is shown.
    fn choice(&mut self, node: &'d At, around: Around, into: &mut Vec<Member>, notes: &mut Notes) {
        if !self.enter(node, notes) {
            return;
        }
        if around.many || is_many(node) {
            notes.leave("the order of the elements of a choice that comes several times", None);
        }
        let needed = around.sure || around.needed;
        let mut around = Around { sure: false, needed, ..around };
        for child in &node.children {
            let before = into.len();
            self.particle(child, around, into, notes);
            around.other |= into.len() > before;
            around.needed &= !around.other;
        }
        self.within.pop();
    }

    fn member(&mut self, node: &'d At, around: Around, notes: &mut Notes) -> Option<Member> {
        let ((namespace, name), mut schema) = match node.named("ref") {
            Some(name) => {
                let name = self.substitute(&name).unwrap_or(name);
                let Some(schema) = self.global(&name, notes) else {
                    notes.leave(format!("the element `{}`: it is not declared", name.1), None);
                    return None;
                };
                (name, schema)
            }
            None => {
                let name = node.attribute("name")?.to_owned();
                ((self.local_namespace(node), name), self.element(node, notes))
            }
        };
        if around.many || is_many(node) {
            schema = Schema { items: Some(Box::new(schema)), ..Schema::of("array") };
            let least = node.attribute("minOccurs").unwrap_or("1").parse::<i64>();
            if let Ok(least @ 1..) = least
                && around.sure
            {
                schema.set("minItems", Value::Integer(least));
            }
        }
        schema.unshown = around.other;
        schema.needed = around.needed;
        Some(Member { name, namespace, required: around.sure, schema })
    }

    pub(super) fn attributes(&mut self, node: &'d At, schema: &mut Schema, notes: &mut Notes) {
        if !self.enter(node, notes) {
            return;
        }
        for child in &node.children {
            match child.schema_word() {
                Some("attribute") => {
                    let Some(name) = child.attribute("name") else { continue };
                    if child.attribute("use") == Some("prohibited") {
                        continue;
                    }
                    let mut inner = match (child.named("type"), child.one(SCHEMA, "simpleType")) {
                        (Some(name), _) => self.named(&name, notes),
                        (None, Some(inner)) => self.defined(inner, notes),
                        (None, None) => Schema::of("string"),
                    };
                    said_beside(child, &mut inner);
                    let name = format!("@{name}");
                    schema.properties.retain(|(known, _)| *known != name);
                    if child.attribute("use") == Some("required") {
                        schema.required.push(name.clone());
                    }
                    schema.properties.push((name, inner));
                }
                Some("complexContent" | "extension" | "restriction") => {
                    let base = child.named("base").and_then(|it| self.find("complexType", &it));
                    if let Some(base) = base {
                        self.attributes(base, schema, notes);
                    }
                    self.attributes(child, schema, notes);
                }
                Some("attributeGroup") => {
                    let group = child.named("ref").and_then(|it| self.find("attributeGroup", &it));
                    if let Some(group) = group {
                        self.attributes(group, schema, notes);
                    }
                }
                _ => {}
            }
        }
        self.within.pop();
    }
}

fn is_many(node: &At) -> bool {
    node.attribute("maxOccurs").is_some_and(|it| it != "1" && it != "0")
}
