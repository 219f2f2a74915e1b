//! Parameters of paths in expressions, and the fields that hold those of what is above.

use super::api::Operation;
use super::resource::{Parent, Resource};
use super::schema::Schema;
use super::tree::whole;

/// A member of a name in an expression.
pub(super) fn member(of: &str, name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!("{of}.{name}") } else { format!("{of}['{}']", name.replace('\'', "")) }
}

/// The value of a parameter in the path, of the type of the field that it is compared with.
pub(super) fn expression(operation: &Operation, parameter: &str, field: Option<&Schema>) -> String {
    let value = member("path", parameter);
    let own = operation
        .parameters
        .iter()
        .find(|other| other.place == "path" && other.name == parameter)
        .map(|other| other.schema.types.clone())
        .unwrap_or_default();
    let text = own.is_empty() || own == ["string"];
    let number = |types: &[&str]| types.iter().all(|kind| matches!(*kind, "integer" | "number"));
    match field.map(|field| field.types.as_slice()) {
        Some([]) | None => value,
        Some(types) if number(types) && text => format!("{value} | int"),
        Some(["string"]) if !text && number(&own) => format!("{value} | string"),
        Some(_) => value,
    }
}

pub(super) fn in_path(operation: &Operation, parameter: &str, field: Option<&Schema>) -> String {
    let value = expression(operation, parameter, field);
    whole(&value)
}

/// The schema of the field that holds a parameter of the path.
pub(super) fn parent_field(
    parent: &Parent,
    resource: &Resource,
    others: &[Resource],
) -> Option<Schema> {
    if let Some(own) = resource.resolved.property(&parent.field) {
        return Some(own.clone());
    }
    let other = others.get(parent.resource?)?;
    let key = other.resolved.property(&other.key)?;
    Some(Schema { types: key.types.clone(), ..Schema::default() })
}
