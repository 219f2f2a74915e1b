//! The schemas that have to have a name in a document: those that contain themselves, and those
//! that a discriminator chooses among.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::{Constraint, Operand, Schema, SchemaId, Service};

/// How a schema of that name is referred to.
pub(super) fn reference(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

/// The name of a schema that contains itself.
pub(super) fn recursive(service: &Service, id: SchemaId) -> String {
    let name = |at: usize| {
        let rule = service.recursive.get(at).and_then(|it| service.rules.get(it.rule.0 as usize));
        rule.map(|rule| plain(&rule.name)).unwrap_or_default()
    };
    let own = name(id.0);
    match (0..id.0).filter(|at| name(*at) == own).count() {
        0 => own,
        before => format!("{own}_{}", before + 1),
    }
}

/// The name of a schema, where it contains itself and nothing is said beside it.
pub(super) fn name(service: &Service, schema: &Schema) -> Option<String> {
    let at = service.recursive.iter().position(|known| known.rule == schema.rule)?;
    Some(recursive(service, SchemaId(at)))
}

/// What a name of a schema may be in a document.
fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    if name.is_empty() { "Schema".to_owned() } else { name }
}

/// The names of the schemas that a discriminator chooses among, if there are as many.
pub(super) fn kinds_of(schema: &Schema, count: usize) -> Option<Vec<String>> {
    let mut chosen = schema.constraints.iter().filter_map(alternatives);
    let kinds = chosen.next()?;
    (kinds.len() == count).then(|| kinds.iter().map(|(name, _)| plain(name)).collect())
}

/// The alternatives of a discriminator, each by the name of its schema.
fn alternatives(constraint: &Constraint) -> Option<Vec<(&str, &Schema)>> {
    let Operand::Chosen(_, kinds) = &constraint.keyword.operand else { return None };
    let mut found: Vec<(&str, &Schema)> = Vec::new();
    for (name, schema) in kinds {
        // What `mapping` adds is one of them again.
        if found.iter().all(|(_, known)| known.rule != schema.rule) {
            found.push((name, schema));
        }
    }
    Some(found)
}

/// The values that stand for an alternative besides its own name, with that.
pub(super) fn mapping(constraint: &Constraint) -> Vec<(&str, String)> {
    let Operand::Chosen(_, kinds) = &constraint.keyword.operand else { return Vec::new() };
    let own = alternatives(constraint).unwrap_or_default();
    let target = |(value, schema): &'_ (Arc<str>, Schema)| {
        let (name, _) = own.iter().find(|(_, known)| known.rule == schema.rule)?;
        Some(plain(name)).filter(|plain| **plain != **value)
    };
    kinds.iter().filter_map(|kind| Some((&*kind.0, target(kind)?))).collect()
}

/// All of them, by their names.
pub(super) fn schemas(service: &Service) -> BTreeMap<String, &Schema> {
    let mut named: BTreeMap<String, &Schema> = BTreeMap::new();
    for operation in &service.operations {
        let parameters = operation.parameters.iter().map(|parameter| &parameter.schema);
        let responses = operation.responses.iter().filter_map(|answer| answer.schema.as_ref());
        let body = operation.body.iter().flat_map(|body| {
            body.schema.iter().chain(body.content.iter().map(|(_, schema)| schema))
        });
        parameters.chain(body).chain(responses).for_each(|schema| collect(schema, &mut named));
    }
    service.recursive.iter().for_each(|schema| collect(schema, &mut named));
    for (at, schema) in service.recursive.iter().enumerate() {
        named.insert(recursive(service, SchemaId(at)), schema);
    }
    named
}

/// What discriminators in a schema choose among.
fn collect<'s>(schema: &'s Schema, named: &mut BTreeMap<String, &'s Schema>) {
    for constraint in &schema.constraints {
        for (name, schema) in alternatives(constraint).unwrap_or_default() {
            named.entry(plain(name)).or_insert(schema);
        }
    }
    schema.inner().for_each(|inner| collect(inner, named));
}
