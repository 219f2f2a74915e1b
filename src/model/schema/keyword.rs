//! The keywords that say what a value has to be: one line in a table for each.
//!
//! The line has the word, the types that it says something about, how its operand is written,
//! what a request that breaks it is told, and how it is tested. All who look at values (requests,
//! answers, fixtures, defaults) test by it; all who show or describe keywords read it.

mod test;

use std::cmp::Ordering;
use std::sync::Arc;

use regex_lite::Regex;

pub use test::{Around, Context, Fixed, MOST_LOOKS};

use super::{Schema, SchemaId, Type};
use crate::model::stage::{Checked, Lookup, Stage};
use crate::model::{CollectionId, Format};
use crate::value::{Map, Value};
use test::{Test, characters, items, members, number};

/// A keyword with what it is given.
#[derive(Debug, Clone)]
pub struct Keyword<S: Stage = Checked> {
    /// Which one.
    pub word: Word,
    /// What it is given.
    pub operand: Operand<S>,
}

/// What a keyword is given.
#[derive(Debug, Clone)]
pub enum Operand<S: Stage = Checked> {
    /// A value; the list of them for `enum`.
    Value(Value),
    /// The same, worked out.
    Computed(S::Expression),
    /// A regular expression.
    Pattern(Regex),
    /// A form.
    Format(Format),
    /// Nothing but that it holds.
    True,
    /// A parameter or property beside it.
    Name(Arc<str>),
    /// The rows of a collection.
    Collection(CollectionId),
    /// Groups of members.
    Groups(Vec<Vec<Arc<str>>>),
    /// What has to be true.
    Condition(S::Expression),
    /// A row that has to be there.
    Row(Lookup<S>),
    /// A schema.
    Schema(Box<Schema<S>>),
    /// Schemas in order; for `if`, that and what stands in `then` and `else`.
    Schemas(Vec<Schema<S>>),
    /// Schemas by the names of members.
    Named(Vec<(Arc<str>, Schema<S>)>),
    /// Names of members by that of another.
    Needs(Vec<(Arc<str>, Vec<Arc<str>>)>),
    /// So many items of a schema.
    Counted(Box<Schema<S>>, Value),
    /// Schemas by what a member says.
    Chosen(Arc<str>, Vec<(Arc<str>, Schema<S>)>),
    /// A schema that contains itself.
    Recursive(SchemaId),
}

/// How the operand of a keyword is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// A list of values, or an expression.
    Values,
    /// A value.
    Value,
    /// A whole number from 0 on, or an expression.
    Count,
    /// A number, or an expression.
    Number,
    /// A number above 0.
    Factor,
    /// A regular expression.
    Pattern,
    /// The name of a form.
    Format,
    /// `true`; `false` is as if it were not there.
    Flag,
    /// The name of a collection.
    Collection,
    /// The name of a parameter or property beside it.
    Sibling,
    /// A schema.
    Schema,
    /// A list of schemas; one of `required` alone is groups of members.
    Schemas,
    /// Schemas by names.
    Named,
    /// Lists of names by names.
    Needs,
    /// What stands in several keys of a schema, or in none of its own.
    Elsewhere,
    /// An expression; only in `checks`, and looked at even when the value is absent.
    Condition,
    /// `in` and `where`; likewise.
    Row,
}

impl Reads {
    /// Whether it is written in `checks` alone.
    pub fn is_check(self) -> bool {
        matches!(self, Self::Condition | Self::Row)
    }
}

