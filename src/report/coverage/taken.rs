//! What an operation takes, flat: its parameters, and the members of its body.

use std::sync::Arc;

use crate::model::{Operation, Place, Schema, Type};
use crate::value::Value;

/// A parameter, or a member of the body.
#[derive(Debug)]
pub(super) struct Taken {
    /// `create_book.title`.
    pub(super) item: Arc<str>,
    /// Its name, or the names of the members down to it with dots between.
    pub(super) path: String,
    /// Whether it is a header.
    pub(super) header: bool,
    /// Whether it is a list in one text with commas.
    pub(super) commas: bool,
    /// The values it may have, where they are fixed, with the items that they are.
    pub(super) choices: Vec<(Arc<str>, Arc<str>)>,
    /// Whether values compare without regard to case.
    pub(super) case_insensitive: bool,
}

/// All that an operation takes, in the order of the spec; nothing for one that only a link
/// reaches, since the link fills its parameters in.
pub(super) fn taken(operation: &Operation) -> Vec<Taken> {
    let mut all = Vec::new();
    if operation.bindings.is_empty() {
        return all;
    }
    let mut walk = Walk { operation, all: &mut all };
    for parameter in &operation.parameters {
        walk.add(&parameter.name, &parameter.schema);
        if let Some(taken) = walk.all.last_mut() {
            taken.header = parameter.place == Place::Header;
            taken.commas = !parameter.explode && parameter.schema.types.contains(&Type::Array);
        }
        walk.members(&parameter.name, &parameter.schema);
    }
    if let Some(body) = &operation.body {
        for schema in body.schema.iter().chain(body.content.iter().map(|(_, schema)| schema)) {
            walk.members("", schema);
        }
    }
    all
}

struct Walk<'a> {
    operation: &'a Operation,
    all: &'a mut Vec<Taken>,
}

impl Walk<'_> {
    /// Adds it unless another media type's schema has it already.
    fn add(&mut self, path: &str, schema: &Schema) {
        let item: Arc<str> = format!("{}.{path}", self.operation.id).into();
        if schema.read_only || self.all.iter().any(|known| known.item == item) {
            return;
        }
        let choices = choices(schema).chain(schema.items.iter().flat_map(|items| choices(items)));
        let choices = choices.map(|choice| {
            let name = format!("{item}={choice}").into();
            (choice, name)
        });
        self.all.push(Taken {
            path: path.to_owned(),
            header: false,
            commas: false,
            choices: choices.collect(),
            case_insensitive: schema.case_insensitive,
            item,
        });
    }

    /// Adds the members of objects, and of the items of lists, all the way down.
    fn members(&mut self, path: &str, schema: &Schema) {
        for property in &schema.properties {
            if property.schema.read_only {
                continue;
            }
            let path = match path {
                "" => property.name.to_string(),
                _ => format!("{path}.{}", property.name),
            };
            self.add(&path, &property.schema);
            self.members(&path, &property.schema);
        }
        if let Some(items) = &schema.items {
            self.members(path, items);
        }
    }
}

fn choices(schema: &Schema) -> impl Iterator<Item = Arc<str>> {
    schema.choices().unwrap_or_default().iter().filter_map(Value::scalar_text)
}
