//! Schemas: what a value may be. JSON Schema's words, and what a failure to fit gives.

use std::sync::Arc;

use super::{CollectionId, ErrorId, Expression, Format, RuleId, Text, Tree};
use crate::source::Span;
use crate::value::Value;

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
}

/// What a value may be. `$ref` is already followed and joined in.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a keyword of the language")]
pub struct Schema {
    /// The rule that this schema as a whole is.
    pub rule: RuleId,
    /// The types allowed; none means any.
    pub types: Vec<Type>,
    /// Whether null is allowed.
    pub nullable: bool,
    /// Taken when the value is absent.
    pub default: Option<Value>,
    /// In a request the value counts as not sent.
    pub read_only: bool,
    /// The empty text passes whatever the constraints are.
    pub allow_empty: bool,
    /// Enumerations, booleans in text and equality in collections regard no case.
    pub case_insensitive: bool,
    /// Unless true, the value counts as not sent.
    pub ignored_unless: Option<Expression>,
    /// The error for any constraint that names none, `required` and `type` included.
    pub error: Option<ErrorId>,
    /// The text for any constraint that has none of its own.
    pub message: Option<Text>,
    /// The schema's own keywords in the order of the reference, then `checks` in their order.
    pub constraints: Vec<Constraint>,
    /// For objects: the declared members in order.
    pub properties: Vec<Property>,
    /// For objects: the other members.
    pub additional: Additional,
    /// For arrays: the items.
    pub items: Option<Box<Schema>>,
    /// For fields of collections: how it is filled.
    pub generate: Option<Generate>,
    /// The root element it describes.
    pub xml: Option<XmlName>,
    /// What the values of `enum` stand for, as (value, meaning).
    pub meanings: Vec<(Value, Arc<str>)>,
    /// For people.
    pub description: Option<Arc<str>>,
    /// Where it is written.
    pub span: Span,
}

impl Schema {
    /// Whether it says nothing, as `{}` does: whatever there is fits, and nothing is known of it.
    pub fn takes_anything(&self) -> bool {
        let is_open = matches!(self.additional, Additional::Allowed);
        let says_nothing = self.types.is_empty() && self.constraints.is_empty();
        says_nothing && is_open && self.properties.is_empty() && self.items.is_none()
    }
}

/// A declared member of an object.
#[derive(Debug, Clone)]
pub struct Property {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it has to be there.
    pub required: bool,
    /// What it may be.
    pub schema: Schema,
}

/// Members that are not declared.
#[derive(Debug, Clone)]
pub enum Additional {
    /// Ignored in requests, kept in collections.
    Allowed,
    /// Refused.
    Refused,
    /// Each fits the schema.
    Schema(Box<Schema>),
    /// Described by the rows of a collection.
    Defined(Box<DefinedBy>),
}

/// Members that the rows of a collection describe.
#[derive(Debug, Clone)]
pub struct DefinedBy {
    /// The collection.
    pub collection: CollectionId,
    /// Its field with the member's name.
    pub name: Arc<str>,
    /// Its field with the member's kind.
    pub kind: Arc<str>,
    /// What each kind may be; expressions in it see `definition`, the row.
    pub kinds: Vec<(Arc<str>, Schema)>,
    /// The error for a member that no row names.
    pub error: Option<ErrorId>,
    /// The rule that says so.
    pub rule: RuleId,
}

/// One constraint, and what breaking it gives.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// What has to hold.
    pub keyword: Keyword,
    /// Looked at only when true.
    pub when: Option<Expression>,
    /// The error, when it names one itself or its check does.
    pub error: Option<ErrorId>,
    /// The text of `error.message`.
    pub message: Option<Text>,
    /// The rule that it is. A schema's own keywords share the statements of the schema.
    pub rule: RuleId,
}

/// A bound that is fixed or worked out.
#[derive(Debug, Clone)]
pub enum Bound {
    /// The same for each request.
    Fixed(Value),
    /// Worked out.
    Expression(Expression),
}

/// The values of `enum`, fixed or worked out.
#[derive(Debug, Clone)]
pub enum Choices {
    /// The same for each request.
    Fixed(Vec<Value>),
    /// Worked out; gives a list.
    Expression(Expression),
}

/// What has to hold of a value.
#[derive(Debug, Clone)]
pub enum Keyword {
    /// One of these.
    Enum(Choices),
    /// This one.
    Const(Value),
    /// At least so many characters.
    MinLength(Bound),
    /// At most so many characters.
    MaxLength(Bound),
    /// Fits the regular expression somewhere; already known to be one.
    Pattern(Arc<str>),
    /// Has the form.
    Format(Format),
    /// At least.
    Minimum(Bound),
    /// At most.
    Maximum(Bound),
    /// More than.
    ExclusiveMinimum(Bound),
    /// Less than.
    ExclusiveMaximum(Bound),
    /// A whole number of times.
    MultipleOf(Value),
    /// At least so many items.
    MinItems(Bound),
    /// At most so many items.
    MaxItems(Bound),
    /// At least so many members.
    MinProperties(Bound),
    /// At most so many members.
    MaxProperties(Bound),
    /// No item twice.
    UniqueItems,
    /// The key of a row.
    References(CollectionId),
    /// The named parameter or property is no part of it.
    MustNotContain(Arc<str>),
    /// One of these groups of members is there.
    AnyOf(Vec<Vec<Arc<str>>>),
    /// The expression is true; looked at even when the value is absent.
    Must(Expression),
    /// A row with these fields is there; looked at even when the value is absent.
    Exists {
        /// The collection.
        collection: CollectionId,
        /// The fields and what they equal.
        fields: Vec<(Arc<str>, Tree)>,
    },
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
