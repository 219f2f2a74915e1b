//! JSON Schema as OpenAPI has it, in all its versions, into the words of the spec language.

use super::Reader;
use super::documents::At;
use crate::import::keywords;
use crate::import::schema::{Additional, Schema};
use crate::model::Format;
use crate::syntax::{Node, NodeKind};
use crate::value::Value;

/// How deep schemas may stand in each other before they are cut.
const DEPTH: usize = 40;

const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];

/// Words that say nothing about which values fit, or that are read elsewhere, besides those with
/// schemas in them.
const PASSED_OVER: [&str; 22] = [
    "$ref",
    "type",
    "properties",
    "items",
    "additionalProperties",
    "additionalItems",
    "dependencies",
    "nullable",
    "readOnly",
    "writeOnly",
    "example",
    "examples",
    "title",
    "externalDocs",
    "deprecated",
    "$schema",
    "$id",
    "$comment",
    "$anchor",
    "definitions",
    "$defs",
    "in",
];

impl<'d> Reader<'d> {
    /// Reads a schema.
    pub(super) fn schema(&mut self, at: At<'d>) -> Schema {
        self.depth += 1;
        let schema = if self.depth > DEPTH {
            self.notes.leave("schemas nested deeper than 40 levels", Some(&at.node.span));
            Schema::default()
        } else {
            self.schema_here(at)
        };
        self.depth -= 1;
        schema
    }

    fn schema_here(&mut self, at: At<'d>) -> Schema {
        match &at.node.kind {
            NodeKind::Map(_) => {}
            NodeKind::Bool(true) | NodeKind::Null => return Schema::default(),
            NodeKind::Bool(false) => return Schema { never: true, ..Schema::default() },
            _ => {
                self.notes.leave("schemas that are not mappings", Some(&at.node.span));
                return Schema::default();
            }
        }
        let mut schema = Schema::default();
        if at.text("$ref").is_some() {
            match self.documents.follow(at) {
                Ok(found) => schema.refers = Some(self.component(&found)),
                Err(broken) => self.notes.wrong(*broken),
            }
        }
        schema.merge(self.own(at));
        for branch in at.get("allOf").into_iter().flat_map(At::items) {
            let branch = self.branch(branch, schema.refers.is_some());
            schema.also(branch);
        }
        self.composed(at, &mut schema);
        schema
    }

    /// A schema of `allOf`. Only one of them can be referred to; the others are written out.
    pub(super) fn branch(&mut self, at: At<'d>, taken: bool) -> Schema {
        if !taken || at.text("$ref").is_none() {
            return self.schema(at);
        }
        self.written_out(at)
    }

    /// What a schema refers to, in its own words.
    fn written_out(&mut self, at: At<'d>) -> Schema {
        match self.documents.follow(at) {
            Ok(found) if !self.within.contains(&std::ptr::from_ref(found.at.node)) => {
                self.within.push(std::ptr::from_ref(found.at.node));
                let mut schema = self.schema(found.at);
                self.within.pop();
                if let (Some(_), Some(all)) = (&schema.refers, found.at.get("allOf")) {
                    // What it refers to itself is written out too.
                    schema.refers = None;
                    for branch in all.items().filter(|branch| branch.text("$ref").is_some()) {
                        let branch = self.written_out(branch);
                        schema.also(branch);
                    }
                }
                schema
            }
            Ok(_) => {
                self.notes.leave("`allOf` that contains itself", Some(&at.node.span));
                Schema::default()
            }
            Err(broken) => {
                self.notes.wrong(*broken);
                Schema::default()
            }
        }
    }

    /// What a schema says itself.
    fn own(&mut self, at: At<'d>) -> Schema {
        let mut schema = Schema::default();
        self.types(at, &mut schema);
        for (key, span, member) in at.members() {
            let mut same = keywords::SAME.into_iter().chain(["description"]);
            if let Some(name) = same.find(|name| *name == key) {
                self.keyword(name, member, &mut schema);
            } else if !keywords::APPLIED.contains(&key)
                && !PASSED_OVER.contains(&key)
                && at.text("$ref").is_none()
            {
                let text = format!("`{key}` of schemas: there is no such keyword in a spec");
                self.notes.leave(text, Some(span));
            }
        }
        for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")]
        {
            if at.flag(exclusive)
                && let Some(value) = schema.keyword(bound).cloned()
            {
                schema.unset(bound);
                schema.set(exclusive, value);
            }
        }
        if let Some(list) = at.get("required") {
            let names = list.items().filter_map(|item| item.node.as_text());
            schema.required = names.map(str::to_owned).collect();
            schema.required.sort_unstable_by_key(|name| {
                let order = at.get("properties").map(|all| all.members().map(|(key, ..)| key));
                order.and_then(|mut names| names.position(|other| other == name))
            });
            schema.required.dedup();
        }
        if let Some(properties) = at.node.get("properties").and_then(Node::as_map) {
            for (key, node) in properties {
                let property = self.schema(At { node, ..at });
                schema.properties.push((key.value.clone(), property));
            }
        }
        // Before 2020-12, a list of `items` is what `prefixItems` is now.
        let items = match at.get("items") {
            Some(items) if items.node.as_list().is_some() => at.get("additionalItems"),
            items => items,
        };
        if let Some(items) = items {
            schema.items = Some(Box::new(self.schema(items)));
        }
        if let Some(additional) = at.get("additionalProperties") {
            schema.additional = match &additional.node.kind {
                NodeKind::Bool(false) => Additional::Refused,
                NodeKind::Map(entries) if !entries.is_empty() => {
                    Additional::Of(Box::new(self.schema(additional)))
                }
                _ => Additional::Any,
            };
        }
        schema.read_only = at.flag("readOnly");
        schema.write_only = at.flag("writeOnly") && !schema.read_only;
        let examples = at.get("examples").and_then(|list| list.items().next());
        schema.example = at.get("example").or(examples).map(|at| at.node.to_value());
        schema
    }