macro_rules! keywords {
    ($($(#[$doc:meta])* $word:ident $name:literal [$($about:ident),*] $reads:ident $says:literal $holds:expr;)*) => {
        /// The name of a keyword.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Word {
            $($(#[$doc])* $word,)*
        }

        impl Word {
            /// All of them, in the order in which they are looked at.
            pub const ALL: &'static [Self] = &[$(Self::$word,)*];

            /// The word in specs.
            pub fn name(self) -> &'static str {
                match self { $(Self::$word => $name,)* }
            }

            /// The types that it says something about; none means any.
            pub fn about(self) -> &'static [Type] {
                match self { $(Self::$word => &[$(Type::$about),*],)* }
            }

            /// How its operand is written.
            pub fn reads(self) -> Reads {
                match self { $(Self::$word => Reads::$reads,)* }
            }

            fn says(self) -> &'static str {
                match self { $(Self::$word => $says,)* }
            }
        }

        fn holds<'s, S: Stage, C: Context<'s, S>>(word: Word, test: &mut Test<'_, 's, S, C>) -> Result<bool, C::Error> {
            match word {
                $(Word::$word => {
                    let holds: fn(&mut Test<'_, 's, S, C>) -> Result<bool, C::Error> = $holds;
                    holds(test)
                })*
            }
        }
    };
}

keywords! {
    /// One of these.
    Enum "enum" [] Values "must be one of {limit}" |test| test.is_chosen();
    /// This one.
    Const "const" [] Value "must be {limit}" |test| Ok(test.is_operand());
    /// At least so many characters.
    MinLength "minLength" [String] Count "must have at least {limit character}" |test| test.measure(characters, Ordering::is_ge);
    /// At most so many characters.
    MaxLength "maxLength" [String] Count "must have at most {limit character}" |test| test.measure(characters, Ordering::is_le);
    /// Fits the regular expression somewhere.
    Pattern "pattern" [String] Pattern "must match {limit}" |test| Ok(test.is_match());
    /// Has the form.
    Format "format" [] Format "must have the form {limit}" |test| Ok(test.has_form());
    /// At least.
    Minimum "minimum" [Integer, Number] Number "must be at least {limit}" |test| test.measure(number, Ordering::is_ge);
    /// At most.
    Maximum "maximum" [Integer, Number] Number "must be at most {limit}" |test| test.measure(number, Ordering::is_le);
    /// More than.
    ExclusiveMinimum "exclusiveMinimum" [Integer, Number] Number "must be more than {limit}" |test| test.measure(number, Ordering::is_gt);
    /// Less than.
    ExclusiveMaximum "exclusiveMaximum" [Integer, Number] Number "must be less than {limit}" |test| test.measure(number, Ordering::is_lt);
    /// A whole number of times.
    MultipleOf "multipleOf" [Integer, Number] Factor "must be a multiple of {limit}" |test| Ok(test.is_multiple());
    /// The key of a row.
    References "references" [] Collection "names nothing that exists: {value}" |test| Ok(test.is_key());
    /// The named parameter or property is no part of it.
    MustNotContain "mustNotContain" [] Sibling "must not contain {limit}" |test| Ok(test.lacks_sibling());
    /// At least so many items.
    MinItems "minItems" [Array] Count "must have at least {limit item}" |test| test.measure(items, Ordering::is_ge);
    /// At most so many items.
    MaxItems "maxItems" [Array] Count "must have at most {limit item}" |test| test.measure(items, Ordering::is_le);
    /// No item twice.
    UniqueItems "uniqueItems" [Array] Flag "must have no item twice" |test| Ok(test.has_no_twins());
    /// At least so many members.
    MinProperties "minProperties" [Object] Count "must have at least {limit member}" |test| test.measure(members, Ordering::is_ge);
    /// At most so many members.
    MaxProperties "maxProperties" [Object] Count "must have at most {limit member}" |test| test.measure(members, Ordering::is_le);
    /// Not the schema.
    Not "not" [] Schema "is not allowed to be {value}" |test| test.fits().map(|fits| !fits);
    /// All of the schemas.
    AllOf "allOf" [] Schemas "must fit all of `allOf`" |test| test.fits_applied();
    /// What is said elsewhere, where this schema stands in itself.
    Reference "$ref" [] Elsewhere "must fit `$ref`" |test| test.fits_applied();
    /// One of these groups of members is there, or one of the schemas at least.
    AnyOf "anyOf" [] Schemas "must have one of these: {limit}" |test| test.fits_any();
    /// One of the schemas and no other.
    OneOf "oneOf" [] Schemas "must fit exactly one of {limit} schemas" |test| test.fits_one();
    /// The schema that a member names.
    Discriminator "discriminator" [] Elsewhere "must have one of these in its discriminator: {limit}" |test| test.is_discriminated();
    /// One schema or another, as a third one says.
    If "if" [] Elsewhere "must fit `then` or `else`" |test| test.fits_applied();
    /// Members that are there if another one is.
    DependentRequired "dependentRequired" [Object] Needs "lacks what goes with a member that it has: {limit}" |test| Ok(test.has_dependent());
    /// A schema if a member is there.
    DependentSchemas "dependentSchemas" [Object] Named "must fit `dependentSchemas`" |test| test.fits_applied();
    /// What the names of members may be.
    PropertyNames "propertyNames" [Object] Schema "has a member whose name is not allowed" |test| test.names_fit();
    /// At least one such item.
    Contains "contains" [Array] Schema "must have an item of the kind that it has to contain" |test| test.contains(Ordering::is_ge);
    /// At least so many such items.
    MinContains "minContains" [Array] Elsewhere "must have at least {limit item} of the kind that it has to contain" |test| test.contains(Ordering::is_ge);
    /// At most so many such items.
    MaxContains "maxContains" [Array] Elsewhere "must have at most {limit item} of the kind that it has to contain" |test| test.contains(Ordering::is_le);
    /// What members may be of which nothing else is said.
    UnevaluatedProperties "unevaluatedProperties" [Object] Schema "has a member that is not known" |test| test.has_no_unevaluated_members();
    /// What items may be of which nothing else is said.
    UnevaluatedItems "unevaluatedItems" [Array] Schema "has an item that is not known" |test| test.has_no_unevaluated_items();
    /// The expression is true.
    Must "must" [] Condition "is not allowed to be {value}" |test| test.is_true();
    /// A row with these fields is there.
    Exists "exists" [] Row "is not allowed to be {value}" |test| test.has_row();
}

