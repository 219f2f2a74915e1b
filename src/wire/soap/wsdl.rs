//! Descriptions of services: WSDL 1.1, document/literal wrapped, with a port for SOAP 1.1 and
//! one for SOAP 1.2, named as .NET names them.

mod types;

use super::envelope::SCHEMA;
use super::object;
use crate::value::{Map, Value};
use crate::wire::xml::{Declaration, Xml};
use crate::wire::{EncodeError, Wire};

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const BINDING_11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const BINDING_12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
const HTTP_TRANSPORT: &str = "http://schemas.xmlsoap.org/soap/http";

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    /// The name; its ports are `{name}Soap` and `{name}Soap12`.
    pub name: String,
    /// The target namespace.
    pub namespace: String,
    /// Whether elements in other ones are in no namespace unless they say one.
    pub unqualified: bool,
    /// The absolute URL at which it is.
    pub location: String,
    /// Whether it has a port for SOAP 1.1.
    pub v11: bool,
    /// Whether it has a port for SOAP 1.2.
    pub v12: bool,
    /// What it can do.
    pub operations: Vec<Operation>,
}

/// An operation of a service.
#[derive(Debug, Clone)]
pub struct Operation {
    /// The name.
    pub name: String,
    /// The local name of the request's element.
    pub element: String,
    /// The SOAP action.
    pub action: String,
    /// What it does, for a human.
    pub documentation: Option<String>,
    /// What is in that element.
    pub request: Content,
    /// What answers.
    pub response: Response,
}

/// What answers an operation.
#[derive(Debug, Clone)]
pub enum Response {
    /// An element, in its namespace.
    Element(Element),
    /// Nothing in the body.
    Empty,
}

/// What stands in an element.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The elements in order.
    pub elements: Vec<Element>,
    /// The attributes in order.
    pub attributes: Vec<Attribute>,
    /// What its text is, where it is a text with attributes.
    pub text: Option<Box<Type>>,
    /// Whether there may be text beside the elements.
    pub mixed: bool,
    /// Whether there may be elements of any name behind them.
    pub open: bool,
}

/// An element of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The name.
    pub name: String,
    /// The namespace that it stands in; the empty text is none.
    pub namespace: String,
    /// What is in it.
    pub r#type: Type,
    /// How often it comes at least.
    pub minimum: u32,
    /// How often it comes at most; `None` is without bound.
    pub maximum: Option<u32>,
    /// Whether it may be nil.
    pub nillable: bool,
}

/// What is in an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// `string`.
    String,
    /// `int`, 32 bits.
    Int,
    /// `long`, 64 bits.
    Long,
    /// `boolean`.
    Boolean,
    /// `double`.
    Double,
    /// `dateTime`.
    DateTime,
    /// `date`.
    Date,
    /// `base64Binary`.
    Base64,
    /// Some values of a type.
    Enumeration(Box<Self>, Vec<String>),
    /// What stands in an element that has a type with a name, under which it is described once in
    /// its namespace.
    Complex {
        /// The name.
        name: String,
        /// The namespace.
        namespace: String,
        /// What stands in it.
        content: Content,
    },
    /// What stands in an element of that kind alone.
    Anonymous(Content),
}

/// An attribute of a complex type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// What is in it; not a complex type.
    pub r#type: Type,
    /// Whether it has to be there.
    pub required: bool,
}

/// Writes the description of a service. Fails on a name or a text that XML cannot hold, and on
/// two different complex types of one name.
pub fn generate(service: &Service) -> Result<String, EncodeError> {
    let xml = Xml {
        declaration: Declaration::Encoding("utf-8".into()),
        indent: Some(2),
        ..Xml::default()
    };
    let root = object([("wsdl:definitions", definitions(service)?)]);
    let mut out = Vec::new();
    xml.encode(&root, &mut out)?;
    String::from_utf8(out).map_err(|error| EncodeError::new(error.to_string()))
}

