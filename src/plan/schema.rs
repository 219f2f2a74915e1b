//! Schemas, ready to read and check values.

use std::sync::Arc;

use regex_lite::Regex;

use super::names::Names;
use super::state::{Indexes, Lookup};
use super::value::{Expression, Text};
use crate::model::{self, CollectionId, ErrorId, Failure, Format, RuleId, Type};
use crate::value::Value;

/// What a value may be.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a keyword of the language")]
pub struct Schema {
    /// The rule that it is as a whole.
    pub rule: RuleId,
    /// The types allowed; none means any.
    pub types: Box<[Type]>,
    /// Whether null is allowed.
    pub nullable: bool,
    /// Taken when the value is absent.
    pub default: Option<Value>,
    /// In a request the value counts as not sent.
    pub read_only: bool,
    /// The empty text passes.
    pub allow_empty: bool,
    /// Booleans in text regard no case.
    pub case_insensitive: bool,
    /// Unless true, the value counts as not sent.
    pub ignored_unless: Option<Expression>,
    /// The error of constraints that name none.
    pub error: Option<ErrorId>,
    /// The text of constraints that have none.
    pub message: Option<Text>,
    constraints: Box<[Constraint]>,
    /// How many of the constraints go before those of members and items.
    before: usize,
    /// Declared members.
    pub properties: Box<[Property]>,
    /// Other members.
    pub additional: Additional,
    /// Items of a list.
    pub items: Option<Box<Schema>>,
    /// Whether something below has `ignoredUnless`, so that a pass for it is needed.
    pub ignores: bool,
}

/// A declared member.
#[derive(Debug)]
pub struct Property {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it has to be there.
    pub required: bool,
    /// What it may be.
    pub schema: Schema,
}

/// Members that are not declared.
#[derive(Debug)]
pub enum Additional {
    /// Ignored in requests.
    Allowed,
    /// Refused.
    Refused,
    /// Each fits the schema.
    Schema(Box<Schema>),
    /// Described by the rows of a collection.
    Defined(Box<DefinedBy>),
}

/// Members that the rows of a collection describe.
#[derive(Debug)]
pub struct DefinedBy {
    /// How the row of a member is found; its one value is the member's name.
    pub collection: CollectionId,
    /// The index over the field with the name; none when it is the key.
    pub index: Option<usize>,
    /// The field with the kind.
    pub kind: Arc<str>,
    /// What each kind may be.
    pub kinds: Box<[(Arc<str>, Schema)]>,
    /// The error for a member that no row names.
    pub error: Option<ErrorId>,
    /// The rule that says so.
    pub rule: RuleId,
}

/// One constraint.
#[derive(Debug)]
pub struct Constraint {
    /// What has to hold.
    pub keyword: Keyword,
    /// Which failure it is when it does not.
    pub failure: Failure,
    /// Looked at only when true.
    pub when: Option<Expression>,
    /// The error.
    pub error: Option<ErrorId>,
    /// The text.
    pub message: Option<Text>,
    /// The rule.
    pub rule: RuleId,
}

/// A bound that is fixed or worked out.
#[derive(Debug)]
pub enum Bound {
    /// The same for each request.
    Fixed(Value),
    /// Worked out.
    Expression(Expression),
}

/// What has to hold of a value.
#[derive(Debug)]
pub enum Keyword {
    /// One of a fixed list; the flag says whether case is regarded.
    Enum(Box<[Value]>),
    /// One of a list that is worked out.
    EnumExpression(Expression),
    /// This one.
    Const(Value),
    /// Length in characters.
    MinLength(Bound),
    /// Length in characters.
    MaxLength(Bound),
    /// Fits.
    Pattern(Regex),
    /// Has the form.
    Format(Format),
    /// Bound of a number.
    Minimum(Bound),
    /// Bound of a number.
    Maximum(Bound),
    /// Bound of a number.
    ExclusiveMinimum(Bound),
    /// Bound of a number.
    ExclusiveMaximum(Bound),
    /// Divides without a rest.
    MultipleOf(Value),
    /// Number of items.
    MinItems(Bound),
    /// Number of items.
    MaxItems(Bound),
    /// At least so many members.
    MinProperties(Bound),
    /// At most so many members.
    MaxProperties(Bound),
    /// No item twice.
    UniqueItems,
    /// The key of a row.
    References(CollectionId),
    /// The named sibling is no part of it.
    MustNotContain(Arc<str>),
    /// One of these groups of members is there.
    AnyOf(Box<[Box<[Arc<str>]>]>),
    /// True.
    Must(Expression),
    /// A row is there.
    Exists(Lookup),
}

