//! JSON Schema as OpenAPI has it, in all its versions, into the words of the spec language.

use super::Reader;
use super::documents::At;
use crate::import::schema::{Additional, Schema};
use crate::model::Format;
use crate::syntax::{Node, NodeKind};
use crate::value::Value;

/// How deep schemas may stand in each other before they are cut.
const DEPTH: usize = 40;

const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];

/// Keywords that are written as they are.
const SAME: [&str; 18] = [
    "enum",
    "const",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
    "description",
];

/// Words that say nothing about which values fit, or that are read elsewhere.
const PASSED_OVER: [&str; 24] = [
    "$ref",
    "type",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "nullable",
    "readOnly",
    "writeOnly",
    "example",
    "examples",
    "xml",
    "title",
    "externalDocs",
    "deprecated",
    "$schema",
    "$id",
    "$comment",
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
            _ => {
                self.notes.leave("schemas that are no mapping", Some(&at.node.span));
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
        if let Some(all) = at.get("allOf") {
            for branch in all.items() {
                let branch = self.branch(branch, schema.refers.is_some());
                schema.merge(branch);
            }
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(list) = at.get(word) {
                self.alternatives(word, list, &mut schema);
            }
        }
        schema
    }

    /// A schema of `allOf`. Only one of them can be referred to; the others are written out.
    fn branch(&mut self, at: At<'d>, taken: bool) -> Schema {
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
                        schema.merge(branch);
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
            if let Some(name) = SAME.into_iter().find(|name| *name == key) {
                self.keyword(name, member, &mut schema);
            } else if !PASSED_OVER.contains(&key) && at.text("$ref").is_none() {
                let reason = match key {
                    "discriminator" => "the alternatives are not told apart by it",
                    "patternProperties" | "propertyNames" => "no names are checked",
                    "not" | "if" | "then" | "else" => "conditions are written as `checks`",
                    _ => "there is no such keyword in a spec",
                };
                self.notes.leave(format!("`{key}` of schemas: {reason}"), Some(span));
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
        if let Some(items) = at.get("items") {
            if items.node.as_list().is_some() {
                self.notes.leave("`items` with a schema for each place", Some(&items.node.span));
            } else {
                schema.items = Some(Box::new(self.schema(items)));
            }
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
        if schema.types.is_empty() && at.text("$ref").is_none() {
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
                    }
                }
            }
            "enum" => {
                let Value::List(items) = &value else { return };
                let mut choices: Vec<Value> = Vec::with_capacity(items.len());
                for item in items.iter() {
                    if matches!(item, Value::Null) {
                        schema.nullable = true;
                    } else if !choices.contains(item) {
                        choices.push(item.clone());
                    }
                }
                if !choices.is_empty() {
                    schema.set(name, Value::list(choices));
                }
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

    /// `oneOf` and `anyOf`: what all of them allow.
    fn alternatives(&mut self, word: &str, list: At<'d>, schema: &mut Schema) {
        let mut branches = Vec::new();
        for branch in list.items() {
            let null = branch.text("type") == Some("null")
                || branch.get("enum").is_some_and(|list| {
                    list.items().count() > 0
                        && list.items().all(|item| matches!(item.node.kind, NodeKind::Null))
                });
            if null {
                schema.nullable = true;
            } else {
                branches.push(branch);
            }
        }
        if let [only] = branches.as_slice() {
            let branch = self.branch(*only, schema.refers.is_some());
            let nullable = schema.nullable || branch.nullable;
            schema.merge(branch);
            schema.nullable = nullable;
            return;
        }
        // Groups of required properties are the language's own `anyOf`.
        let groups: Option<Vec<Vec<String>>> =
            branches.iter().map(|branch| group(*branch)).collect();
        if let Some(groups) = groups.filter(|groups| word == "anyOf" && !groups.is_empty()) {
            schema.groups = groups;
            return;
        }
        let outs: Vec<Schema> = branches
            .iter()
            .map(|branch| match branch.text("$ref") {
                Some(_) => self.written_out(*branch),
                None => self.schema(*branch),
            })
            .collect();
        let text = format!("`{word}` of schemas: what any of the alternatives allows is accepted");
        self.notes.leave(text, Some(&list.node.span));
        if let Some(joined) = any(outs) {
            schema.merge(joined);
        }
    }
}

/// A schema that accepts whatever one of several does.
fn any(branches: Vec<Schema>) -> Option<Schema> {
    let mut branches = branches.into_iter();
    let mut joined = branches.next()?;
    joined.keywords.retain(|(name, _)| *name == "enum");
    for branch in branches {
        let refers = branch.refers.is_some() || joined.refers.is_some();
        if refers || branch.types.is_empty() || joined.types.is_empty() {
            return None;
        }
        let choices = match (joined.keyword("enum"), branch.keyword("enum")) {
            (Some(Value::List(one)), Some(Value::List(two))) => {
                let mut all: Vec<Value> = one.to_vec();
                all.extend(two.iter().filter(|value| !one.contains(value)).cloned());
                Some(Value::list(all))
            }
            _ => None,
        };
        joined.keywords.clear();
        if let Some(choices) = choices {
            joined.set("enum", choices);
        }
        for kind in branch.types {
            if !joined.types.contains(&kind) {
                joined.types.push(kind);
            }
        }
        joined.nullable |= branch.nullable;
        joined.required.retain(|name| branch.required.contains(name));
        for (name, schema) in branch.properties {
            match joined.properties.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => {
                    let both = any(vec![std::mem::take(known), schema]);
                    *known = both.unwrap_or_default();
                }
                None => joined.properties.push((name, schema)),
            }
        }
        joined.items = match (joined.items.take(), branch.items) {
            (Some(one), Some(two)) => any(vec![*one, *two]).map(Box::new),
            (one, two) => one.or(two),
        };
        joined.additional = match (&joined.additional, &branch.additional) {
            (Additional::Refused, Additional::Refused) => Additional::Refused,
            _ => Additional::Unsaid,
        };
        joined.groups.clear();
        joined.example = joined.example.or(branch.example);
    }
    Some(joined)
}

/// A group of required properties, if a schema says nothing else.
fn group(at: At<'_>) -> Option<Vec<String>> {
    let only = at.members().all(|(key, ..)| key == "required");
    let names: Vec<String> = at
        .get("required")?
        .items()
        .filter_map(|item| item.node.as_text())
        .map(str::to_owned)
        .collect();
    (only && !names.is_empty()).then_some(names)
}
