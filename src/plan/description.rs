//! What a WSDL says of an operation's parameters and result.

use crate::model::{self, Type, Word};
use crate::value::Value;
use crate::wire::soap::wsdl;

/// What an operation of a service is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'n> {
    /// By a client that is made of the WSDL, and in its answer: `{message}Response`.
    pub message: &'n str,
    /// The element of a request.
    pub element: &'n str,
    /// The action of a request.
    pub action: &'n str,
}

/// Describes an operation. `known` are the complex types of the service so far: a different one
/// of the same name gets a number behind its own, as a schema has each name once.
pub(super) fn describe(
    operation: &model::Operation,
    soap: &model::SoapService,
    binding: &model::Binding,
    names: Names<'_>,
    known: &mut Vec<wsdl::Type>,
) -> wsdl::Operation {
    let by_type = !binding.parameters_required;
    let of_service = Describing { soap, by_type, asked: false };
    let asked = Describing { soap, by_type, asked: true };
    let within = if soap.unqualified { "" } else { &*soap.namespace };
    let result = operation.responses.iter().find(|response| response.status == 200);
    let schema = result.and_then(|response| response.schema.as_ref());
    let mut response = match (soap.bare, schema) {
        (false, schema) => {
            wsdl::Response::Element(of_service.wrapped(names.message, schema, within))
        }
        (true, Some(schema)) => of_service.bare(schema),
        (true, None) => wsdl::Response::Empty,
    };
    let mut request = wsdl::Content::default();
    for parameter in &operation.parameters {
        asked.parameter(parameter, within, &mut request);
    }
    settle(&mut request);
    for element in &mut request.elements {
        distinguish(&mut element.r#type, known);
    }
    if let wsdl::Response::Element(element) = &mut response {
        distinguish(&mut element.r#type, known);
    }
    wsdl::Operation {
        name: names.message.to_owned(),
        element: names.element.to_owned(),
        action: names.action.to_owned(),
        documentation: operation.summary.as_ref().map(ToString::to_string),
        request,
        response,
    }
}

/// Gives a complex type a name of its own.
fn distinguish(r#type: &mut wsdl::Type, known: &mut Vec<wsdl::Type>) {
    let (wsdl::Type::Complex { content, .. } | wsdl::Type::Anonymous(content)) = r#type else {
        return;
    };
    for element in &mut content.elements {
        distinguish(&mut element.r#type, known);
    }
    let Some(first) = name_of(r#type).map(|(name, _)| name.to_owned()) else { return };
    for number in 2.. {
        match known.iter().find(|other| name_of(other) == name_of(r#type)) {
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

/// The name of a complex type, and its namespace.
fn name_of(r#type: &wsdl::Type) -> Option<(&str, &str)> {
    match r#type {
        wsdl::Type::Complex { name, namespace, .. } => Some((name, namespace)),
        _ => None,
    }
}

/// A text with attributes, and no element beside it, is of the type that its text is of.
fn settle(content: &mut wsdl::Content) {
    content.mixed = content.text.is_some() && !content.elements.is_empty();
    if content.mixed {
        content.text = None;
    }
}

#[derive(Clone, Copy)]
struct Describing<'s> {
    soap: &'s model::SoapService,
    /// Whether the types of parameters say which of them are there, since the service asks for
    /// none, as those of .NET do not.
    by_type: bool,
    /// Whether it is what a client sends.
    asked: bool,
}

impl Describing<'_> {
    /// The element `{id}Response` with `{id}Result` in it.
    fn wrapped(self, id: &str, schema: Option<&model::Schema>, within: &str) -> wsdl::Element {
        let name = format!("{id}Result");
        let namespace = schema.map_or(within, |schema| own_namespace(schema, within));
        // Each item of a list is a result of its own.
        let item = schema.and_then(item_of);
        let of = |schema| self.r#type(id, schema, namespace);
        let r#type = item.or(schema).map_or(wsdl::Type::String, of);
        let result = wsdl::Element {
            name,
            namespace: namespace.to_owned(),
            minimum: u32::from(is_value(&r#type) && item.is_none()),
            r#type,
            maximum: if item.is_some() { None } else { Some(1) },
            nillable: item.is_some_and(|item| item.nullable),
        };
        let content = wsdl::Content { elements: vec![result], ..wsdl::Content::default() };
        Self::top(format!("{id}Response"), &self.soap.namespace, wsdl::Type::Anonymous(content))
    }

    /// The element that `xml` of a schema names.
    fn bare(self, schema: &model::Schema) -> wsdl::Response {
        let Some(root) = &schema.xml else { return wsdl::Response::Empty };
        let namespace = root.namespace.as_deref().unwrap_or_default();
        let inner = if self.soap.unqualified { "" } else { namespace };
        let r#type = self.content_type(&root.name, schema, inner, namespace);
        let element = Self::top(root.name.to_string(), namespace, r#type);
        wsdl::Response::Element(wsdl::Element { nillable: schema.nullable, ..element })
    }

    fn top(name: String, namespace: &str, r#type: wsdl::Type) -> wsdl::Element {
        let namespace = namespace.to_owned();
        wsdl::Element { name, namespace, r#type, minimum: 1, maximum: Some(1), nillable: false }
    }

    /// A parameter: there if it is required; or else, where none is asked for, value types are
    /// always there and texts may be left out, as .NET has it.
    fn parameter(self, parameter: &model::Parameter, within: &str, into: &mut wsdl::Content) {
        let (name, schema) = (&*parameter.name, &parameter.schema);
        let required = parameter.required && !self.by_type;
        if name == "#text" {
            into.text = Some(Box::new(self.r#type(name, schema, within)));
        } else if let Some(name) = name.strip_prefix('@') {
            let r#type = self.r#type(name, schema, within);
            into.attributes.push(wsdl::Attribute { name: name.to_owned(), r#type, required });
        } else {
            let mut element = self.element(name, schema, required, within);
            let of_type = is_value(&element.r#type) && element.maximum.is_some();
            element.minimum = u32::from(if self.by_type { of_type } else { required });
            into.elements.push(element);
        }
    }

    /// A member of an object is there if it is required, whatever its type: answers that lack it
    /// are to be valid too.
    fn element(
        self,
        name: &str,
        schema: &model::Schema,
        required: bool,
        within: &str,
    ) -> wsdl::Element {
        let item = item_of(schema);
        let namespace = own_namespace(schema, within);
        let of_value = item.unwrap_or(schema);
        wsdl::Element {
            name: name.to_owned(),
            namespace: namespace.to_owned(),
            r#type: self.r#type(name, only_kind(of_value), namespace),
            minimum: u32::from(required && item.is_none()),
            maximum: if item.is_some() { None } else { Some(1) },
            nillable: schema.nullable || of_value.with_beside().iter().any(|one| one.nullable),
        }
    }

    fn r#type(self, name: &str, schema: &model::Schema, around: &str) -> wsdl::Type {
        self.content_type(name, schema, around, around)
    }

    /// The type of an element in whose content elements stand in that namespace, unless it says
    /// another.
    fn content_type(
        self,
        name: &str,
        schema: &model::Schema,
        inner: &str,
        around: &str,
    ) -> wsdl::Type {
        let format =
            schema.constraints.iter().find_map(|constraint| match constraint.keyword.operand {
                model::Operand::Format(format) => Some(format),
                _ => None,
            });
        let only = schema.types.first().filter(|_| schema.types.len() == 1);
        let plain = match (only, format) {
            (Some(Type::Integer), Some(model::Format::Int32)) => wsdl::Type::Int,
            (Some(Type::Integer), _) => wsdl::Type::Long,
            (Some(Type::Number), _) => wsdl::Type::Double,
            (Some(Type::Boolean), _) => wsdl::Type::Boolean,
            (Some(Type::String), Some(model::Format::DateTime)) => wsdl::Type::DateTime,
            (Some(Type::String), Some(model::Format::Date)) => wsdl::Type::Date,
            (Some(Type::String), Some(model::Format::Byte)) => wsdl::Type::Base64,
            (Some(Type::Object), _) => return self.object(name, schema, inner, around),
            _ => wsdl::Type::String,
        };
        match self.values(schema) {
            Some(values) => wsdl::Type::Enumeration(Box::new(plain), values),
            None => plain,
        }
    }

    fn object(self, name: &str, schema: &model::Schema, inner: &str, around: &str) -> wsdl::Type {
        let within = schema.namespaces.content.as_deref().unwrap_or(inner);
        let open = matches!(schema.additional, model::Additional::Schema(_));
        let mut content = wsdl::Content { open, ..wsdl::Content::default() };
        for model::Property { name, schema, required, .. } in &schema.properties {
            if &**name == "#text" {
                content.text = Some(Box::new(self.r#type(name, schema, within)));
            } else if let Some(local) = name.strip_prefix('@') {
                content.attributes.push(wsdl::Attribute {
                    name: local.to_owned(),
                    r#type: self.r#type(local, schema, within),
                    required: *required,
                });
            } else {
                content.elements.push(self.element(name, schema, *required, within));
            }
        }
        settle(&mut content);
        let namespace = [within, around, &*self.soap.namespace];
        let namespace = namespace.into_iter().find(|one| !one.is_empty()).unwrap_or_default();
        wsdl::Type::Complex {
            name: schema.xml.as_ref().map_or_else(|| name.to_owned(), |xml| xml.name.to_string()),
            namespace: namespace.to_owned(),
            content,
        }
    }

    /// The only values that there are. A service that has an error for others takes them, so that
    /// it can say so; and so does one that does not look at the case of letters.
    fn values(self, schema: &model::Schema) -> Option<Vec<String>> {
        let constraint = schema.constraints.iter().find(|it| it.keyword.word == Word::Enum)?;
        let says = constraint.error.is_some()
            || constraint.message.is_some()
            || schema.error.is_some()
            || schema.message.is_some()
            || !schema.errors.is_empty();
        let is_loose = schema.allow_empty || schema.case_insensitive || constraint.when.is_some();
        if is_loose || self.asked && says {
            return None;
        }
        let texts = schema.choices()?.iter().map(Value::scalar_text);
        Some(texts.collect::<Option<Vec<_>>>()?.iter().map(ToString::to_string).collect())
    }
}

/// What a value is where it is not null: the only alternative with a type, if all that a schema
/// says itself is that it may be null.
fn only_kind(schema: &model::Schema) -> &model::Schema {
    let with_type = schema.with_beside().into_iter().filter(|one| !one.types.is_empty());
    match with_type.collect::<Vec<_>>().as_slice() {
        [one] => one,
        _ => schema,
    }
}

/// What a list is of.
fn item_of(schema: &model::Schema) -> Option<&model::Schema> {
    schema.items.as_deref().filter(|_| schema.types.contains(&Type::Array))
}

/// Whether .NET cannot leave it out.
fn is_value(r#type: &wsdl::Type) -> bool {
    match r#type {
        wsdl::Type::Enumeration(base, _) => is_value(base),
        wsdl::Type::String
        | wsdl::Type::Base64
        | wsdl::Type::Complex { .. }
        | wsdl::Type::Anonymous(_) => false,
        _ => true,
    }
}

/// The namespace of an element in another one.
fn own_namespace<'s>(schema: &'s model::Schema, within: &'s str) -> &'s str {
    let items = || schema.items.as_ref()?.namespaces.own.as_deref();
    schema.namespaces.own.as_deref().or_else(items).unwrap_or(within)
}
