//! A schema in the words of the spec language, whatever document it comes from.

use std::collections::HashSet;

use crate::value::Value;
use crate::write::Piece;

/// A schema that is to be written.
#[expect(clippy::struct_excessive_bools, reason = "each is said of its own")]
#[derive(Debug, Clone, Default)]
pub(super) struct Schema {
    /// The shared schema that it is, or adds to.
    pub(super) refers: Option<String>,
    pub(super) types: Vec<&'static str>,
    pub(super) nullable: bool,
    /// Keywords with one value: constraints, `default`, `description` and the like.
    pub(super) keywords: Vec<(&'static str, Value)>,
    pub(super) properties: Vec<(String, Schema)>,
    pub(super) required: Vec<String>,
    pub(super) items: Option<Box<Schema>>,
    pub(super) additional: Additional,
    /// `anyOf` of groups of required properties.
    pub(super) groups: Vec<Vec<String>>,
    pub(super) read_only: bool,
    /// It stands in requests only.
    pub(super) write_only: bool,
    /// Expressions of the spec language, such as `generate`.
    pub(super) extra: Vec<(&'static str, Piece)>,
    /// What the document shows for it; not a part of the language.
    pub(super) example: Option<Value>,
    /// Root element in XML, and its namespace.
    pub(super) xml: Option<(String, Option<String>)>,
    /// The namespace of its element in XML, where that is not that of the element around it.
    pub(super) namespace: Option<String>,
    /// The namespace of the elements in it.
    pub(super) elements: Option<String>,
    /// Another alternative is shown in its place.
    pub(super) unshown: bool,
    /// It has to be there or another one has, so that it is shown wherever it may be.
    pub(super) needed: bool,
    /// The type that stands for one of which there are no values, with its namespace.
    pub(super) stands_for: Option<(String, String)>,
}

/// Properties that are not declared.
#[derive(Debug, Clone, Default)]
pub(super) enum Additional {
    #[default]
    Unsaid,
    Any,
    Refused,
    Of(Box<Schema>),
}

impl Schema {
    /// A schema of a type.
    pub(super) fn of(kind: &'static str) -> Self {
        Self { types: vec![kind], ..Self::default() }
    }

    /// The value of a keyword.
    pub(super) fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// Sets a keyword.
    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        match self.keywords.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => self.keywords.push((name, value)),
        }
    }

    /// Takes a keyword out.
    pub(super) fn unset(&mut self, name: &str) {
        self.keywords.retain(|(key, _)| *key != name);
    }

    /// Whether it is of that type and no other.
    pub(super) fn is(&self, kind: &str) -> bool {
        matches!(self.types.as_slice(), [one] if *one == kind)
    }

    /// The property of that name.
    pub(super) fn property(&self, name: &str) -> Option<&Self> {
        self.properties.iter().find(|(other, _)| other == name).map(|(_, schema)| schema)
    }

