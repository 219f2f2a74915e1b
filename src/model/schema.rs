//! Schemas: what a value may be. JSON Schema's words, and what a failure to fit gives.

pub mod keyword;

use std::sync::Arc;

use regex_lite::Regex;

use super::elements::XmlNamespaces;
use super::stage::{Checked, Stage};
use super::{CollectionId, ErrorId, Failure, Format, RuleId, Text, Tree};
use crate::source::Span;
use crate::value::Value;
use keyword::{Around, Fixed, Keyword, Operand, Word};

/// A type, in the words of JSON Schema; `null` is [`Schema::nullable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A truth value.
    Boolean,
    /// Members.
    Object,
    /// Items.
    Array,
}

impl Type {
    /// All of them, for messages.
    pub const ALL: [Self; 6] =
        [Self::String, Self::Integer, Self::Number, Self::Boolean, Self::Object, Self::Array];

    /// The word in specs.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Object => "object",
            Self::Array => "array",
        }
    }

    /// Whether a value is of it. 1.0 is an integer, as JSON Schema says.
    pub fn takes(self, value: &Value) -> bool {
        match self {
            Self::String => matches!(value, Value::Text(_)),
            Self::Integer => value.is_integer(),
            Self::Number => value.is_number(),
            Self::Boolean => matches!(value, Value::Bool(_)),
            Self::Object => matches!(value, Value::Map(_) | Value::Record(_)),
            Self::Array => matches!(value, Value::List(_)),
        }
    }
}

/// Position of a schema that contains itself in [`super::Service::recursive`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaId(pub usize);

