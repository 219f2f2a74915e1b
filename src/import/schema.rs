//! A schema in the words of the spec language, whatever document it comes from.

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
    /// Keywords with schemas in them, but for `items`, `properties` and `additionalProperties`.
    pub(super) applied: Vec<Applied>,
    /// Nothing fits.
    pub(super) never: bool,
    /// Nothing but null fits.
    pub(super) only_null: bool,
    /// More fits than the document says, since a part of it could not be taken.
    pub(super) loose: bool,
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

/// A keyword with schemas in it, and what belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Applied {
    pub(super) word: &'static str,
    /// The schemas in it: in order, by the names of members, or by their own keys.
    pub(super) schemas: Vec<(String, Schema)>,
    /// What tells the schemas of `oneOf` or `anyOf` apart.
    pub(super) discriminator: Option<Discriminator>,
    /// Keys that are written beside it, such as `minContains`.
    pub(super) beside: Vec<(&'static str, Piece)>,
}

/// `discriminator`: a member, and the shared schemas that its values stand for.
#[derive(Debug, Clone)]
pub(super) struct Discriminator {
    pub(super) member: String,
    pub(super) mapping: Vec<(String, String)>,
}

impl Applied {
    /// A keyword with one schema.
    pub(super) fn one(word: &'static str, schema: Schema) -> Self {
        Self::of(word, vec![(word.to_owned(), schema)])
    }

    /// A keyword with a list of schemas.
    pub(super) fn list(word: &'static str, schemas: Vec<Schema>) -> Self {
        Self::of(word, schemas.into_iter().map(|schema| (String::new(), schema)).collect())
    }

    /// A keyword with schemas by names.
    pub(super) fn of(word: &'static str, schemas: Vec<(String, Schema)>) -> Self {
        Self { word, schemas, discriminator: None, beside: Vec::new() }
    }

    /// Whether its schemas are alternatives.
    pub(super) fn is_choice(&self) -> bool {
        matches!(self.word, "oneOf" | "anyOf")
    }

    /// Whether its schemas say something of the same value as the schema around them.
    pub(super) fn is_in_place(&self) -> bool {
        self.is_choice() || matches!(self.word, "allOf" | "not" | "if" | "dependentSchemas")
    }

    /// The schemas in it.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.iter().map(|(_, schema)| schema)
    }

    /// The one in it of that name.
    pub(super) fn schema(&self, name: &str) -> Option<&Schema> {
        self.schemas.iter().find(|(other, _)| other == name).map(|(_, schema)| schema)
    }
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
        let applied = self.applied.iter_mut().flat_map(|one| &mut one.schemas);
        let applied = applied.map(|(_, schema)| schema);
        properties.chain(self.items.as_deref_mut()).chain(additional).chain(applied)
    }

    /// The schemas right below this one.
    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        let additional = match &self.additional {
            Additional::Of(schema) => Some(&**schema),
            _ => None,
        };
        let properties = self.properties.iter().map(|(_, schema)| schema);
        let applied = self.applied.iter().flat_map(Applied::schemas);
        properties.chain(self.items.as_deref()).chain(additional).chain(applied)
    }

    /// Adds what another schema says that holds too; where both say the same thing, the other
    /// wins.
    pub(super) fn merge(&mut self, other: Self) {
        self.nullable = match self.types.is_empty() || other.types.is_empty() {
            true => self.nullable || other.nullable,
            false => self.nullable && other.nullable,
        };
        if self.types.is_empty() {
            self.types = other.types;
        } else if !other.types.is_empty() {
            let both: Vec<_> =
                self.types.iter().copied().filter(|kind| other.types.contains(kind)).collect();
            self.types = match both.is_empty() {
                true if other.is("number") && self.is("integer") => vec!["integer"],
                true => other.types,
                false => both,
            };
        }
        self.refers = self.refers.take().or(other.refers);
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
        self.items = match (self.items.take(), other.items) {
            (Some(mut own), Some(other)) => {
                own.merge(*other);
                Some(own)
            }
            (own, other) => other.or(own),
        };
        if !matches!(other.additional, Additional::Unsaid) {
            self.additional = other.additional;
        }
        for one in other.applied {
            self.apply(one);
        }
        self.never |= other.never;
        self.only_null |= other.only_null;
        self.loose |= other.loose;
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

    /// Adds a keyword with schemas in it.
    pub(super) fn apply(&mut self, one: Applied) {
        if one.word == "patternProperties"
            && let Some(own) = self.applied.iter_mut().find(|other| other.word == one.word)
            && one.schemas.iter().all(|(name, _)| own.schema(name).is_none())
        {
            own.schemas.extend(one.schemas);
        } else {
            self.applied.push(one);
        }
    }

    /// Adds a schema that holds too: as its own words where these say nothing else, else beside
    /// them.
    pub(super) fn also(&mut self, other: Self) {
        if self.agrees(&other) {
            self.merge(other);
        } else {
            self.apply(Applied::list("allOf", vec![other]));
        }
    }

    /// Whether [`Self::merge`] loses nothing.
    fn agrees(&self, other: &Self) -> bool {
        let types = |one: &Self, two: &Self| {
            let is_number = |kind: &str| kind == "number" || kind == "integer";
            one.types.iter().any(|kind| {
                two.types.contains(kind)
                    || is_number(kind) && two.types.iter().any(|k| is_number(k))
            })
        };
        let is_constraint = |name: &str| !matches!(name, "default" | "description");
        let same_types = self.types.is_empty() || other.types.is_empty() || types(self, other);
        let same_keywords = other
            .keywords
            .iter()
            .filter(|(name, _)| is_constraint(name))
            .all(|(name, value)| self.keyword(name).is_none_or(|own| own == value));
        let same_target =
            self.refers.is_none() || other.refers.is_none() || self.refers == other.refers;
        let same_properties = other
            .properties
            .iter()
            .all(|(name, schema)| self.property(name).is_none_or(|own| own.agrees(schema)));
        let same_items = match (&self.items, &other.items) {
            (Some(own), Some(other)) => own.agrees(other),
            _ => true,
        };
        let same_additional = !matches!(
            (&self.additional, &other.additional),
            (Additional::Of(_), Additional::Of(_))
        );
        let is_plain = !self.never && !other.never && self.only_null == other.only_null;
        let same_members = same_properties && same_items && same_additional;
        same_types && same_keywords && same_target && same_members && is_plain
    }
}