    fn types(&mut self, at: At<'d>, schema: &mut Schema) {
        let written = at.get("type");
        let words = written.map_or_else(Vec::new, |at| match at.node.as_list() {
            Some(items) => items.iter().filter_map(Node::as_text).collect(),
            None => at.node.as_text().into_iter().collect(),
        });
        for word in words {
            match TYPES.into_iter().find(|known| *known == word) {
                Some(known) if !schema.types.contains(&known) => schema.types.push(known),
                Some(_) => {}
                None if word == "null" => schema.nullable = true,
                None if word == "file" => {
                    schema.types.push("string");
                    schema.set("format", Value::text("binary"));
                }
                None => {
                    let text = format!("the type `{word}`, which is none of JSON Schema");
                    self.notes.leave(text, written.map(|at| &at.node.span));
                }
            }
        }
        schema.only_null = schema.types.is_empty() && schema.nullable;
        if schema.types.is_empty() && !schema.only_null && at.text("$ref").is_none() {
            if at.get("properties").is_some() || at.get("additionalProperties").is_some() {
                schema.types.push("object");
            } else if at.get("items").is_some() {
                schema.types.push("array");
            }
        }
        // As OpenAPI 3.1 says that something is not a text.
        let is_binary = at.text("contentMediaType").is_some_and(|name| {
            !["text/", "json", "xml"].iter().any(|of_texts| name.contains(of_texts))
        });
        if is_binary && at.get("contentEncoding").is_none() && at.get("format").is_none() {
            schema.set("format", Value::text("binary"));
        }
        schema.nullable |= at.flag("nullable") || at.flag("x-nullable");
    }

    fn keyword(&mut self, name: &'static str, at: At<'d>, schema: &mut Schema) {
        let value = at.node.to_value();
        let span = &at.node.span;
        match name {
            "format" => {
                let Some(text) = at.node.as_text() else { return };
                if Format::ALL.iter().any(|(_, known)| *known == text) {
                    schema.set(name, value);
                } else {
                    let text = format!("the format `{text}`, which is not checked");
                    self.notes.leave(text, Some(span));
                    schema.loose = true;
                }
            }
            "pattern" => {
                let Some(text) = at.node.as_text() else { return };
                match regex_lite::Regex::new(text) {
                    Ok(_) => schema.set(name, value),
                    Err(_) => {
                        let text = "patterns that need what linear time cannot give, such as \
                                    looking ahead";
                        self.notes.leave(text, Some(span));
                        schema.loose = true;
                    }
                }
            }
            "enum" => {
                let Value::List(items) = &value else { return };
                let mut choices: Vec<Value> = Vec::with_capacity(items.len());
                for item in items {
                    if matches!(item, Value::Null) {
                        schema.nullable = true;
                    } else if !choices.contains(item) {
                        choices.push(item.clone());
                    }
                }
                if !choices.is_empty() {
                    schema.set(name, Value::list(choices));
                } else if !items.is_empty() {
                    schema.only_null = schema.types.is_empty();
                }
            }
            "const" if matches!(value, Value::Null) => {
                schema.nullable = true;
                schema.only_null = schema.types.is_empty();
            }
            // OpenAPI 3.0 says with a boolean whether the bound itself is out.
            "exclusiveMinimum" | "exclusiveMaximum" => match value {
                Value::Bool(_) => {}
                value => schema.set(name, value),
            },
            "uniqueItems" => {
                if matches!(value, Value::Bool(true)) {
                    schema.set(name, value);
                }
            }
            "description" => {
                if let Some(text) = at.node.as_text().map(str::trim).filter(|t| !t.is_empty()) {
                    schema.set(name, Value::text(text));
                }
            }
            "default" if matches!(value, Value::Null) => {}
            _ => schema.set(name, value),
        }
    }
}
