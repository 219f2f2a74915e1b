//! The schema of a service: an element for each request and response, and the complex types.

use super::{Attribute, Element, Operation, Service, Type, text};
use crate::value::Value;
use crate::wire::EncodeError;
use crate::wire::soap::object;
use crate::wire::xml::is_unprefixed_name;

/// The schema of all elements and types.
pub(super) fn schema(service: &Service) -> Result<Value, EncodeError> {
    let mut complex = ComplexTypes::default();
    let mut wrappers = Vec::with_capacity(service.operations.len() * 2);
    for Operation { name, parameters, result: r#type, .. } in &service.operations {
        complex.collect_all(parameters)?;
        complex.collect(r#type)?;
        wrappers.push(wrapper(name, parameters.iter().map(element).collect()));
        wrappers.push(wrapper(&format!("{name}Response"), vec![result(name, r#type)]));
    }
    let complex = complex.in_order.into_iter().map(complex_type);
    Ok(object([
        ("@elementFormDefault", text("qualified")),
        ("@targetNamespace", text(&service.namespace)),
        ("s:element", wrappers.into()),
        ("s:complexType", Value::list(complex.collect())),
    ]))
}

/// Fails on what cannot be a name in a description.
pub(super) fn check_name(name: &str) -> Result<(), EncodeError> {
    if is_unprefixed_name(name) {
        Ok(())
    } else {
        Err(EncodeError::new(format!("{name:?} is not a name without prefix")))
    }
}

impl Type {
    /// Whether it is one of those that .NET cannot leave out.
    fn is_value(&self) -> bool {
        !matches!(self, Self::String | Self::Base64 | Self::Complex { .. })
    }

    fn qualified_name(&self) -> String {
        match self {
            Self::String => "s:string".to_owned(),
            Self::Int => "s:int".to_owned(),
            Self::Long => "s:long".to_owned(),
            Self::Boolean => "s:boolean".to_owned(),
            Self::Double => "s:double".to_owned(),
            Self::DateTime => "s:dateTime".to_owned(),
            Self::Base64 => "s:base64Binary".to_owned(),
            Self::Complex { name, .. } => format!("tns:{name}"),
        }
    }
}

/// An element at the top, with the elements in it.
fn wrapper(name: &str, elements: Vec<Value>) -> Value {
    object([("@name", text(name)), ("s:complexType", sequence(elements))])
}

fn sequence(elements: Vec<Value>) -> Value {
    if elements.is_empty() {
        return text("");
    }
    object([("s:sequence", object([("s:element", elements.into())]))])
}

fn element(element: &Element) -> Value {
    let maximum = element.maximum.map_or("unbounded".to_owned(), |maximum| maximum.to_string());
    object([
        ("@minOccurs", text(&element.minimum.to_string())),
        ("@maxOccurs", text(&maximum)),
        ("@name", text(&element.name)),
        ("@nillable", if element.nillable { text("true") } else { Value::Null }),
        ("@type", text(&element.r#type.qualified_name())),
    ])
}

fn result(name: &str, r#type: &Type) -> Value {
    element(&Element {
        name: format!("{name}Result"),
        r#type: r#type.clone(),
        minimum: u32::from(r#type.is_value()),
        maximum: Some(1),
        nillable: false,
    })
}

/// A complex type by its name.
fn complex_type(r#type: &Type) -> Value {
    let Type::Complex { name, elements, attributes, mixed } = r#type else { return text("") };
    let elements = Value::list(elements.iter().map(element).collect());
    object([
        ("@name", text(name)),
        ("@mixed", if *mixed { text("true") } else { Value::Null }),
        ("s:sequence", object([("s:element", elements)])),
        ("s:attribute", Value::list(attributes.iter().map(attribute).collect())),
    ])
}

fn attribute(attribute: &Attribute) -> Value {
    object([
        ("@name", text(&attribute.name)),
        ("@type", text(&attribute.r#type.qualified_name())),
        ("@use", if attribute.required { text("required") } else { Value::Null }),
    ])
}

/// The complex types, each once, in the order in which they first come.
#[derive(Default)]
struct ComplexTypes<'s> {
    in_order: Vec<&'s Type>,
}

impl<'s> ComplexTypes<'s> {
    fn collect_all(&mut self, elements: &'s [Element]) -> Result<(), EncodeError> {
        elements.iter().try_for_each(|element| {
            check_name(&element.name)?;
            self.collect(&element.r#type)
        })
    }

    fn collect(&mut self, r#type: &'s Type) -> Result<(), EncodeError> {
        let Type::Complex { name, elements, attributes, .. } = r#type else { return Ok(()) };
        check_name(name)?;
        attributes.iter().try_for_each(|attribute| check_name(&attribute.name))?;
        match self.in_order.iter().find(|known| known.complex_name() == Some(name)) {
            Some(known) if *known == r#type => Ok(()),
            Some(_) => {
                let message = format!("two different complex types have the name `{name}`");
                Err(EncodeError::new(message))
            }
            None => {
                self.in_order.push(r#type);
                self.collect_all(elements)
            }
        }
    }
}
