//! Elements and types of XML Schema 1.0 as schemas.

use std::collections::{HashMap, HashSet};

use super::super::names::unique;
use super::super::notes::Notes;
use super::super::schema::Schema;
use super::SCHEMA;
use super::documents::{At, Name};
use crate::value::Value;

/// How deep types and groups may stand in each other without a name.
const DEPTH: usize = 40;
/// How many types, groups and elements are read.
const MOST: usize = 50_000;

/// What is declared at the top of all schemas.
pub(super) struct Types<'d> {
    schemas: &'d [(At, String)],
    declared: HashMap<(&'static str, Name), &'d At>,
    /// The names of shared schemas, by those of their types.
    names: HashMap<Name, String>,
    taken: HashSet<String>,
    shared: Vec<(String, Schema)>,
    /// Shared types that are not read yet, and their places.
    waiting: Vec<(usize, &'d At)>,
    /// What is being read, from the outermost on.
    within: Vec<*const At>,
    read: usize,
}

/// A child element, and how often it comes.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) schema: Schema,
}

const DECLARED: [&str; 5] = ["element", "complexType", "simpleType", "group", "attributeGroup"];

impl<'d> Types<'d> {
    pub(super) fn new(schemas: &'d [(At, String)]) -> Self {
        let mut declared = HashMap::new();
        for (schema, namespace) in schemas {
            for child in &schema.children {
                let word = child.schema_word();
                let word = DECLARED.into_iter().find(|known| Some(*known) == word);
                if let (Some(word), Some(name)) = (word, child.attribute("name")) {
                    declared.entry((word, (namespace.clone(), name.to_owned()))).or_insert(child);
                }
            }
        }
        let (names, taken) = (HashMap::new(), HashSet::new());
        Self {
            schemas,
            declared,
            names,
            taken,
            shared: Vec::new(),
            waiting: Vec::new(),
            within: Vec::new(),
            read: 0,
        }
    }

    /// Whether elements that are declared in others of a namespace are in none, as they are unless
    /// a schema says otherwise.
    pub(super) fn are_unqualified(&self, namespace: &str) -> bool {
        let mut own = self.schemas.iter().filter(|(_, known)| *known == namespace);
        own.any(|(schema, _)| schema.attribute("elementFormDefault") != Some("qualified"))
    }

