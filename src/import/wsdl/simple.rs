//! Simple types, and texts with attributes.

use super::super::notes::Notes;
use super::super::schema::Schema;
use super::SCHEMA;
use super::documents::At;
use super::types::Types;
use crate::value::Value;

impl<'d> Types<'d> {
    pub(super) fn simple(&mut self, node: &'d At, notes: &mut Notes) -> Schema {
        if !self.enter(node, notes) {
            return Schema::of("string");
        }
        let schema = self.restricted(node, notes);
        self.within.pop();
        schema
    }

    fn restricted(&mut self, node: &'d At, notes: &mut Notes) -> Schema {
        if let Some(list) = node.one(SCHEMA, "list") {
            return self.items_in_text(list, notes);
        }
        if let Some(union) = node.one(SCHEMA, "union") {
            let first = union.names("memberTypes").into_iter().next();
            let inner = union.one(SCHEMA, "simpleType");
            let schema = match (first, inner) {
                (Some(name), _) => self.named(&name, notes),
                (None, Some(inner)) => self.defined(inner, notes),
                (None, None) => Schema::of("string"),
            };
            notes.leave("unions: the first of their types is taken", None);
            return Schema { example: shown(&schema), ..Schema::of("string") };
        }
        let Some(restriction) = node.one(SCHEMA, "restriction") else {
            return Schema::of("string");
        };
        let mut schema = match restriction.named("base") {
            Some(base) => self.named(&base, notes),
            None => match restriction.one(SCHEMA, "simpleType") {
                Some(inner) => self.defined(inner, notes),
                None => Schema::of("string"),
            },
        };
        let is_text = schema.is("string");
        let mut words = Vec::new();
        for facet in &restriction.children {
            let value = facet.attribute("value").unwrap_or_default();
            let number = || value.trim().parse::<i64>().ok().map(Value::Integer);
            match (facet.schema_word(), number()) {
                (Some("enumeration"), _) => words.push(Value::text(value)),
                (Some("pattern"), _) if is_text => {
                    let anchored = format!("^(?:{value})$");
                    match regex_lite::Regex::new(&anchored) {
                        Ok(_) => schema.set("pattern", Value::text(anchored)),
                        Err(_) => notes.leave(format!("the pattern `{value}`"), None),
                    }
                }
                (Some("length"), Some(length)) if is_text => {
                    schema.set("minLength", length.clone());
                    schema.set("maxLength", length);
                }
                (Some("minLength"), Some(length)) if is_text => schema.set("minLength", length),
                (Some("maxLength"), Some(length)) if is_text => schema.set("maxLength", length),
                (Some("fractionDigits"), Some(Value::Integer(0))) if schema.is("number") => {
                    schema.types = vec!["integer"];
                }
                (Some("minInclusive"), Some(bound)) if !is_text => schema.set("minimum", bound),
                (Some("maxInclusive"), Some(bound)) if !is_text => schema.set("maximum", bound),
                (Some("minExclusive"), Some(bound)) if !is_text => {
                    schema.set("exclusiveMinimum", bound);
                }
                (Some("maxExclusive"), Some(bound)) if !is_text => {
                    schema.set("exclusiveMaximum", bound);
                }
                _ => {}
            }
        }
        if !words.is_empty() {
            schema.example = None;
            schema.set("enum", Value::list(words));
        }
        schema
    }

    /// Values of a type in one text.
    fn items_in_text(&mut self, list: &'d At, notes: &mut Notes) -> Schema {
        let schema = match (list.named("itemType"), list.one(SCHEMA, "simpleType")) {
            (Some(name), _) => self.named(&name, notes),
            (None, Some(inner)) => self.defined(inner, notes),
            (None, None) => Schema::of("string"),
        };
        Schema { example: shown(&schema), ..Schema::of("string") }
    }

    /// A text with attributes; without any, a text.
    pub(super) fn simple_content(&mut self, simple: &'d At, notes: &mut Notes) -> Schema {
        let base = simple.children.iter().find_map(|it| it.named("base"));
        let mut object = Schema::of("object");
        let mut text = match &base {
            Some(base) => match self.find("complexType", base) {
                Some(base) => {
                    let mut base = self.at_top(base, |types| types.complex(base, notes));
                    let at = base.properties.iter().position(|(name, _)| name == "#text");
                    match at {
                        Some(at) => {
                            let (_, text) = base.properties.remove(at);
                            object.required = base.required;
                            object.properties = base.properties;
                            text
                        }
                        None => base,
                    }
                }
                None => self.named(base, notes),
            },
            None => Schema::of("string"),
        };
        if text.types.is_empty() {
            text = Schema::of("string");
        }
        self.attributes(simple, &mut object, notes);
        if object.properties.is_empty() {
            return text;
        }
        object.required.retain(|name| name != "#text");
        object.properties.insert(0, ("#text".to_owned(), text));
        object
    }
}

/// A value of a simple type as it is written.
fn shown(schema: &Schema) -> Option<Value> {
    let choice = match schema.keyword("enum") {
        Some(Value::List(choices)) => choices.first().cloned(),
        _ => None,
    };
    let value = schema.example.clone().or(choice).unwrap_or_else(|| match schema.types.first() {
        Some(&"integer" | &"number") => Value::Integer(1),
        Some(&"boolean") => Value::Bool(true),
        _ => Value::text("text"),
    });
    value.scalar_text().map(|text| Value::text(&*text))
}
