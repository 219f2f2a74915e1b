//! Schemas, ready to read and check values: their expressions have slots, their rows indexes.

use std::sync::Arc;

use super::names::Names;
use super::state::{Indexes, Lookup};
use super::value::{Expression, Text};
use crate::model::{self, Checked, Operand, Stage};

/// Names are slots and indexes.
#[derive(Debug, Clone)]
pub enum Compiled {}

impl Stage for Compiled {
    type Expression = Expression;
    type Text = Text;
    type Lookup = Lookup;
    /// None when it is the key.
    type Index = Option<usize>;
}

/// What a value may be.
pub type Schema = model::Schema<Compiled>;
/// Members that are not declared.
pub type Additional = model::Additional<Compiled>;
/// Members that the rows of a collection describe.
pub type DefinedBy = model::DefinedBy<Compiled>;
/// One constraint.
pub type Constraint = model::Constraint<Compiled>;
/// What has to hold of a value.
pub type Keyword = model::Keyword<Compiled>;

/// Resolves the names in a checked schema.
pub fn compile(schema: &model::Schema, names: &Names, indexes: &mut Indexes) -> Schema {
    Compiler { names, indexes }.schema(schema)
}

struct Compiler<'c> {
    names: &'c Names,
    indexes: &'c mut Indexes,
}

impl Compiler<'_> {
    fn schema(&mut self, schema: &model::Schema) -> Schema {
        let properties = schema.properties.iter().map(|property| model::Property {
            name: property.name.clone(),
            required: property.required,
            schema: self.schema(&property.schema),
        });
        Schema {
            rule: schema.rule,
            types: schema.types.clone(),
            nullable: schema.nullable,
            default: schema.default.clone(),
            read_only: schema.read_only,
            allow_empty: schema.allow_empty,
            case_insensitive: schema.case_insensitive,
            properties: properties.collect(),
            additional: self.additional(&schema.additional),
            items: schema.items.as_ref().map(|items| Box::new(self.schema(items))),
            undeclared: schema.undeclared.clone(),
            patterns: schema
                .patterns
                .iter()
                .map(|(pattern, inner)| (pattern.clone(), self.schema(inner)))
                .collect(),
            prefix: schema.prefix.iter().map(|item| self.schema(item)).collect(),
            evaluates_all: schema.evaluates_all,
            is_composed: schema.is_composed,
            sees_all: schema.sees_all,
            prunes: schema.prunes,
            ignored_unless: schema.ignored_unless.as_ref().map(|e| self.expression(e)),
            ignores: schema.ignores,
            error: schema.error,
            errors: schema.errors.clone(),
            message: schema.message.as_ref().map(|text| Text::compile(text, self.names)),
            constraints: schema.constraints.iter().map(|one| self.constraint(one)).collect(),
            generate: None,
            xml: None,
            meanings: Vec::new(),
            description: None,
            span: schema.span.clone(),
        }
    }

    fn expression(&self, expression: &model::Expression) -> Expression {
        Expression::compile(expression, self.names)
    }

    fn additional(&mut self, additional: &model::Additional) -> Additional {
        match additional {
            model::Additional::Allowed => Additional::Allowed,
            model::Additional::Refused => Additional::Refused,
            model::Additional::Schema(schema) => Additional::Schema(Box::new(self.schema(schema))),
            model::Additional::Defined(defined) => Additional::Defined(Box::new(DefinedBy {
                collection: defined.collection,
                kind: defined.kind.clone(),
                kinds: self.named(&defined.kinds),
                name: self.indexes.over(defined.collection, std::slice::from_ref(&defined.name)),
                error: defined.error,
                rule: defined.rule,
            })),
        }
    }

    fn constraint(&mut self, constraint: &model::Constraint) -> Constraint {
        let model::Keyword { word, operand } = &constraint.keyword;
        Constraint {
            keyword: Keyword { word: *word, operand: self.operand(operand) },
            when: constraint.when.as_ref().map(|e| self.expression(e)),
            error: constraint.error,
            message: constraint.message.as_ref().map(|text| Text::compile(text, self.names)),
            rule: constraint.rule,
        }
    }

    fn named(&mut self, named: &[(Arc<str>, model::Schema)]) -> Vec<(Arc<str>, Schema)> {
        named.iter().map(|(name, schema)| (name.clone(), self.schema(schema))).collect()
    }

    fn operand(&mut self, operand: &Operand<Checked>) -> Operand<Compiled> {
        match operand {
            Operand::Value(value) => Operand::Value(value.clone()),
            Operand::Computed(expression) => Operand::Computed(self.expression(expression)),
            Operand::Pattern(pattern) => Operand::Pattern(pattern.clone()),
            Operand::Format(format) => Operand::Format(*format),
            Operand::True => Operand::True,
            Operand::Name(name) => Operand::Name(name.clone()),
            Operand::Collection(collection) => Operand::Collection(*collection),
            Operand::Groups(groups) => Operand::Groups(groups.clone()),
            Operand::Schema(schema) => Operand::Schema(Box::new(self.schema(schema))),
            Operand::Schemas(all) => {
                Operand::Schemas(all.iter().map(|one| self.schema(one)).collect())
            }
            Operand::Named(named) => Operand::Named(self.named(named)),
            Operand::Needs(needs) => Operand::Needs(needs.clone()),
            Operand::Counted(schema, count) => {
                Operand::Counted(Box::new(self.schema(schema)), count.clone())
            }
            Operand::Chosen(member, kinds) => Operand::Chosen(member.clone(), self.named(kinds)),
            Operand::Recursive(id) => Operand::Recursive(*id),
            Operand::Condition(condition) => Operand::Condition(self.expression(condition)),
            Operand::Row(model::Lookup { collection, fields }) => {
                Operand::Row(Lookup::compile(*collection, fields, self.names, self.indexes))
            }
        }
    }
}
