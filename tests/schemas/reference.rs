//! The pages that list all keys of a language, made of its JSON Schema.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use counterpart::unstable::value::Value;

use super::{LANGUAGES, read, root};

/// A page in the making.
struct Page<'s> {
    schema: &'s Value,
    text: String,
    /// The definitions that have a section or will have one.
    known: BTreeSet<&'s str>,
    /// Those that wait for it, the next one last.
    waiting: Vec<&'s str>,
    /// Those that are being told in words.
    open: Vec<&'s str>,
}

/// The page of a language, of its schema with the keys in the order of people.
fn page(language: &str, schema: &Value) -> String {
    let mut page = Page {
        schema,
        text: String::new(),
        known: BTreeSet::new(),
        waiting: Vec::new(),
        open: Vec::new(),
    };
    writeln!(page.text, "# All keys of {language}s\n").unwrap();
    writeln!(
        page.text,
        "Every key that a {language} can have, with its values and its default. This page is \
         generated from `schemas/{language}.yaml`, which editors use too, and which a test \
         compares with what `check` knows. [The {language} language]({language}-language.md) \
         explains the keys with examples.\n"
    )
    .unwrap();
    page.section(&format!("A {language} file"), schema);
    while let Some(name) = page.waiting.pop() {
        let definition = page.definition(name);
        page.section(name, definition);
    }
    page.text
}

fn text_of<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_list).unwrap_or_default()
}

fn members<'v>(value: &'v Value, key: &str) -> Vec<(&'v str, &'v Value)> {
    let found = value.get(key).and_then(Value::members);
    found.into_iter().flatten().map(|(key, member)| (&**key, member)).collect()
}

/// In the cell of a table.
fn code(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let text = text.replace('|', "\\|").replace('\n', "\\n");
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}

/// The alternatives of a schema that are mappings with keys of their own.
fn mappings(schema: &Value) -> Vec<&Value> {
    items(schema, "anyOf").iter().filter(|one| !members(one, "properties").is_empty()).collect()
}