impl Word {
    /// The keyword of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.name() == name)
    }

    /// Whether it is looked at although the value is absent.
    pub fn looks_at_absent(self) -> bool {
        self.reads().is_check()
    }

    /// Whether it is looked at after members and items.
    pub fn comes_late(self) -> bool {
        self >= Self::Not
    }

    /// Whether it counts the items of a kind.
    pub fn counts_items(self) -> bool {
        matches!(self, Self::Contains | Self::MinContains | Self::MaxContains)
    }

    fn is_in_place(self) -> bool {
        matches!(
            self,
            Self::AllOf
                | Self::Reference
                | Self::AnyOf
                | Self::OneOf
                | Self::Discriminator
                | Self::If
                | Self::DependentSchemas
        )
    }

    /// Whether a segment of a path that breaks it belongs to another route.
    pub fn tells_routes_apart(self) -> bool {
        matches!(self, Self::Pattern | Self::Format | Self::Enum | Self::Const)
    }

    /// What is wrong with a value that breaks it, in plain English.
    pub fn message(self, name: &str, limit: &str, value: &str) -> String {
        let mut message = format!("{name} {}", self.says());
        for (placeholder, text) in [("{limit}", limit), ("{value}", value)] {
            message = message.replace(placeholder, text);
        }
        if let Some((start, noun)) = message.split_once("{limit ") {
            let s = if limit == "1" { "" } else { "s" };
            message = format!("{start}{limit} {}{s}", noun.trim_end_matches('}'));
        }
        message
    }
}

impl<S: Stage> Keyword<S> {
    /// The values that a fixed `enum` or `const` allows; of anything else none.
    pub fn choices(&self) -> &[Value] {
        match self {
            Self { word: Word::Enum, operand: Operand::Value(values) } => {
                values.as_list().unwrap_or_default()
            }
            Self { word: Word::Const, operand: Operand::Value(value) } => {
                std::slice::from_ref(value)
            }
            _ => &[],
        }
    }

