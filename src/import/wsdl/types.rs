//! Elements and types of XML Schema 1.0 as schemas.

use std::collections::{HashMap, HashSet};

use super::super::names::unique;
use super::super::notes::Notes;
use super::super::schema::{Additional, Schema};
use super::built_in::{built_in, said_beside};
use super::documents::{At, Name};
use super::{ENCODING, SCHEMA};
use crate::value::Value;

/// How deep types and groups may stand in each other without a name.
const DEPTH: usize = 40;
/// How many types, groups and elements are read.
const MOST: usize = 50_000;

/// What is declared at the top of all schemas.
pub(super) struct Types<'d> {
    pub(super) schemas: &'d [(At, String)],
    declared: HashMap<(&'static str, Name), &'d At>,
    /// The names of shared schemas, by those of their types.
    names: HashMap<Name, String>,
    taken: HashSet<String>,
    shared: Vec<(String, Schema)>,
    /// Shared types that are not read yet, and their places.
    waiting: Vec<(usize, &'d At)>,
    /// What is being read, from the outermost on, and the schema in which it stands.
    pub(super) within: Vec<(*const At, usize)>,
    /// The schemas in which what is at the top stands.
    places: HashMap<*const At, usize>,
    read: usize,
    /// Whether the type that is being read has elements of any name.
    pub(super) any: bool,
}

/// A child element, and how often it comes.
pub(super) struct Member {
    pub(super) name: String,
    pub(super) namespace: String,
    pub(super) required: bool,
    pub(super) schema: Schema,
}

const DECLARED: [&str; 5] = ["element", "complexType", "simpleType", "group", "attributeGroup"];

impl<'d> Types<'d> {
    pub(super) fn new(schemas: &'d [(At, String)]) -> Self {
        let mut declared = HashMap::new();
        let mut places = HashMap::new();
        for (at, (schema, namespace)) in schemas.iter().enumerate() {
            for child in &schema.children {
                places.insert(std::ptr::from_ref(child), at);
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
            places,
            read: 0,
            any: false,
        }
    }

    /// Whether elements that are declared in others of a namespace are in none, as they are unless
    /// a schema says otherwise.
    pub(super) fn are_unqualified(&self, namespace: &str) -> bool {
        let mut own = self.schemas.iter().filter(|(_, known)| *known == namespace);
        own.any(|(schema, _)| schema.attribute("elementFormDefault") != Some("qualified"))
    }

    pub(super) fn find(&self, word: &'static str, name: &Name) -> Option<&'d At> {
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

    /// What is being read stands in that schema.
    fn place(&self) -> usize {
        self.within.last().map_or(0, |(_, place)| *place)
    }

    /// Reads something that is declared at the top of a schema.
    pub(super) fn at_top<T>(&mut self, node: &'d At, read: impl FnOnce(&mut Self) -> T) -> T {
        let place = self.places.get(&std::ptr::from_ref(node)).copied();
        // Its own address would be a circle where it is entered.
        self.within.push((std::ptr::null(), place.unwrap_or_else(|| self.place())));
        let read = read(self);
        self.within.pop();
        read
    }

    /// The namespace of an element that is declared in another one.
    pub(super) fn local_namespace(&self, node: &At) -> String {
        let Some((schema, namespace)) = self.schemas.get(self.place()) else {
            return String::new();
        };
        let form = node.attribute("form").or_else(|| schema.attribute("elementFormDefault"));
        if form == Some("qualified") { namespace.clone() } else { String::new() }
    }

    /// The parts of a global element: its children, its attributes as `@name`, and its text as
    /// `#text`; none if it is not declared.
    pub(super) fn members(&mut self, name: &Name, notes: &mut Notes) -> Option<Vec<Member>> {
        let element = self.find("element", name)?;
        let whole = self.at_top(element, |types| {
            let named = element.named("type");
            let complex = match &named {
                Some(name) => types.find("complexType", name),
                None => element.one(SCHEMA, "complexType"),
            };
            match complex {
                Some(complex) => types.complex(complex, notes),
                None => types.element(element, notes),
            }
        });
        if matches!(whole.additional, Additional::Of(_)) {
            notes.leave("elements of any name beside the parameters of a request", None);
        }
        let namespace = whole.elements.clone().unwrap_or_default();
        let Schema { properties, required, .. } = whole.clone();
        if properties.is_empty() {
            let is_text = !whole.is("object") && !whole.types.is_empty();
            let text = is_text.then(|| ("#text".to_owned(), whole));
            return Some(
                text.into_iter()
                    .map(|(name, schema)| Member {
                        name,
                        namespace: String::new(),
                        required: !schema.nullable,
                        schema,
                    })
                    .collect(),
            );
        }
        let member = |(name, mut schema): (String, Schema)| Member {
            namespace: schema.namespace.take().unwrap_or_else(|| namespace.clone()),
            required: required.contains(&name),
            name,
            schema,
        };
        Some(properties.into_iter().map(member).collect())
    }

    /// What is in a global element or an element of a type.
    pub(super) fn element(&mut self, element: &'d At, notes: &mut Notes) -> Schema {
        let mut schema = match element.named("type") {
            Some(name) => self.concrete(&name, notes),
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
        said_beside(element, &mut schema);
        if let Some(text) = documentation(element) {
            schema.set("description", Value::text(text));
        }
        schema
    }

    /// The schema of a global element, by its name.
    pub(super) fn global(&mut self, name: &Name, notes: &mut Notes) -> Option<Schema> {
        let element = self.find("element", name)?;
        Some(self.at_top(element, |types| types.element(element, notes)))
    }

    /// A type by its name: one of XML Schema itself, or one that is shared.
    pub(super) fn named(&mut self, name: &Name, notes: &mut Notes) -> Schema {
        if name.0 == SCHEMA || name.0 == ENCODING {
            return built_in(&name.1);
        }
        if let Some(simple) = self.find("simpleType", name) {
            return self.at_top(simple, |types| types.defined(simple, notes));
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
    pub(super) fn enter(&mut self, node: &'d At, notes: &mut Notes) -> bool {
        let place = std::ptr::from_ref(node);
        self.read += 1;
        let why = match () {
            () if self.within.iter().any(|(known, _)| *known == place) => {
                "where types or groups contain themselves"
            }
            () if self.within.len() >= DEPTH => "types nested more than 40 deep",
            () if self.read > MOST => "what comes to more than 50,000 elements",
            () => {
                let schema = self.places.get(&place).copied().unwrap_or_else(|| self.place());
                self.within.push((place, schema));
                return true;
            }
        };
        notes.leave(why, None);
        false
    }

    pub(super) fn defined(&mut self, node: &'d At, notes: &mut Notes) -> Schema {
        match node.schema_word() {
            Some("simpleType") => self.simple(node, notes),
            _ => self.complex(node, notes),
        }
    }

    pub(super) fn complex(&mut self, node: &'d At, notes: &mut Notes) -> Schema {
        if let Some(simple) = node.one(SCHEMA, "simpleContent") {
            return self.simple_content(simple, notes);
        }
        let mut members = Vec::new();
        let around = std::mem::take(&mut self.any);
        self.elements(node, &mut members, notes);
        let mut schema = Schema::of("object");
        if std::mem::replace(&mut self.any, around) {
            schema.additional = Additional::Of(Box::default());
        }
        schema.elements = most_common(&members);
        for mut member in members {
            if let Some((_, known)) = schema.properties.iter_mut().find(|(n, _)| *n == member.name)
            {
                known.unshown &= member.schema.unshown;
                continue;
            }
            member.schema.namespace =
                (schema.elements.as_ref() != Some(&member.namespace)).then_some(member.namespace);
            if member.required {
                schema.required.push(member.name.clone());
            }
            schema.properties.push((member.name, member.schema));
        }
        self.attributes(node, &mut schema, notes);
        schema
    }
}

/// What `xs:documentation` says, or `wsdl:documentation`.
pub(super) fn documentation(node: &At) -> Option<String> {
    let own = node.children.iter().find(|it| &*it.name.local == "documentation");
    let annotated = node.one(SCHEMA, "annotation").and_then(|it| it.one(SCHEMA, "documentation"));
    let text = own.or(annotated)?.text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// The namespace in which most elements stand; of several, that of the first.
fn most_common(members: &[Member]) -> Option<String> {
    let count = |wanted: &str| members.iter().filter(|it| it.namespace == wanted).count();
    let mut best: Option<&str> = None;
    for member in members {
        if best.is_none_or(|best| count(&member.namespace) > count(best)) {
            best = Some(&member.namespace);
        }
    }
    best.map(str::to_owned)
}