    fn find(&self, word: &'static str, name: &Name) -> Option<&'d At> {
        self.declared.get(&(word, name.clone())).copied()
    }

    /// Reads the shared types, which may name further ones.
    pub(super) fn finish(mut self, notes: &mut Notes) -> Vec<(String, Schema)> {
        while let Some((place, node)) = self.waiting.pop() {
            let schema = self.defined(node, notes);
            if let Some((_, empty)) = self.shared.get_mut(place) {
                *empty = schema;
            }
        }
        self.shared
    }

    /// The children of a global element; none if it is not declared.
    pub(super) fn members(&mut self, name: &Name, notes: &mut Notes) -> Option<Vec<Member>> {
        let element = self.find("element", name)?;
        let named = element.named("type");
        let complex = match &named {
            Some(name) => self.find("complexType", name),
            None => element.one(SCHEMA, "complexType"),
        };
        let Some(complex) = complex else { return Some(Vec::new()) };
        let mut members = Vec::new();
        self.content(complex, true, &mut members, notes);
        Some(members)
    }

    /// What is in a global element or an element of a type.
    pub(super) fn element(&mut self, element: &'d At, notes: &mut Notes) -> Schema {
        let mut schema = match element.named("type") {
            Some(name) => self.named(&name, notes),
            None => match element
                .children
                .iter()
                .find(|it| matches!(it.schema_word(), Some("complexType" | "simpleType")))
            {
                Some(inner) => self.defined(inner, notes),
                None => Schema::default(),
            },
        };
        schema.nullable |= matches!(element.attribute("nillable"), Some("true" | "1"));
        if let Some(default) = element.attribute("default") {
            schema.example = Some(Value::text(default));
        }
        if let Some(text) = documentation(element) {
            schema.set("description", Value::text(text));
        }
        schema
    }

    /// The schema of a global element, by its name.
    pub(super) fn global(&mut self, name: &Name, notes: &mut Notes) -> Option<Schema> {
        let element = self.find("element", name)?;
        Some(self.element(element, notes))
    }

    /// A type by its name: one of XML Schema itself, or one that is shared.
    pub(super) fn named(&mut self, name: &Name, notes: &mut Notes) -> Schema {
        if name.0 == SCHEMA || name.0 == "http://schemas.xmlsoap.org/soap/encoding/" {
            return built_in(&name.1);
        }
        if let Some(simple) = self.find("simpleType", name) {
            return self.defined(simple, notes);
        }
        let Some(complex) = self.find("complexType", name) else {
            notes.leave(format!("the type `{}` of `{}`: it is not declared", name.1, name.0), None);
            return Schema::default();
        };
        let shared = match self.names.get(name) {
            Some(shared) => shared.clone(),
            None => {
                let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' };
                let wanted: String = name.1.chars().map(plain).collect();
                let shared = unique(&wanted, &mut self.taken);
                self.names.insert(name.clone(), shared.clone());
                self.waiting.push((self.shared.len(), complex));
                self.shared.push((shared.clone(), Schema::default()));
                shared
            }
        };
        Schema { refers: Some(shared), ..Schema::default() }
    }

    /// Notes that something is being read; says whether it may be.
    fn enter(&mut self, node: &'d At, notes: &mut Notes) -> bool {
        let place = std::ptr::from_ref(node);
        self.read += 1;
        let why = match () {
            () if self.within.contains(&place) => "where types or groups contain themselves",
            () if self.within.len() >= DEPTH => "what stands in types deeper than 40",
            () if self.read > MOST => "what comes to more than 50,000 elements",
            () => {
                self.within.push(place);
                return true;
            }
        };
        notes.leave(why, None);
        false
    }

    fn defined(&mut self, node: &'d At, notes: &mut Notes) -> Schema {
        match node.schema_word() {
            Some("simpleType") => self.simple(node, notes),
            _ => self.complex(node, notes),
        }
    }

    fn simple(&mut self, node: &'d At, notes: &mut Notes) -> Schema {
        if !self.enter(node, notes) {
            return Schema::of("string");
        }
        let schema = self.restricted(node, notes);
        self.within.pop();
        schema
    }

    fn restricted(&mut self, node: &'d At, notes: &mut Notes) -> Schema {
        let Some(restriction) = node.one(SCHEMA, "restriction") else {
            return Schema::of("string");
        };
        let mut schema = match restriction.named("base") {
            Some(base) => self.named(&base, notes),
            None => Schema::of("string"),
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
        if is_text && !words.is_empty() {
            schema.set("enum", Value::list(words));
        }
        schema
    }

    fn complex(&mut self, node: &'d At, notes: &mut Notes) -> Schema {
        if let Some(simple) = node.one(SCHEMA, "simpleContent") {
            let base = simple.children.iter().find_map(|it| it.named("base"));
            let mut schema = base.map_or_else(|| Schema::of("string"), |it| self.named(&it, notes));
            if schema.types.is_empty() {
                schema = Schema::of("string");
            }
            if simple.children.iter().any(|it| it.one(SCHEMA, "attribute").is_some()) {
                notes.leave("attributes beside a text", None);
            }
            return schema;
        }
        let mut members = Vec::new();
        self.content(node, true, &mut members, notes);
        let mut schema = Schema::of("object");
        for member in members {
            if schema.properties.iter().any(|(known, _)| *known == member.name) {
                continue;
            }
            if member.required {
                schema.required.push(member.name.clone());
            }
            schema.properties.push((member.name, member.schema));
        }
        self.attributes(node, &mut schema, notes);
        schema
    }

    /// The elements of a type, those of the types and groups that it extends or uses first.
    fn content(&mut self, node: &'d At, all: bool, into: &mut Vec<Member>, notes: &mut Notes) {
        if !self.enter(node, notes) {
            return;
        }
        for child in &node.children {
            let is_sure = all && child.attribute("minOccurs") != Some("0");
            match child.schema_word() {
                Some("sequence" | "all") => self.content(child, is_sure, into, notes),
                Some("choice") => self.content(child, false, into, notes),
                Some("complexContent" | "restriction") => self.content(child, all, into, notes),
                Some("extension") => {
                    let base = child.named("base").and_then(|it| self.find("complexType", &it));
                    if let Some(base) = base {
                        self.content(base, all, into, notes);
                    }
                    self.content(child, all, into, notes);
                }
                Some("group") => {
                    let group = child.named("ref").and_then(|it| self.find("group", &it));
                    if let Some(group) = group {
                        self.content(group, is_sure, into, notes);
                    }
                }
                Some("any") => notes.leave("elements of any name", None),
                Some("element") => {
                    if let Some(member) = self.member(child, is_sure, notes) {
                        into.push(member);
                    }
                }
                _ => {}
            }
        }
        self.within.pop();
    }

    fn member(&mut self, node: &'d At, required: bool, notes: &mut Notes) -> Option<Member> {
        let reference = node.named("ref");
        let (name, schema) = match &reference {
            Some(name) => {
                let Some(schema) = self.global(name, notes) else {
                    notes.leave(format!("the element `{}`: it is not declared", name.1), None);
                    return None;
                };
                (name.1.clone(), schema)
            }
            None => (node.attribute("name")?.to_owned(), self.element(node, notes)),
        };
        let many = node.attribute("maxOccurs").is_some_and(|it| it != "1" && it != "0");
        let schema = match many {
            true => Schema { items: Some(Box::new(schema)), ..Schema::of("array") },
            false => schema,
        };
        Some(Member { name, required, schema })
    }

    fn attributes(&mut self, node: &'d At, schema: &mut Schema, notes: &mut Notes) {
        if !self.enter(node, notes) {
            return;
        }
        for child in &node.children {
            match child.schema_word() {
                Some("attribute") => {
                    let Some(name) = child.attribute("name") else { continue };
                    let inner = match child.named("type") {
                        Some(name) => self.named(&name, notes),
                        None => Schema::of("string"),
                    };
                    let name = format!("@{name}");
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

/// What `xs:documentation` says, or `wsdl:documentation`.
pub(super) fn documentation(node: &At) -> Option<String> {
    let own = node.children.iter().find(|it| &*it.name.local == "documentation");
    let annotated = node.one(SCHEMA, "annotation").and_then(|it| it.one(SCHEMA, "documentation"));
    let text = own.or(annotated)?.text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// A type of XML Schema itself (XML Schema 1.0 part 2).
fn built_in(name: &str) -> Schema {
    let (kind, format) = match name {
        "int" | "short" | "byte" | "unsignedShort" | "unsignedByte" => ("integer", Some("int32")),
        "long" | "unsignedInt" => ("integer", Some("int64")),
        "integer" | "unsignedLong" | "positiveInteger" | "negativeInteger"
        | "nonNegativeInteger" | "nonPositiveInteger" => ("integer", None),
        "decimal" | "double" | "float" => ("number", None),
        "boolean" => ("boolean", None),
        "dateTime" => ("string", Some("date-time")),
        "date" => ("string", Some("date")),
        "base64Binary" => ("string", Some("byte")),
        "anyType" | "anySimpleType" => return Schema::default(),
        _ => ("string", None),
    };
    let mut schema = Schema::of(kind);
    if let Some(format) = format {
        schema.set("format", Value::text(format));
    }
    schema
}