    /// Whether other schemas say by it what the same value may be.
    pub fn is_in_place(&self) -> bool {
        self.word.is_in_place() && !matches!(self.operand, Operand::Groups(_))
    }

    /// Whether it looks at members that no property declares.
    pub fn sees_all_members(&self) -> bool {
        self.is_in_place() || self.word.about() == [Type::Object] || self.word == Word::Not
    }

    /// Whether it holds of a value.
    pub fn holds<'s, C: Context<'s, S>>(
        &'s self,
        schema: &'s Schema<S>,
        value: &Value,
        around: Around<'_>,
        context: &mut C,
    ) -> Result<bool, C::Error> {
        holds(self.word, &mut Test { keyword: self, schema, value, around, context })
    }

    /// Whether there may be schemas that a value has to fit by this.
    pub fn applies(&self) -> bool {
        matches!(self.word, Word::AllOf | Word::If | Word::DependentSchemas)
            || matches!(self.operand, Operand::Recursive(_) | Operand::Chosen(..))
    }

    /// The schemas that a value has to fit by this, all of them: they tell what is wrong with it.
    /// Where there are none, [`Self::holds`] does.
    pub fn applied<'s, C: Context<'s, S>>(
        &'s self,
        value: &Value,
        context: &mut C,
    ) -> Result<Vec<&'s Schema<S>>, C::Error> {
        Ok(match (self.word, &self.operand) {
            (Word::AllOf, Operand::Schemas(all)) => all.iter().collect(),
            (Word::If, Operand::Schemas(three)) => {
                let [condition, then, otherwise] = &**three else { return Ok(Vec::new()) };
                vec![if context.fits(condition, value)? { then } else { otherwise }]
            }
            (_, Operand::Recursive(id)) => context.recursive(*id).into_iter().collect(),
            (Word::DependentSchemas, Operand::Named(named)) => {
                let there = named.iter().filter(|(name, _)| value.get(name).is_some());
                there.map(|(_, schema)| schema).collect()
            }
            (_, Operand::Chosen(member, kinds)) => {
                let kind = value.get(member).and_then(Value::scalar_text);
                let chosen = kinds.iter().find(|(name, _)| kind.as_ref() == Some(name));
                chosen.map(|(_, schema)| schema).into_iter().collect()
            }
            _ => Vec::new(),
        })
    }

    /// The schemas that say something of the same value, whether or not one fits.
    pub fn beside(&self) -> &[Schema<S>] {
        match (self.word, &self.operand) {
            (Word::AllOf | Word::AnyOf | Word::OneOf, Operand::Schemas(all)) => all,
            _ => &[],
        }
    }

    /// The schemas that say what the value is, those that it need not fit included.
    pub fn in_place<'s, C: Context<'s, S>>(
        &'s self,
        value: &Value,
        context: &mut C,
    ) -> Result<Vec<&'s Schema<S>>, C::Error> {
        let mut found = self.applied(value, context)?;
        if let (Word::AnyOf | Word::OneOf, Operand::Schemas(all)) = (self.word, &self.operand) {
            for schema in all {
                if context.fits(schema, value)? {
                    found.push(schema);
                }
            }
        }
        if let (Word::If, Operand::Schemas(three)) = (self.word, &self.operand)
            && let Some(condition) = three.first()
            && context.fits(condition, value)?
        {
            found.push(condition);
        }
        Ok(found)
    }

    /// What is fixed in it, as it is written; collections have no name here.
    pub fn fixed(&self) -> Option<Value> {
        Some(match &self.operand {
            Operand::Value(value) => value.clone(),
            Operand::Pattern(pattern) => pattern.as_str().into(),
            Operand::Format(format) => format.name().into(),
            Operand::True => true.into(),
            Operand::Name(name) => Value::Text(name.clone()),
            Operand::Groups(groups) => {
                let group = |group: &Vec<Arc<str>>| {
                    let names = group.iter().cloned().map(Value::Text).collect();
                    Value::map(Map::from_iter([("required".into(), Value::list(names))]))
                };
                Value::list(groups.iter().map(group).collect())
            }
            Operand::Computed(_)
            | Operand::Condition(_)
            | Operand::Row(_)
            | Operand::Collection(_)
            | Operand::Recursive(_)
            | Operand::Schema(_)
            | Operand::Schemas(_)
            | Operand::Named(_)
            | Operand::Chosen(..) => return None,
            Operand::Counted(_, count) => count.clone(),
            Operand::Needs(needs) => {
                let names = |names: &[Arc<str>]| names.iter().cloned().map(Value::Text).collect();
                let needs = needs.iter();
                Value::map(
                    needs.map(|(name, all)| (name.clone(), Value::list(names(all)))).collect(),
                )
            }
        })
    }

    /// What a value that breaks it is told: the bound that holds for this request.
    pub fn limit<'s, C: Context<'s, S>>(&self, context: &mut C) -> Result<Option<Value>, C::Error> {
        Ok(match &self.operand {
            Operand::Computed(expression) if self.word.reads() == Reads::Values => {
                context.choices(expression)?.map(Value::List)
            }
            Operand::Computed(expression) => context.value(expression)?,
            Operand::Collection(collection) => context.name(*collection).map(Value::Text),
            Operand::Groups(groups) => {
                let shown = groups.iter().map(|group| Value::text(group.join("+")));
                Some(Value::list(shown.collect()))
            }
            Operand::Schemas(all) => Some(Value::count(all.len())),
            Operand::Chosen(_, kinds) => {
                Some(Value::list(kinds.iter().map(|(name, _)| Value::Text(name.clone())).collect()))
            }
            Operand::True => None,
            _ => self.fixed(),
        })
    }

    /// The constraint as it is written: `maxLength: 25`.
    pub fn shown(&self) -> String {
        match self.fixed() {
            Some(operand) => format!("{}: {operand}", self.word.name()),
            None => self.word.name().to_owned(),
        }
    }

    /// What is wrong with a value that breaks it, to stand behind the name of the value.
    pub fn breach(&self, value: &Value) -> String {
        let limit = || self.fixed().unwrap_or_default();
        match (self.word, &self.operand) {
            (Word::Enum, _) => format!("is `{value}`, which `enum` does not have"),
            (Word::Const, _) => format!("is `{value}`, not `{}`", limit()),
            (Word::Pattern, _) => format!("is `{value}`, which does not fit `{}`", limit()),
            (Word::Format, _) => format!("is `{value}`, which does not have the form {}", limit()),
            (Word::UniqueItems, _) => "has an item twice".to_owned(),
            (Word::MustNotContain, _) => format!("contains `{}`, which it must not", limit()),
            (_, Operand::Groups(groups)) => {
                let groups: Vec<String> = groups.iter().map(|group| group.join(" and ")).collect();
                format!("lacks {}, one of which is documented", groups.join(", or "))
            }
            (
                _,
                Operand::Schema(_) | Operand::Schemas(_) | Operand::Named(_) | Operand::Chosen(..),
            ) => {
                format!("does not fit its `{}`", self.word.name())
            }
            _ => format!("breaks `{}`", self.shown()),
        }
    }
}

impl<S: Stage> Operand<S> {
    /// The schemas in it.
    pub fn schemas(&self) -> Vec<&Schema<S>> {
        match self {
            Self::Schema(schema) | Self::Counted(schema, _) => vec![schema],
            Self::Schemas(all) => all.iter().collect(),
            Self::Named(named) | Self::Chosen(_, named) => {
                named.iter().map(|(_, schema)| schema).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The same, to be changed.
    pub fn schemas_mut(&mut self) -> Vec<&mut Schema<S>> {
        match self {
            Self::Schema(schema) | Self::Counted(schema, _) => vec![schema],
            Self::Schemas(all) => all.iter_mut().collect(),
            Self::Named(named) | Self::Chosen(_, named) => {
                named.iter_mut().map(|(_, schema)| schema).collect()
            }
            _ => Vec::new(),
        }
    }
}