/// What a value may be. `$ref` is already followed and joined in.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a keyword of the language")]
pub struct Schema<S: Stage = Checked> {
    /// The rule that this schema as a whole is.
    pub rule: RuleId,
    /// Of keys that are no constraints, those that a schema beneath states, with the rule that it
    /// is: what implements statements of its own stays apart.
    pub beneath: Vec<(&'static str, RuleId)>,
    /// The types allowed; none means any.
    pub types: Vec<Type>,
    /// Whether null is allowed.
    pub nullable: bool,
    /// Taken when the value is absent.
    pub default: Option<Value>,
    /// In a request the value counts as not sent.
    pub read_only: bool,
    /// A field of a collection that is found by its name only; in an answer it may not be.
    pub write_only: bool,
    /// The empty text passes whatever the constraints are.
    pub allow_empty: bool,
    /// Enumerations, booleans in text and equality in collections regard no case.
    pub case_insensitive: bool,
    /// Unless true, the value counts as not sent.
    pub ignored_unless: Option<S::Expression>,
    /// Whether it or something below has `ignoredUnless`.
    pub ignores: bool,
    /// Whether other schemas say something of the same value.
    pub is_composed: bool,
    /// Whether it looks at members that it does not declare: they are left out of a request only
    /// when all is looked at.
    pub sees_all: bool,
    /// Whether it or something below sees all members.
    pub prunes: bool,
    /// The error for any constraint that names none, `required` and `type` included.
    pub error: Option<ErrorId>,
    /// Errors that go before it, for what breaks the schema in these ways.
    pub errors: Vec<(Failure, ErrorId)>,
    /// The text for any constraint that has none of its own.
    pub message: Option<Text<S>>,
    /// The schema's own keywords in the order of the reference, then `checks` in their order.
    pub constraints: Vec<Constraint<S>>,
    /// For objects: the declared members in order.
    pub properties: Vec<Property<S>>,
    /// Once it is compiled: the places of the properties that say something of a member that is
    /// absent.
    pub of_absent: Vec<usize>,
    /// For objects: the other members.
    pub additional: Additional<S>,
    /// For objects: required members that are no properties.
    pub undeclared: Vec<Arc<str>>,
    /// For objects: what members may be by their names, properties included.
    pub patterns: Vec<(Regex, Schema<S>)>,
    /// For arrays: the first items, one by one.
    pub prefix: Vec<Schema<S>>,
    /// Whether it says something of all members, if only that others may be there.
    pub evaluates_all: bool,
    /// For arrays: the items, or those behind the first ones.
    pub items: Option<Box<Schema<S>>>,
    /// For fields of collections: how it is filled.
    pub generate: Option<Generate>,
    /// The root element it describes.
    pub xml: Option<XmlName>,
    /// In which namespaces elements stand.
    pub namespaces: XmlNamespaces,
    /// What the values of `enum` stand for, as (value, meaning).
    pub meanings: Vec<(Value, Arc<str>)>,
    /// For people.
    pub description: Option<Arc<str>>,
    /// Where it is written.
    pub span: Span,
    /// Where those of its words are written that are no constraints.
    pub places: Vec<(&'static str, Span)>,
}

impl<S: Stage> Schema<S> {
    /// Where a word of it is written; where it does not have that, where it begins itself.
    pub fn place(&self, word: &str) -> &Span {
        let known = self.places.iter().find(|(known, _)| *known == word);
        known.map_or(&self.span, |(_, span)| span)
    }

    /// It and the schemas that say something of the same value.
    pub fn with_beside(&self) -> Vec<&Self> {
        let beside = self.constraints.iter().flat_map(|constraint| constraint.keyword.beside());
        std::iter::once(self).chain(beside.flat_map(Self::with_beside)).collect()
    }

    /// Whether something of it is looked at although the value is absent.
    pub fn looks_at_absent(&self) -> bool {
        self.constraints.iter().any(|constraint| constraint.keyword.word.looks_at_absent())
    }

    /// The properties that say something of an object of which `lacks_all` says that it has no
    /// members: there may be millions of such objects, and few properties to look at.
    pub fn concerned(&self, lacks_all: bool) -> impl Iterator<Item = &Property<S>> {
        let (few, all) = match lacks_all {
            true => (self.of_absent.as_slice(), [].as_slice()),
            false => ([].as_slice(), self.properties.as_slice()),
        };
        few.iter().filter_map(|at| self.properties.get(*at)).chain(all)
    }

    /// The rule that states a key that is no constraint.
    pub fn rule_of(&self, key: &str) -> RuleId {
        let beneath = self.beneath.iter().find(|(known, _)| *known == key);
        beneath.map_or(self.rule, |(_, rule)| *rule)
    }

    /// The error that it gives itself for what breaks it in that way.
    pub fn error_for(&self, failure: Failure) -> Option<ErrorId> {
        let own = self.errors.iter().find(|(known, _)| *known == failure);
        own.map(|(_, error)| *error).or(self.error)
    }

    /// The error that it gives itself for what breaks one of its constraints.
    pub fn error_of(&self, constraint: &Constraint<S>) -> Option<ErrorId> {
        constraint.error.or_else(|| self.error_for(Failure::Keyword(constraint.keyword.word)))
    }

    /// The size of the integers that it is of, where it says one.
    pub fn integers(&self) -> Option<Format> {
        self.constraints.iter().find_map(|constraint| match constraint.keyword.operand {
            Operand::Format(size @ (Format::Int32 | Format::Int64)) => Some(size),
            _ => None,
        })
    }

    /// Whether a list is a value of it.
    pub fn takes_lists(&self) -> bool {
        self.types.contains(&Type::Array)
    }

    /// The schemas that describe a member, properties included.
    pub fn describe<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s Self> {
        let property = self.properties.iter().find(|property| *property.name == *name);
        let additional = match &self.additional {
            Additional::Schema(schema) if !self.declares(name) => Some(&**schema),
            _ => None,
        };
        let patterns = self.patterns.iter().filter(move |(pattern, _)| pattern.is_match(name));
        let patterns: Vec<&Self> = patterns.map(|(_, schema)| schema).collect();
        property.map(|property| &property.schema).into_iter().chain(patterns).chain(additional)
    }

    /// Whether a member is a property, or one by a pattern of its name.
    pub fn declares(&self, name: &str) -> bool {
        self.properties.iter().any(|property| *property.name == *name)
            || self.patterns.iter().any(|(pattern, _)| pattern.is_match(name))
    }

    /// The schema of an item.
    pub fn item(&self, at: usize) -> Option<&Self> {
        self.prefix.get(at).or(self.items.as_deref())
    }

    /// Whether it says anything of items.
    pub fn has_items(&self) -> bool {
        self.items.is_some() || !self.prefix.is_empty()
    }

    /// All schemas that stand in it, not those in them.
    pub fn inner(&self) -> impl Iterator<Item = &Self> {
        let properties = self.properties.iter().map(|property| &property.schema);
        let items = self.prefix.iter().chain(self.items.as_deref());
        properties.chain(items).chain(self.unnamed())
    }

    /// Those of them that are neither a property's nor an item's.
    pub fn unnamed(&self) -> impl Iterator<Item = &Self> {
        let additional: Vec<&Self> = match &self.additional {
            Additional::Schema(schema) => vec![schema],
            Additional::Defined(defined) => defined.kinds.iter().map(|(_, kind)| kind).collect(),
            Additional::Allowed | Additional::Refused => Vec::new(),
        };
        let patterns = self.patterns.iter().map(|(_, schema)| schema);
        let operands = self.constraints.iter().flat_map(|one| one.keyword.operand.schemas());
        patterns.chain(additional).chain(operands)
    }

    /// All schemas that stand in it, to be changed.
    pub fn inner_mut(&mut self) -> impl Iterator<Item = &mut Self> {
        let additional: Vec<&mut Self> = match &mut self.additional {
            Additional::Schema(schema) => vec![schema],
            Additional::Defined(defined) => {
                defined.kinds.iter_mut().map(|(_, kind)| kind).collect()
            }
            Additional::Allowed | Additional::Refused => Vec::new(),
        };
        let properties = self.properties.iter_mut().map(|property| &mut property.schema);
        let patterns = self.patterns.iter_mut().map(|(_, schema)| schema);
        let operands = self.constraints.iter_mut();
        let operands = operands.flat_map(|one| one.keyword.operand.schemas_mut());
        let items = self.prefix.iter_mut().chain(self.items.as_deref_mut());
        properties.chain(patterns).chain(additional).chain(items).chain(operands)
    }

    /// The values of a fixed `enum`.
    pub fn choices(&self) -> Option<&[Value]> {
        self.constraints.iter().find_map(|constraint| match &constraint.keyword {
            Keyword { word: Word::Enum, operand: Operand::Value(values) } => values.as_list(),
            _ => None,
        })
    }

    /// Whether it says nothing, as `{}` does: whatever there is fits, and nothing is known of it.
    pub fn takes_anything(&self) -> bool {
        let is_open = matches!(self.additional, Additional::Allowed);
        let says_nothing = self.types.is_empty() && self.constraints.is_empty();
        let members = self.properties.is_empty() && self.patterns.is_empty();
        says_nothing && is_open && members && self.undeclared.is_empty() && !self.has_items()
    }
}

/// A declared member of an object.
#[derive(Debug, Clone)]
pub struct Property<S: Stage = Checked> {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it has to be there.
    pub required: bool,
    /// The rule of the object that says so.
    pub required_by: RuleId,
    /// What it may be.
    pub schema: Schema<S>,
}

impl<S: Stage> Property<S> {
    /// The rule that is broken where it is missing: its own, unless only its object's implements a
    /// statement.
    pub fn missed(&self, is_backed: impl Fn(RuleId) -> bool) -> RuleId {
        match is_backed(self.required_by) && !is_backed(self.schema.rule) {
            true => self.required_by,
            false => self.schema.rule,
        }
    }
}

/// Members that are not declared.
#[derive(Debug, Clone)]
pub enum Additional<S: Stage = Checked> {
    /// Ignored in requests, kept in collections.
    Allowed,
    /// Refused.
    Refused,
    /// Each fits the schema.
    Schema(Box<Schema<S>>),
    /// Described by the rows of a collection.
    Defined(Box<DefinedBy<S>>),
}

/// Members that the rows of a collection describe.
#[derive(Debug, Clone)]
pub struct DefinedBy<S: Stage = Checked> {
    /// The collection.
    pub collection: CollectionId,
    /// Its field with the member's name.
    pub name: S::Index,
    /// Its field with the member's kind.
    pub kind: Arc<str>,
    /// What each kind may be; expressions in it see `definition`, the row.
    pub kinds: Vec<(Arc<str>, Schema<S>)>,
    /// The error for a member that no row names.
    pub error: Option<ErrorId>,
    /// The rule that says so.
    pub rule: RuleId,
}

/// One constraint, and what breaking it gives.
#[derive(Debug, Clone)]
pub struct Constraint<S: Stage = Checked> {
    /// What has to hold.
    pub keyword: Keyword<S>,
    /// Looked at only when true.
    pub when: Option<S::Expression>,
    /// The error, when it names one itself or its check does.
    pub error: Option<ErrorId>,
    /// The text of `error.message`.
    pub message: Option<Text<S>>,
    /// The rule that it is. A schema's own keywords share the statements of the schema.
    pub rule: RuleId,
    /// Where its word is written.
    pub span: Span,
}

impl<S: Stage> Constraint<S> {
    /// Whether a value breaks it, whatever the request. One that has a condition never says so.
    pub fn is_broken(&self, schema: &Schema<S>, value: &Value, around: Around<'_>) -> bool {
        let Ok(holds) = self.keyword.holds(schema, value, around, &mut Fixed::new(&[]));
        self.when.is_none() && !holds
    }

    /// Whether it is looked at after members and items: `anyOf`, and checks from the first one on
    /// that is more than a keyword.
    pub fn comes_late(&self) -> bool {
        self.when.is_some() || self.keyword.word.comes_late()
    }
}

/// How a field of a collection is filled.
#[derive(Debug, Clone)]
pub struct Generate {
    /// What fills it.
    pub with: Generator,
    /// Anew with every update too.
    pub on_write: bool,
}

/// What fills a field.
#[derive(Debug, Clone)]
pub enum Generator {
    /// The next whole number.
    Sequence {
        /// The first one.
        first: i64,
    },
    /// Bits that nobody can guess.
    Random {
        /// How many; a multiple of eight.
        bits: usize,
        /// How they are written.
        encoding: Encoding,
        /// What stands before them.
        prefix: Arc<str>,
    },
    /// A random UUID (RFC 9562, version 4).
    Uuid,
    /// Eight bytes in base64 that are different after every write.
    RowVersion,
    /// The clock's time: RFC 3339, or by an strftime pattern.
    Now {
        /// The pattern.
        pattern: Option<Arc<str>>,
    },
    /// An expression, or text with expressions, that sees the row as `row`.
    Tree(Tree),
}

/// How random bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// RFC 4648 section 5 without padding.
    Base64Url,
    /// Digits and letters of both cases.
    Alphanumeric,
}

/// The element that a schema describes.
#[derive(Debug, Clone)]
pub struct XmlName {
    /// The local name.
    pub name: Arc<str>,
    /// The namespace.
    pub namespace: Option<Arc<str>>,
}