impl Keyword {
    /// Whether it is looked at although the value is absent.
    pub fn looks_at_absent(&self) -> bool {
        matches!(self, Self::Must(_) | Self::Exists(_))
    }
}

/// A pattern that passed the check but is no regular expression; said at start, never at request
/// time.
#[derive(Debug)]
pub struct BadPattern(pub String);

impl Schema {
    /// Compiles a checked schema.
    pub fn compile(
        schema: &model::Schema,
        names: &Names,
        indexes: &mut Indexes,
    ) -> Result<Self, BadPattern> {
        let mut properties = Vec::with_capacity(schema.properties.len());
        for property in &schema.properties {
            properties.push(Property {
                name: property.name.clone(),
                required: property.required,
                schema: Self::compile(&property.schema, names, indexes)?,
            });
        }
        let items = match &schema.items {
            Some(items) => Some(Box::new(Self::compile(items, names, indexes)?)),
            None => None,
        };
        let additional = match &schema.additional {
            model::Additional::Allowed => Additional::Allowed,
            model::Additional::Refused => Additional::Refused,
            model::Additional::Schema(schema) => {
                Additional::Schema(Box::new(Self::compile(schema, names, indexes)?))
            }
            model::Additional::Defined(defined) => {
                Additional::Defined(Box::new(DefinedBy::compile(defined, names, indexes)?))
            }
        };
        let mut constraints = Vec::with_capacity(schema.constraints.len());
        for constraint in &schema.constraints {
            constraints.push(Constraint::compile(constraint, names, indexes)?);
        }
        let ignores = schema.ignored_unless.is_some()
            || properties.iter().any(|property| property.schema.ignores)
            || items.as_ref().is_some_and(|items| items.ignores);
        Ok(Self {
            rule: schema.rule,
            types: schema.types.clone().into(),
            nullable: schema.nullable,
            default: schema.default.clone(),
            read_only: schema.read_only,
            allow_empty: schema.allow_empty,
            case_insensitive: schema.case_insensitive,
            ignored_unless: schema.ignored_unless.as_ref().map(|e| Expression::compile(e, names)),
            error: schema.error,
            message: schema.message.as_ref().map(|text| Text::compile(text, names)),
            before: constraints
                .iter()
                .position(Constraint::comes_late)
                .unwrap_or(constraints.len()),
            constraints: constraints.into(),
            properties: properties.into(),
            additional,
            items,
            ignores,
        })
    }

    /// Whether a list is a value of it.
    pub fn takes_lists(&self) -> bool {
        self.types.contains(&Type::Array)
    }

    /// The constraints that are looked at before those of members and items.
    pub fn before_members(&self) -> &[Constraint] {
        self.constraints.get(..self.before).unwrap_or_default()
    }

    /// `anyOf`, and checks from the first one on that is more than a keyword.
    pub fn after_members(&self) -> &[Constraint] {
        self.constraints.get(self.before..).unwrap_or_default()
    }
}

impl DefinedBy {
    fn compile(
        defined: &model::DefinedBy,
        names: &Names,
        indexes: &mut Indexes,
    ) -> Result<Self, BadPattern> {
        let mut kinds = Vec::with_capacity(defined.kinds.len());
        for (kind, schema) in &defined.kinds {
            kinds.push((kind.clone(), Schema::compile(schema, names, indexes)?));
        }
        Ok(Self {
            collection: defined.collection,
            index: indexes.over(defined.collection, std::slice::from_ref(&defined.name)),
            kind: defined.kind.clone(),
            kinds: kinds.into(),
            error: defined.error,
            rule: defined.rule,
        })
    }
}

