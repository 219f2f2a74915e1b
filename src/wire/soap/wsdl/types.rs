//! The schemas of a service, one for each namespace: an element for each request and response, those
//! that stand in others of another namespace, and the complex types.

use super::{Attribute, Content, Element, Response, Service, Type, text};
use crate::value::Value;
use crate::wire::EncodeError;
use crate::wire::soap::object;
use crate::wire::xml::is_unprefixed_name;

/// What is declared in each namespace.
pub(super) struct Schemas<'s> {
    service: &'s Service,
    /// That of the service first.
    spaces: Vec<Space<'s>>,
}

struct Space<'s> {
    namespace: &'s str,
    elements: Vec<(&'s str, Declared<'s>)>,
    complex: Vec<&'s Type>,
}

/// What a global element is.
#[derive(Clone, Copy)]
enum Declared<'s> {
    Content(&'s Content),
    Element { r#type: &'s Type, nillable: bool },
}

impl Declared<'_> {
    /// Whether the element may hold the same: one may be of a request and of an answer.
    fn is_same(&self, other: &Self) -> bool {
        self.nillable() == other.nillable()
            && match (self.content(), other.content()) {
                (Ok(one), Ok(two)) => one == two,
                (Err(one), Err(two)) => one == two,
                _ => false,
            }
    }

    /// What is in it, or the type that it has instead.
    fn content(&self) -> Result<&Content, &Type> {
        match self {
            Self::Content(content) => Ok(content),
            Self::Element { r#type: Type::Complex { content, .. }, .. }
            | Self::Element { r#type: Type::Anonymous(content), .. } => Ok(content),
            Self::Element { r#type, .. } => Err(r#type),
        }
    }

    fn nillable(&self) -> bool {
        matches!(self, Self::Element { nillable: true, .. })
    }
}

/// The type of an element that is a text without anything beside it.
fn alone(content: &Content) -> Option<&Type> {
    let is_alone = content.elements.is_empty() && content.attributes.is_empty();
    content.text.as_deref().filter(|_| is_alone)
}

/// Elements of any name. Behind an element that may be missing it has to be clear which of the two
/// one is, so they are of other namespaces there.
fn open(content: &Content) -> Value {
    let is_sure = |it: &Element| it.maximum == Some(it.minimum);
    let space = if content.elements.iter().all(is_sure) { "##any" } else { "##other" };
    object([
        ("@minOccurs", text("0")),
        ("@maxOccurs", text("unbounded")),
        ("@namespace", text(space)),
        ("@processContents", text("lax")),
    ])
}

/// Fails on what cannot be a name in a description.
pub(super) fn check_name(name: &str) -> Result<(), EncodeError> {
    if is_unprefixed_name(name) {
        Ok(())
    } else {
        Err(EncodeError::new(format!("{name:?} is not a name without prefix")))
    }
}

impl<'s> Schemas<'s> {
    /// All that a service declares.
    pub(super) fn of(service: &'s Service) -> Result<Self, EncodeError> {
        let mut schemas = Self { service, spaces: Vec::new() };
        schemas.space(&service.namespace);
        for operation in &service.operations {
            let request = match alone(&operation.request) {
                Some(r#type) => Declared::Element { r#type, nillable: false },
                None => Declared::Content(&operation.request),
            };
            schemas.declare(&service.namespace, &operation.element, request)?;
            if let Response::Element(element) = &operation.response {
                schemas.declare_element(element)?;
            }
        }
        Ok(schemas)
    }

    #[expect(clippy::indexing_slicing, reason = "it is found or added right before")]
    fn space(&mut self, namespace: &'s str) -> &mut Space<'s> {
        let at = self.spaces.iter().position(|space| space.namespace == namespace);
        let at = at.unwrap_or_else(|| {
            self.spaces.push(Space { namespace, elements: Vec::new(), complex: Vec::new() });
            self.spaces.len() - 1
        });
        &mut self.spaces[at]
    }

    fn declare_element(&mut self, element: &'s Element) -> Result<(), EncodeError> {
        let declared = Declared::Element { r#type: &element.r#type, nillable: element.nillable };
        self.declare(&element.namespace, &element.name, declared)
    }

    fn declare(
        &mut self,
        namespace: &'s str,
        name: &'s str,
        declared: Declared<'s>,
    ) -> Result<(), EncodeError> {
        check_name(name)?;
        let space = self.space(namespace);
        match space.elements.iter().find(|(known, _)| *known == name) {
            Some((_, known)) if known.is_same(&declared) => return Ok(()),
            Some(_) => {
                let message = format!("two different elements have the name `{name}`");
                return Err(EncodeError::new(message));
            }
            None => space.elements.push((name, declared)),
        }
        match declared {
            Declared::Content(content) => self.content(content, namespace),
            Declared::Element { r#type, .. } => self.r#type(r#type, namespace),
        }
    }

    fn content(&mut self, content: &'s Content, namespace: &'s str) -> Result<(), EncodeError> {
        content.attributes.iter().try_for_each(|attribute| check_name(&attribute.name))?;
        for element in &content.elements {
            match is_foreign(element, namespace) {
                true => self.declare_element(element)?,
                false => {
                    check_name(&element.name)?;
                    self.r#type(&element.r#type, namespace)?;
                }
            }
        }
        Ok(())
    }

    fn r#type(&mut self, r#type: &'s Type, around: &'s str) -> Result<(), EncodeError> {
        let (name, namespace, content) = match r#type {
            Type::Complex { name, namespace, content } => (name, namespace, content),
            Type::Anonymous(content) => return self.content(content, around),
            _ => return Ok(()),
        };
        check_name(name)?;
        let space = self.space(namespace);
        let is_it =
            |known: &&&Type| matches!(known, Type::Complex { name: other, .. } if other == name);
        match space.complex.iter().find(is_it) {
            Some(known) if *known == r#type => Ok(()),
            Some(_) => {
                let message = format!("two different complex types have the name `{name}`");
                Err(EncodeError::new(message))
            }
            None => {
                space.complex.push(r#type);
                self.content(content, namespace)
            }
        }
    }

    /// The prefixes of the namespaces that are not the service's.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = (String, &'s str)> {
        let others = self.spaces.iter().enumerate().skip(1);
        others
            .filter(|(_, space)| !space.namespace.is_empty())
            .map(|(at, space)| (format!("q{at}"), space.namespace))
    }

    /// How something in a namespace is referred to.
    pub(super) fn reference(&self, namespace: &str, name: &str) -> String {
        match self.spaces.iter().position(|space| space.namespace == namespace) {
            Some(0) if !namespace.is_empty() => format!("tns:{name}"),
            Some(at) if !namespace.is_empty() => format!("q{at}:{name}"),
            _ => name.to_owned(),
        }
    }

    /// The schemas.
    pub(super) fn written(&self) -> Vec<Value> {
        self.spaces.iter().map(|space| self.schema(space)).collect()
    }

    fn is_unqualified(&self, namespace: &str) -> bool {
        self.service.unqualified && namespace == self.service.namespace
    }

    fn schema(&self, space: &Space<'s>) -> Value {
        let namespace = space.namespace;
        let form = if self.is_unqualified(namespace) { "unqualified" } else { "qualified" };
        let others = self.spaces.iter().map(|other| other.namespace);
        let others = others.filter(|other| *other != namespace);
        let imports = others.map(|other| object([("@namespace", some(other))])).collect();
        let complex = space.complex.iter().map(|r#type| self.complex(r#type)).collect();
        let elements = space.elements.iter();
        let elements = elements.map(|(name, declared)| self.global(name, *declared, namespace));
        object([
            ("@elementFormDefault", text(form)),
            ("@targetNamespace", some(namespace)),
            ("s:import", Value::list(imports)),
            ("s:element", Value::list(elements.collect())),
            ("s:complexType", Value::list(complex)),
        ])
    }

    fn global(&self, name: &str, declared: Declared<'_>, namespace: &str) -> Value {
        match declared {
            Declared::Content(content) => object([
                ("@name", text(name)),
                ("s:complexType", self.anonymous(content, namespace)),
            ]),
            Declared::Element { r#type, nillable } => {
                let (attribute, simple, complex) = self.typed(r#type, namespace);
                object([
                    ("@name", text(name)),
                    ("@nillable", if nillable { text("true") } else { Value::Null }),
                    ("@type", attribute),
                    ("s:simpleType", simple),
                    ("s:complexType", complex),
                ])
            }
        }
    }

    /// What says which type it is: an attribute, a simple or a complex type in it.
    fn typed(&self, r#type: &Type, namespace: &str) -> (Value, Value, Value) {
        let nothing = || Value::list(Vec::new());
        match r#type {
            Type::Enumeration(base, values) => {
                let value = |value: &String| object([("@value", text(value))]);
                let restriction = object([
                    ("@base", text(&self.name(base))),
                    ("s:enumeration", Value::list(values.iter().map(value).collect())),
                ]);
                (Value::Null, object([("s:restriction", restriction)]), nothing())
            }
            Type::Anonymous(content) => {
                (Value::Null, nothing(), self.anonymous(content, namespace))
            }
            named => (text(&self.name(named)), nothing(), nothing()),
        }
    }

    fn name(&self, r#type: &Type) -> String {
        let built_in = match r#type {
            Type::String | Type::Anonymous(_) => "string",
            Type::Int => "int",
            Type::Long => "long",
            Type::Boolean => "boolean",
            Type::Double => "double",
            Type::DateTime => "dateTime",
            Type::Date => "date",
            Type::Base64 => "base64Binary",
            Type::Enumeration(base, _) => return self.name(base),
            Type::Complex { name, namespace, .. } => return self.reference(namespace, name),
        };
        format!("s:{built_in}")
    }

    fn anonymous(&self, content: &Content, namespace: &str) -> Value {
        if *content == Content::default() {
            return text("");
        }
        self.described(Value::Null, content, namespace, false)
    }

    fn complex(&self, r#type: &Type) -> Value {
        let Type::Complex { name, namespace, content } = r#type else { return text("") };
        self.described(text(name), content, namespace, true)
    }

    /// A complex type; with a sequence even where there is no element, should it be `whole`.
    fn described(&self, name: Value, content: &Content, namespace: &str, whole: bool) -> Value {
        let attributes = content.attributes.iter().map(|it| self.attribute(it, namespace));
        let attributes = Value::list(attributes.collect());
        if let Some(of) = &content.text {
            let extension = object([("@base", text(&self.name(of))), ("s:attribute", attributes)]);
            return object([
                ("@name", name),
                ("s:simpleContent", object([("s:extension", extension)])),
            ]);
        }
        let elements = content.elements.iter().map(|it| self.element(it, namespace)).collect();
        let any = content.open.then(|| open(content));
        let any = Value::list(any.into_iter().collect());
        let sequence = object([("s:element", Value::list(elements)), ("s:any", any)]);
        let is_there = whole || content.open || !content.elements.is_empty();
        let sequence = is_there.then_some(sequence);
        object([
            ("@name", name),
            ("@mixed", if content.mixed { text("true") } else { Value::Null }),
            ("s:sequence", Value::list(sequence.into_iter().collect())),
            ("s:attribute", attributes),
        ])
    }

    fn element(&self, element: &Element, namespace: &str) -> Value {
        let maximum = element.maximum.map_or("unbounded".to_owned(), |it| it.to_string());
        let minimum = text(&element.minimum.to_string());
        if is_foreign(element, namespace) {
            return object([
                ("@minOccurs", minimum),
                ("@maxOccurs", text(&maximum)),
                ("@ref", text(&self.reference(&element.namespace, &element.name))),
            ]);
        }
        let is_qualified = element.namespace == namespace;
        let form = match (is_qualified, self.is_unqualified(namespace)) {
            _ if namespace.is_empty() => Value::Null,
            (true, true) => text("qualified"),
            (false, false) => text("unqualified"),
            _ => Value::Null,
        };
        let (attribute, simple, complex) = self.typed(&element.r#type, namespace);
        object([
            ("@minOccurs", minimum),
            ("@maxOccurs", text(&maximum)),
            ("@name", text(&element.name)),
            ("@form", form),
            ("@nillable", if element.nillable { text("true") } else { Value::Null }),
            ("@type", attribute),
            ("s:simpleType", simple),
            ("s:complexType", complex),
        ])
    }

    fn attribute(&self, attribute: &Attribute, namespace: &str) -> Value {
        let (r#type, simple, _) = self.typed(&attribute.r#type, namespace);
        object([
            ("@name", text(&attribute.name)),
            ("@type", r#type),
            ("@use", if attribute.required { text("required") } else { Value::Null }),
            ("s:simpleType", simple),
        ])
    }
}

/// Whether an element is declared in another namespace than what it stands in.
fn is_foreign(element: &Element, namespace: &str) -> bool {
    !element.namespace.is_empty() && element.namespace != namespace
}

/// A text; nothing of an empty one.
pub(super) fn some(namespace: &str) -> Value {
    if namespace.is_empty() { Value::Null } else { text(namespace) }
}