impl<'s> Page<'s> {
    fn definition(&self, name: &str) -> &'s Value {
        let found = self.schema.get("definitions").and_then(|all| all.get(name));
        found.unwrap_or_else(|| panic!("no definition {name}"))
    }

    /// A section with all keys of a mapping, or of each that there may be.
    fn section(&mut self, title: &str, schema: &'s Value) {
        writeln!(self.text, "## {title}\n").unwrap();
        if let Some(says) = text_of(schema, "description") {
            writeln!(self.text, "{says}\n").unwrap();
        }
        self.table(&members(schema, "properties"), schema);
        let alternatives = mappings(schema);
        let others: Vec<String> = items(schema, "anyOf")
            .iter()
            .filter(|one| members(one, "properties").is_empty())
            .map(|one| self.kind(one))
            .collect();
        if !others.is_empty() {
            let or = if alternatives.is_empty() { "" } else { ", or a mapping with these keys" };
            writeln!(self.text, "One of: {}{or}.\n", others.join(", ")).unwrap();
        }
        let common: Vec<(&str, &Value)> = match &*alternatives {
            [first, rest @ ..] if !rest.is_empty() => {
                let has = |one: &&Value, (key, member): &(&str, &Value)| {
                    members(one, "properties").contains(&(key, member))
                };
                let all = members(first, "properties").into_iter();
                all.filter(|member| rest.iter().all(|one| has(one, member))).collect()
            }
            _ => Vec::new(),
        };
        if !common.is_empty() {
            writeln!(self.text, "Each of the following can also have:\n").unwrap();
            self.table(&common, schema);
        }
        for one in &alternatives {
            let own: Vec<_> = members(one, "properties")
                .into_iter()
                .filter(|member| !common.contains(member))
                .collect();
            if alternatives.len() > 1 {
                let required = items(one, "required").iter().filter_map(Value::as_str);
                let names: Vec<String> = required.map(|name| format!("`{name}`")).collect();
                let says = text_of(one, "description");
                let by = match (&*names, says) {
                    ([], Some(says)) => says.to_owned(),
                    ([], None) => "Or".to_owned(),
                    (names, says) => {
                        let says = says.map_or(String::new(), |says| format!(": {says}"));
                        format!("With {}{says}", names.join(", "))
                    }
                };
                writeln!(self.text, "{}:\n", by.trim_end_matches(['.', ':'])).unwrap();
            }
            self.table(&own, one);
        }
        if let Some(each) =
            schema.get("additionalProperties").filter(|each| !matches!(each, Value::Bool(_)))
        {
            let kind = self.kind(each);
            writeln!(self.text, "Any other key: {kind}.\n").unwrap();
        }
    }

    fn table(&mut self, rows: &[(&'s str, &'s Value)], schema: &'s Value) {
        let rows: Vec<_> =
            rows.iter().filter(|(_, schema)| **schema != Value::Bool(false)).collect();
        if rows.is_empty() {
            return;
        }
        let required: Vec<&str> =
            items(schema, "required").iter().filter_map(Value::as_str).collect();
        self.text.push_str("| key | value | default | |\n|---|---|---|---|\n");
        for (key, member) in rows {
            self.row(key, member, required.contains(key));
        }
        self.text.push('\n');
    }

    /// A row for a key, and one for each of a mapping that stands there.
    fn row(&mut self, key: &str, schema: &'s Value, is_required: bool) {
        let target = self.target(schema);
        let default = match schema.get("default").or_else(|| target.get("default")) {
            _ if is_required => "required".to_owned(),
            Some(default) => code(default),
            None => String::new(),
        };
        let says = text_of(schema, "description").or_else(|| text_of(target, "description"));
        let examples = items(schema, "examples").iter().chain(items(target, "examples"));
        let example =
            examples.map(code).next().map_or(String::new(), |it| format!(" For example {it}."));
        let says = says.unwrap_or_default().replace('|', "\\|").replace('\n', " ");
        let kind = self.kind(schema);
        writeln!(self.text, "| `{key}` | {kind} | {default} | {says}{example} |").unwrap();
        let nested = members(schema, "properties");
        let required: Vec<&str> =
            items(schema, "required").iter().filter_map(Value::as_str).collect();
        for (name, member) in nested {
            self.row(&format!("{key}.{name}"), member, required.contains(&name));
        }
    }

    fn target(&self, schema: &'s Value) -> &'s Value {
        match text_of(schema, "$ref") {
            Some(reference) => self.target(self.definition(name_of(reference))),
            None => schema,
        }
    }

    /// What may stand in a place, in words.
    fn kind(&mut self, schema: &'s Value) -> String {
        if let Some(reference) = text_of(schema, "$ref") {
            if let Some(name) = reference.strip_prefix("spec.yaml#/definitions/") {
                return format!("[{name}](spec-keys.md#{})", name.to_lowercase());
            }
            let name = name_of(reference);
            let definition = self.definition(name);
            let has_section =
                !members(definition, "properties").is_empty() || !mappings(definition).is_empty();
            // What contains itself has one too.
            if !has_section && !self.open.contains(&name) && !self.known.contains(name) {
                self.open.push(name);
                let kind = self.kind(definition);
                self.open.pop();
                return kind;
            }
            if self.known.insert(name) {
                self.waiting.insert(0, name);
            }
            return format!("[{name}](#{})", name.to_lowercase());
        }
        if let Some(fixed) = schema.get("const") {
            return code(fixed);
        }
        let allowed = items(schema, "enum");
        if !allowed.is_empty() {
            return allowed.iter().map(code).collect::<Vec<_>>().join(", ");
        }
        let alternatives = items(schema, "anyOf");
        if !alternatives.is_empty() {
            let mut kinds: Vec<String> = Vec::new();
            for one in alternatives {
                let kind = self.kind(one);
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            return kinds.join(" or ");
        }
        if let Some(item) = schema.get("items") {
            return format!("list of {}", self.kind(item));
        }
        if let Some(each) =
            schema.get("additionalProperties").filter(|each| !matches!(each, Value::Bool(_)))
        {
            return format!("mapping of names, each {}", self.kind(each));
        }
        let kinds: Vec<&str> = match schema.get("type") {
            Some(Value::List(types)) => types.iter().filter_map(Value::as_str).collect(),
            Some(one) => one.as_str().into_iter().collect(),
            None if members(schema, "properties").is_empty() => vec!["anything"],
            None => vec!["object"],
        };
        let said = |kind: &&str| {
            match *kind {
                "object" => "mapping",
                "array" => "list",
                other => other,
            }
            .to_owned()
        };
        kinds.iter().map(said).collect::<Vec<_>>().join(" or ")
    }
}

fn name_of(reference: &str) -> &str {
    reference.trim_start_matches("#/definitions/")
}

#[test]
fn the_pages_of_all_keys_are_what_the_yaml_says() {
    for language in LANGUAGES {
        let name = format!("schemas/{language}.yaml");
        let schema = read(&name, &fs::read_to_string(root().join(&name)).unwrap()).to_value();
        let text = page(language, &schema);
        let file = root().join(format!("docs/{language}-keys.md"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let there = fs::read_to_string(&file).unwrap_or_default();
        assert!(there == text, "write it anew with UPDATE=1: {}", file.display());
    }
}