fn definitions(service: &Service) -> Result<Value, EncodeError> {
    let schemas = types::Schemas::of(service)?;
    let names = service.operations.iter().map(|operation| &*operation.name);
    for name in names.chain([&*service.name]) {
        types::check_name(name)?;
    }
    let operations = &service.operations;
    let port = format!("{}Soap", service.name);
    let port12 = format!("{}Soap12", service.name);
    let spoken = [(service.v11, &port, "soap"), (service.v12, &port12, "soap12")];
    let spoken = || spoken.iter().filter(|(is, ..)| *is);
    let described = object([
        ("@xmlns:wsdl", text(WSDL)),
        ("@xmlns:soap", text(BINDING_11)),
        ("@xmlns:soap12", text(BINDING_12)),
        ("@xmlns:s", text(SCHEMA)),
        ("@xmlns:tns", types::some(&service.namespace)),
        ("@targetNamespace", types::some(&service.namespace)),
        ("wsdl:types", object([("s:schema", Value::list(schemas.written()))])),
        (
            "wsdl:message",
            Value::list(operations.iter().flat_map(|it| messages(it, service, &schemas)).collect()),
        ),
        (
            "wsdl:portType",
            object([
                ("@name", text(&port)),
                ("wsdl:operation", list(operations, |it| port_operation(it, service))),
            ]),
        ),
        (
            "wsdl:binding",
            Value::list(
                spoken().map(|(_, name, prefix)| binding(name, &port, prefix, service)).collect(),
            ),
        ),
        (
            "wsdl:service",
            object([
                ("@name", text(&service.name)),
                (
                    "wsdl:port",
                    Value::list(
                        spoken()
                            .map(|(_, name, prefix)| {
                                port_address(name, &format!("{prefix}:address"), service)
                            })
                            .collect(),
                    ),
                ),
            ]),
        ),
    ]);
    let mut all = Map::new();
    for (prefix, namespace) in schemas.prefixes() {
        all.insert(format!("@xmlns:{prefix}"), text(namespace));
    }
    for (name, value) in described.members().into_iter().flatten() {
        all.insert(name.clone(), value.clone());
    }
    Ok(Value::map(all))
}

/// How what the description itself declares is referred to.
fn own(service: &Service, name: &str) -> String {
    // A prefix cannot stand for no namespace (Namespaces in XML 1.0 section 2.2).
    match service.namespace.is_empty() {
        true => name.to_owned(),
        false => format!("tns:{name}"),
    }
}

fn messages(operation: &Operation, service: &Service, schemas: &types::Schemas<'_>) -> [Value; 2] {
    let request = Some(own(service, &operation.element));
    let response = match &operation.response {
        Response::Element(element) => Some(schemas.reference(&element.namespace, &element.name)),
        Response::Empty => None,
    };
    [("SoapIn", request), ("SoapOut", response)].map(|(message, element)| {
        let part = element
            .map(|element| object([("@name", text("parameters")), ("@element", text(&element))]));
        object([
            ("@name", text(&format!("{}{message}", operation.name))),
            ("wsdl:part", Value::list(part.into_iter().collect())),
        ])
    })
}

fn port_operation(operation: &Operation, service: &Service) -> Value {
    let message = |ending| {
        let name = format!("{}{ending}", operation.name);
        object([("@message", text(&own(service, &name)))])
    };
    let documentation = operation.documentation.iter().map(|documentation| text(documentation));
    object([
        ("@name", text(&operation.name)),
        ("wsdl:documentation", Value::list(documentation.collect())),
        ("wsdl:input", message("SoapIn")),
        ("wsdl:output", message("SoapOut")),
    ])
}

/// `prefix` is that of the binding's extension elements.
fn binding(name: &str, port_type: &str, prefix: &str, service: &Service) -> Value {
    let extension = |element: &str| format!("{prefix}:{element}");
    let body = object([(&extension("body"), object([("@use", text("literal"))]))]);
    let operation = |operation: &Operation| {
        object([
            ("@name", text(&operation.name)),
            (
                &extension("operation"),
                object([("@soapAction", text(&operation.action)), ("@style", text("document"))]),
            ),
            ("wsdl:input", body.clone()),
            ("wsdl:output", body.clone()),
        ])
    };
    object([
        ("@name", text(name)),
        ("@type", text(&own(service, port_type))),
        (&extension("binding"), object([("@transport", text(HTTP_TRANSPORT))])),
        ("wsdl:operation", list(&service.operations, operation)),
    ])
}

