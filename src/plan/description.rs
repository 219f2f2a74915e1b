//! What a WSDL says of an operation's parameters and result.

use crate::model::{self, Type};
use crate::wire::soap::wsdl;

/// Describes an operation. `known` are the complex types of the service so far: a different one
/// of the same name gets a number behind its own, as a schema has each name once.
pub(super) fn describe(
    operation: &model::Operation,
    soap: &model::SoapService,
    known: &mut Vec<wsdl::Type>,
) -> wsdl::Operation {
    let result = operation.responses.iter().find(|response| response.status == 200);
    let mut described = wsdl::Operation {
        name: operation.id.to_string(),
        action: format!("{}{}", soap.namespace, operation.id),
        documentation: operation.summary.as_ref().map(ToString::to_string),
        parameters: operation
            .parameters
            .iter()
            .map(|declared| parameter(&declared.name, &declared.schema))
            .collect(),
        result: result
            .and_then(|response| response.schema.as_ref())
            .map_or(wsdl::Type::String, |schema| wsdl_type(&operation.id, schema)),
    };
    for parameter in &mut described.parameters {
        distinguish(&mut parameter.r#type, known);
    }
    distinguish(&mut described.result, known);
    described
}

/// Gives a complex type a name of its own.
fn distinguish(r#type: &mut wsdl::Type, known: &mut Vec<wsdl::Type>) {
    let wsdl::Type::Complex { elements, .. } = r#type else { return };
    for element in elements {
        distinguish(&mut element.r#type, known);
    }
    let first = r#type.complex_name().unwrap_or_default().to_owned();
    for number in 2.. {
        match known.iter().find(|other| other.complex_name() == r#type.complex_name()) {
            None => {
                known.push(r#type.clone());
                break;
            }
            Some(same) if same == r#type => break,
            Some(_) => {
                if let wsdl::Type::Complex { name, .. } = r#type {
                    *name = format!("{first}{number}");
                }
            }
        }
    }
}

/// A parameter: value types are always there and texts may be left out, as .NET has it.
fn parameter(name: &str, schema: &model::Schema) -> wsdl::Element {
    let mut parameter = element(name, schema, false);
    let optional = matches!(
        parameter.r#type,
        wsdl::Type::String | wsdl::Type::Base64 | wsdl::Type::Complex { .. }
    );
    parameter.minimum = u32::from(!optional && parameter.maximum.is_some());
    parameter
}

/// A member of an object is there if it is required, whatever its type: answers that lack it are
/// to be valid too.
fn element(name: &str, schema: &model::Schema, required: bool) -> wsdl::Element {
    let item = schema.items.as_deref().filter(|_| schema.types.contains(&Type::Array));
    wsdl::Element {
        name: name.to_owned(),
        r#type: wsdl_type(name, item.unwrap_or(schema)),
        minimum: u32::from(required && item.is_none()),
        maximum: if item.is_some() { None } else { Some(1) },
        nillable: schema.nullable,
    }
}

fn wsdl_type(name: &str, schema: &model::Schema) -> wsdl::Type {
    let format =
        schema.constraints.iter().find_map(|constraint| match constraint.keyword.operand {
            model::Operand::Format(format) => Some(format),
            _ => None,
        });
    let only = schema.types.first().filter(|_| schema.types.len() == 1);
    match (only, format) {
        (Some(Type::Integer), Some(model::Format::Int32)) => wsdl::Type::Int,
        (Some(Type::Integer), _) => wsdl::Type::Long,
        (Some(Type::Number), _) => wsdl::Type::Double,
        (Some(Type::Boolean), _) => wsdl::Type::Boolean,
        (Some(Type::String), Some(model::Format::DateTime)) => wsdl::Type::DateTime,
        (Some(Type::String), Some(model::Format::Byte)) => wsdl::Type::Base64,
        (Some(Type::Object), _) => wsdl::Type::Complex {
            name: schema.xml.as_ref().map_or_else(|| name.to_owned(), |xml| xml.name.to_string()),
            elements: members(schema, |name| !name.starts_with(['@', '#']))
                .map(|property| element(&property.name, &property.schema, property.required))
                .collect(),
            attributes: members(schema, |name| name.starts_with('@'))
                .map(|property| wsdl::Attribute {
                    name: property.name.trim_start_matches('@').to_owned(),
                    r#type: wsdl_type(&property.name, &property.schema),
                    required: property.required,
                })
                .collect(),
            mixed: members(schema, |name| name == "#text").next().is_some(),
        },
        _ => wsdl::Type::String,
    }
}

fn members<'s>(
    schema: &'s model::Schema,
    wanted: impl Fn(&str) -> bool + 's,
) -> impl Iterator<Item = &'s model::Property> {
    schema.properties.iter().filter(move |property| wanted(&property.name))
}
