//! Messages of the style `rpc`: an element that is called like the operation, and in it one for
//! each part, which on the wire is what wrapped document/literal is too.

use super::super::notes::Notes;
use super::super::schema::Schema;
use super::documents::{At, Name};
use super::types::{Member, Types};
use super::{ENCODING, SCHEMA, WSDL};

impl<'d> Types<'d> {
    /// The elements in which the parts of a message stand; they are in no namespace.
    pub(super) fn of_parts(
        &mut self,
        parts: &[&'d At],
        encoded: bool,
        notes: &mut Notes,
    ) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        for part in parts {
            let Some(name) = part.attribute("name") else { continue };
            if members.iter().any(|known| known.name == name) {
                continue;
            }
            let mut schema = match (part.named("type"), part.named("element")) {
                (Some(name), _) => self.concrete(&name, notes),
                (None, Some(name)) => self.global(&name, notes).unwrap_or_default(),
                (None, None) => Schema::default(),
            };
            // What is encoded may be left out, or said to be nil.
            schema.nullable |= encoded;
            members.push(Member {
                name: name.to_owned(),
                namespace: String::new(),
                required: !encoded,
                schema,
            });
        }
        members
    }

    /// What an answer of those elements holds.
    pub(super) fn of_members(members: Vec<Member>) -> Schema {
        let mut schema = Schema::of("object");
        schema.elements = (!members.is_empty()).then(String::new);
        for member in members {
            if member.required {
                schema.required.push(member.name.clone());
            }
            schema.properties.push((member.name, member.schema));
        }
        schema
    }

    /// The items of an encoded array, whose type an attribute of the restriction names; they may
    /// be called anything, and mostly are called `item`.
    pub(super) fn encoded_items(&mut self, node: &'d At, notes: &mut Notes) -> Option<Member> {
        let is_array = |name: &Name| name.0 == ENCODING && name.1 == "Array";
        node.named("base").filter(is_array)?;
        let types = node.all(SCHEMA, "attribute").find_map(|it| it.named_in(WSDL, "arrayType"));
        let (namespace, name) = types?;
        let (name, dimensions) = name.split_once('[').unwrap_or((&name, "]"));
        let items = match dimensions {
            "]" => self.concrete(&(namespace, name.to_owned()), notes),
            _ => {
                notes.leave("the items of encoded arrays with more than one dimension", None);
                Schema::default()
            }
        };
        let schema = Schema { items: Some(Box::new(items)), ..Schema::of("array") };
        notes.leave("encoded arrays whose items are not called `item`", None);
        Some(Member { name: "item".to_owned(), namespace: String::new(), required: false, schema })
    }
}