impl Constraint {
    fn comes_late(&self) -> bool {
        self.when.is_some()
            || self.keyword.looks_at_absent()
            || matches!(self.keyword, Keyword::AnyOf(_))
    }

    fn compile(
        constraint: &model::Constraint,
        names: &Names,
        indexes: &mut Indexes,
    ) -> Result<Self, BadPattern> {
        let (keyword, failure) = keyword(&constraint.keyword, names, indexes)?;
        Ok(Self {
            keyword,
            failure,
            when: constraint.when.as_ref().map(|e| Expression::compile(e, names)),
            error: constraint.error,
            message: constraint.message.as_ref().map(|text| Text::compile(text, names)),
            rule: constraint.rule,
        })
    }
}

fn keyword(
    keyword: &model::Keyword,
    names: &Names,
    indexes: &mut Indexes,
) -> Result<(Keyword, Failure), BadPattern> {
    let bound = |bound: &model::Bound| match bound {
        model::Bound::Fixed(number) => Bound::Fixed(number.clone()),
        model::Bound::Expression(e) => Bound::Expression(Expression::compile(e, names)),
    };
    Ok(match keyword {
        model::Keyword::Enum(model::Choices::Fixed(values)) => {
            (Keyword::Enum(values.clone().into()), Failure::Enum)
        }
        model::Keyword::Enum(model::Choices::Expression(e)) => {
            (Keyword::EnumExpression(Expression::compile(e, names)), Failure::Enum)
        }
        model::Keyword::Const(value) => (Keyword::Const(value.clone()), Failure::Const),
        model::Keyword::MinLength(b) => (Keyword::MinLength(bound(b)), Failure::MinLength),
        model::Keyword::MaxLength(b) => (Keyword::MaxLength(bound(b)), Failure::MaxLength),
        model::Keyword::Pattern(pattern) => (
            Keyword::Pattern(Regex::new(pattern).map_err(|e| BadPattern(e.to_string()))?),
            Failure::Pattern,
        ),
        model::Keyword::Format(format) => (Keyword::Format(*format), Failure::Format),
        model::Keyword::Minimum(b) => (Keyword::Minimum(bound(b)), Failure::Minimum),
        model::Keyword::Maximum(b) => (Keyword::Maximum(bound(b)), Failure::Maximum),
        model::Keyword::ExclusiveMinimum(b) => {
            (Keyword::ExclusiveMinimum(bound(b)), Failure::ExclusiveMinimum)
        }
        model::Keyword::ExclusiveMaximum(b) => {
            (Keyword::ExclusiveMaximum(bound(b)), Failure::ExclusiveMaximum)
        }
        model::Keyword::MultipleOf(number) => {
            (Keyword::MultipleOf(number.clone()), Failure::MultipleOf)
        }
        model::Keyword::MinItems(b) => (Keyword::MinItems(bound(b)), Failure::MinItems),
        model::Keyword::MaxItems(b) => (Keyword::MaxItems(bound(b)), Failure::MaxItems),
        model::Keyword::MinProperties(b) => {
            (Keyword::MinProperties(bound(b)), Failure::MinProperties)
        }
        model::Keyword::MaxProperties(b) => {
            (Keyword::MaxProperties(bound(b)), Failure::MaxProperties)
        }
        model::Keyword::UniqueItems => (Keyword::UniqueItems, Failure::UniqueItems),
        model::Keyword::References(collection) => {
            (Keyword::References(*collection), Failure::References)
        }
        model::Keyword::MustNotContain(name) => {
            (Keyword::MustNotContain(name.clone()), Failure::MustNotContain)
        }
        model::Keyword::AnyOf(groups) => (
            Keyword::AnyOf(groups.iter().map(|group| group.clone().into()).collect()),
            Failure::AnyOf,
        ),
        model::Keyword::Must(e) => (Keyword::Must(Expression::compile(e, names)), Failure::Must),
        model::Keyword::Exists { collection, fields } => {
            (Keyword::Exists(Lookup::compile(*collection, fields, names, indexes)), Failure::Exists)
        }
    })
}