    /// The schemas right below this one.
    pub(super) fn children_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        let additional = match &mut self.additional {
            Additional::Of(schema) => Some(&mut **schema),
            _ => None,
        };
        let properties = self.properties.iter_mut().map(|(_, schema)| schema);
        properties.chain(self.items.as_deref_mut()).chain(additional)
    }

    /// The schemas right below this one.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        let additional = match &self.additional {
            Additional::Of(schema) => Some(&**schema),
            _ => None,
        };
        let properties = self.properties.iter().map(|(_, schema)| schema);
        properties.chain(self.items.as_deref()).chain(additional)
    }

    /// Adds what another schema says that holds too; where both say the same thing, the other
    /// wins.
    pub(super) fn merge(&mut self, other: Self) {
        if self.refers.is_none() {
            self.refers = other.refers;
        }
        self.nullable = match self.types.is_empty() || other.types.is_empty() {
            true => self.nullable || other.nullable,
            false => self.nullable && other.nullable,
        };
        if self.types.is_empty() {
            self.types = other.types;
        } else if !other.types.is_empty() {
            let both: Vec<_> =
                self.types.iter().copied().filter(|kind| other.types.contains(kind)).collect();
            self.types = if both.is_empty() { other.types } else { both };
        }
        for (name, value) in other.keywords {
            self.set(name, value);
        }
        for (name, schema) in other.properties {
            match self.properties.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => known.merge(schema),
                None => self.properties.push((name, schema)),
            }
        }
        for name in other.required {
            if !self.required.contains(&name) {
                self.required.push(name);
            }
        }
        self.items = other.items.or(self.items.take());
        if !matches!(other.additional, Additional::Unsaid) {
            self.additional = other.additional;
        }
        self.groups.extend(other.groups);
        self.read_only |= other.read_only;
        self.write_only |= other.write_only;
        self.extra.extend(other.extra);
        self.example = other.example.or(self.example.take());
        self.xml = other.xml.or(self.xml.take());
        self.namespace = other.namespace.or(self.namespace.take());
        self.elements = other.elements.or(self.elements.take());
        self.unshown |= other.unshown;
        self.needed |= other.needed;
        self.stands_for = other.stands_for.or(self.stands_for.take());
    }

    /// The schema as it is written.
    pub(super) fn to_piece(&self) -> Piece {
        let mut piece = Piece::map();
        if let Some(name) = &self.refers {
            piece.set("$ref", format!("#/components/schemas/{name}"));
        }
        match (self.types.as_slice(), self.nullable) {
            ([], _) => {}
            ([one], false) => piece.set("type", *one),
            (several, nullable) => {
                let null = nullable.then_some("null");
                let all = several.iter().copied().chain(null).map(Piece::from);
                piece.set("type", Piece::list(all));
            }
        }
        for (name, value) in &self.keywords {
            piece.set(*name, value);
        }
        for (name, value) in &self.extra {
            piece.set(*name, value.clone());
        }
        if self.read_only {
            piece.set("readOnly", true);
        }
        if self.write_only {
            piece.set("writeOnly", true);
        }
        let declared: HashSet<&str> = self.properties.iter().map(|(name, _)| &**name).collect();
        let undeclared = self.required.iter().filter(|name| !declared.contains(name.as_str()));
        let undeclared: Vec<&String> = if self.refers.is_none() || !declared.is_empty() {
            undeclared.collect()
        } else {
            Vec::new()
        };
        if !self.required.is_empty() {
            piece.set("required", Piece::list(self.required.iter().map(Piece::from)));
        }
        if !self.properties.is_empty() || !undeclared.is_empty() {
            let mut properties = Piece::map();
            for (name, schema) in &self.properties {
                properties.set(name, schema.to_piece());
            }
            // What is required has to be declared.
            for name in undeclared {
                properties.set(name, Piece::map());
            }
            piece.set("properties", properties);
        }
        if let Some(items) = &self.items {
            piece.set("items", items.to_piece());
        }
        match &self.additional {
            Additional::Unsaid => {}
            Additional::Any => piece.set("additionalProperties", true),
            Additional::Refused => piece.set("additionalProperties", false),
            Additional::Of(schema) => piece.set("additionalProperties", schema.to_piece()),
        }
        if !self.groups.is_empty() {
            let group = |names: &Vec<String>| {
                Piece::map().with("required", Piece::list(names.iter().map(Piece::from)))
            };
            piece.set("anyOf", Piece::list(self.groups.iter().map(group)));
        }
        let (name, root) = self.xml.as_ref().map_or((None, None), |(n, s)| (Some(n), s.as_ref()));
        let xml = Piece::map()
            .with_some("name", name)
            .with_some("namespace", root.or(self.namespace.as_ref()))
            .with_some("elements", self.elements.as_ref());
        if !xml.is_empty() {
            piece.set("xml", xml);
        }
        piece
    }
}