fn port_address(port: &str, element: &str, service: &Service) -> Value {
    object([
        ("@name", text(port)),
        ("@binding", text(&own(service, port))),
        (element, object([("@location", text(&service.location))])),
    ])
}

fn list(operations: &[Operation], to_value: impl FnMut(&Operation) -> Value) -> Value {
    Value::list(operations.iter().map(to_value).collect())
}

fn text(text: &str) -> Value {
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Limits;
    use crate::wire::xml::decode_element;

    const NAMESPACE: &str = "http://example.org/api/1/";

    fn element(name: &str, r#type: Type) -> Element {
        let namespace = NAMESPACE.to_owned();
        Element {
            name: name.into(),
            namespace,
            r#type,
            minimum: 0,
            maximum: Some(1),
            nillable: false,
        }
    }

    fn complex(
        name: &str,
        elements: Vec<Element>,
        attributes: Vec<Attribute>,
        mixed: bool,
    ) -> Type {
        let content = Content { elements, attributes, mixed, ..Content::default() };
        Type::Complex { name: name.into(), namespace: NAMESPACE.into(), content }
    }

    fn service() -> Service {
        let kind = Attribute { name: "kind".into(), r#type: Type::String, required: true };
        let tag = complex("Tag", vec![element("id", Type::Long)], vec![kind], true);
        let tags = Element { maximum: None, nillable: true, ..element("tag", tag.clone()) };
        let answer = complex(
            "contact_response",
            vec![element("success", Type::Boolean), tags.clone(), element("at", Type::DateTime)],
            Vec::new(),
            false,
        );
        let operation = |name: &str, elements, result: Type| Operation {
            name: name.into(),
            element: name.into(),
            action: format!("http://example.org/api/1/{name}"),
            documentation: Some("Adds & changes".into()),
            request: Content { elements, ..Content::default() },
            response: Response::Element(element(
                &format!("{name}Response"),
                Type::Anonymous(Content {
                    elements: vec![element(&format!("{name}Result"), result)],
                    ..Content::default()
                }),
            )),
        };
        Service {
            name: "contacts".into(),
            namespace: NAMESPACE.into(),
            unqualified: false,
            v11: true,
            v12: true,
            location: "http://127.0.0.1:8080/api/1/contacts?a=1&b=2".into(),
            operations: vec![
                operation(
                    "Contact",
                    vec![
                        Element { minimum: 1, ..element("id", Type::Int) },
                        element("name", Type::String),
                        element("share", Type::Double),
                        element("photo", Type::Base64),
                        tags,
                        element("main_tag", tag),
                    ],
                    answer,
                ),
                operation("Ping", Vec::new(), Type::String),
            ],
        }
    }

    #[test]
    fn a_description_is_what_it_was() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire/soap/contacts.wsdl");
        let written = generate(&service()).unwrap() + "\n";
        decode_element(written.as_bytes(), &Limits::default()).unwrap();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &written).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), written);
    }

    #[test]
    fn what_cannot_be_described_is_refused() {
        let mut two_of_a_name = service();
        let other = element("PingResponse", complex("Tag", Vec::new(), Vec::new(), false));
        two_of_a_name.operations[1].response = Response::Element(other);
        let mut prefixed = service();
        prefixed.operations[1].name = "a:b".into();
        let mut spaced = service();
        spaced.operations[0].request.elements[0].name = "a b".into();
        for service in [two_of_a_name, prefixed, spaced] {
            assert!(generate(&service).is_err(), "{service:?}");
        }
    }

    #[test]
    fn no_prefix_stands_for_no_namespace() {
        let mut service = service();
        service.namespace = String::new();
        let written = generate(&service).unwrap();
        let read = decode_element(written.as_bytes(), &Limits::default());
        assert!(read.is_ok(), "{written}");
        assert!(!written.contains("tns"), "{written}");
    }
}
