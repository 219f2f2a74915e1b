//! Schemas, ready to read and check values: their expressions have slots, their rows indexes.

use super::value::Compiled;
use crate::model::{self, Checked, Foldable, Folder, Operand};

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

/// Resolves the names in a checked schema. What is for people is left out, as is what fills fields.
pub(super) fn compile<F: Folder<To = Compiled>>(schema: &model::Schema, folder: &mut F) -> Schema {
    let of_absent = |(at, property): (usize, &model::Property)| {
        let inner = &property.schema;
        (property.required || inner.default.is_some() || inner.looks_at_absent()).then_some(at)
    };
    Schema {
        rule: schema.rule,
        beneath: schema.beneath.clone(),
        types: schema.types.clone(),
        nullable: schema.nullable,
        default: schema.default.clone(),
        read_only: schema.read_only,
        write_only: schema.write_only,
        namespaces: schema.namespaces.clone(),
        allow_empty: schema.allow_empty,
        case_insensitive: schema.case_insensitive,
        properties: schema.properties.iter().map(|one| property(one, folder)).collect(),
        of_absent: schema.properties.iter().enumerate().filter_map(of_absent).collect(),
        additional: additional(&schema.additional, folder),
        items: schema.items.fold(folder),
        undeclared: schema.undeclared.clone(),
        patterns: schema
            .patterns
            .iter()
            .map(|(pattern, inner)| (pattern.clone(), inner.fold(folder)))
            .collect(),
        prefix: schema.prefix.fold(folder),
        evaluates_all: schema.evaluates_all,
        is_composed: schema.is_composed,
        sees_all: schema.sees_all,
        prunes: schema.prunes,
        ignored_unless: schema.ignored_unless.fold(folder),
        ignores: schema.ignores,
        error: schema.error,
        errors: schema.errors.clone(),
        message: schema.message.fold(folder),
        constraints: schema.constraints.iter().map(|one| constraint(one, folder)).collect(),
        generate: None,
        xml: None,
        meanings: Vec::new(),
        description: None,
        span: schema.span.clone(),
        places: Vec::new(),
    }
}

fn property<F: Folder<To = Compiled>>(
    property: &model::Property,
    folder: &mut F,
) -> model::Property<Compiled> {
    let (name, required, required_by) =
        (property.name.clone(), property.required, property.required_by);
    model::Property { name, required, required_by, schema: property.schema.fold(folder) }
}

fn additional<F: Folder<To = Compiled>>(
    additional: &model::Additional,
    folder: &mut F,
) -> Additional {
    match additional {
        model::Additional::Allowed => Additional::Allowed,
        model::Additional::Refused => Additional::Refused,
        model::Additional::Schema(schema) => Additional::Schema(schema.fold(folder)),
        model::Additional::Defined(defined) => Additional::Defined(Box::new(DefinedBy {
            collection: defined.collection,
            kind: defined.kind.clone(),
            kinds: defined.kinds.fold(folder),
            name: folder.index(defined.collection, &defined.name),
            error: defined.error,
            rule: defined.rule,
        })),
    }
}

fn constraint<F: Folder<To = Compiled>>(
    constraint: &model::Constraint,
    folder: &mut F,
) -> Constraint {
    let model::Keyword { word, operand } = &constraint.keyword;
    Constraint {
        keyword: Keyword { word: *word, operand: self::operand(operand, folder) },
        when: constraint.when.fold(folder),
        error: constraint.error,
        message: constraint.message.fold(folder),
        rule: constraint.rule,
        span: constraint.span.clone(),
    }
}

fn operand<F: Folder<To = Compiled>>(
    operand: &Operand<Checked>,
    folder: &mut F,
) -> Operand<Compiled> {
    match operand {
        Operand::Value(value) => Operand::Value(value.clone()),
        Operand::Computed(expression) => Operand::Computed(expression.fold(folder)),
        Operand::Pattern(pattern) => Operand::Pattern(pattern.clone()),
        Operand::Format(format) => Operand::Format(*format),
        Operand::True => Operand::True,
        Operand::Name(name) => Operand::Name(name.clone()),
        Operand::Collection(collection) => Operand::Collection(*collection),
        Operand::Groups(groups) => Operand::Groups(groups.clone()),
        Operand::Schema(schema) => Operand::Schema(schema.fold(folder)),
        Operand::Schemas(all) => Operand::Schemas(all.fold(folder)),
        Operand::Named(named) => Operand::Named(named.fold(folder)),
        Operand::Needs(needs) => Operand::Needs(needs.clone()),
        Operand::Counted(schema, count) => Operand::Counted(schema.fold(folder), count.clone()),
        Operand::Chosen(member, kinds) => Operand::Chosen(member.clone(), kinds.fold(folder)),
        Operand::Recursive(id) => Operand::Recursive(*id),
        Operand::Condition(condition) => Operand::Condition(condition.fold(folder)),
        Operand::Row(lookup) => Operand::Row(lookup.fold(folder)),
    }
}
