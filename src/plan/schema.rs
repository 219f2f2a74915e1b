//! Schemas, ready to read and check values: their expressions have slots, their rows indexes.

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
            ignored_unless: schema.ignored_unless.as_ref().map(|e| self.expression(e)),
            ignores: schema.ignores,
            error: schema.error,
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
            model::Additional::Defined(defined) => {
                let kinds = defined.kinds.iter();
                Additional::Defined(Box::new(DefinedBy {
                    collection: defined.collection,
                    kind: defined.kind.clone(),
                    kinds: kinds.map(|(kind, inner)| (kind.clone(), self.schema(inner))).collect(),
                    name: self
                        .indexes
                        .over(defined.collection, std::slice::from_ref(&defined.name)),
                    error: defined.error,
                    rule: defined.rule,
                }))
            }
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
            Operand::Condition(condition) => Operand::Condition(self.expression(condition)),
            Operand::Row(model::Lookup { collection, fields }) => {
                Operand::Row(Lookup::compile(*collection, fields, self.names, self.indexes))
            }
        }
    }
}
