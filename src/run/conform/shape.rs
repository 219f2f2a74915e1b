//! Whether a body has the shape that the spec documents.

use std::fmt::Write as _;

use super::super::answer::{Answer, Body, BodyForm};
use super::super::compare::{markup, scalar};
use super::super::event::{Mismatch, MismatchKind};
use crate::model::{Additional, Choices, Keyword, Operation, Schema, Service, SoapService, Type};
use crate::source::Span;
use crate::value::Value;
use crate::wire::soap::SoapVersion;

struct Shape<'s> {
    span: &'s Span,
    markup: bool,
    textual: bool,
    /// The namespace in which all elements stand.
    namespace: Option<&'s str>,
    found: Vec<Mismatch>,
}

/// Types, required members, enumerations and unknown members; the root of XML, the media type.
pub(super) fn check(
    service: &Service,
    operation: &Operation,
    soap: Option<&SoapService>,
    schema: &Schema,
    answer: &Answer,
    span: &Span,
) -> Vec<Mismatch> {
    let markup = answer.form == BodyForm::Xml;
    let textual = answer.form.is_textual();
    let mut shape = Shape { span, markup, textual, namespace: None, found: Vec::new() };
    let tree = match answer.body() {
        Ok(Body::Nothing) => {
            shape.note("body", "a body", "nothing", "the spec documents a body, and there is none");
            return shape.found;
        }
        Ok(body) => body.tree().cloned().unwrap_or_default(),
        Err(error) => {
            let message = format!("the body is not {}: {error}", answer.form.name());
            shape.note("body", answer.form.name(), &error.message, &message);
            return shape.found;
        }
    };
    if soap.is_none() {
        shape.media_type(service, operation, answer);
    }
    match (soap, &schema.xml) {
        (Some(soap), _) => shape.envelope(soap, operation, schema, &tree),
        (None, Some(root)) if markup => {
            shape.namespace = root.namespace.as_deref();
            let name = match &root.namespace {
                Some(namespace) => format!("{{{namespace}}}{}", root.name),
                None => root.name.to_string(),
            };
            if let Some(content) = shape.only(&tree, &name) {
                let path = format!("/{}", root.name);
                shape.value(schema, content, &path);
            }
        }
        _ => shape.value(schema, &tree, if markup { "" } else { "$" }),
    }
    shape.found
}

impl<'s> Shape<'s> {
    fn note(&mut self, path: &str, expected: &str, actual: &str, message: &str) {
        self.found.push(Mismatch {
            kind: MismatchKind::Undocumented,
            path: path.to_owned(),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            message: message.to_owned(),
            span: self.span.clone(),
        });
    }

    /// Media types are exact to the letter: clients exist that insist on it.
    fn media_type(&mut self, service: &Service, operation: &Operation, answer: &Answer) {
        let produced: Vec<&str> = operation
            .produces
            .iter()
            .filter_map(|id| Some(&*service.media_types.get(id.0)?.content_type))
            .collect();
        let normal = |text: &str| text.to_ascii_lowercase().replace(' ', "");
        let actual = answer.response.header("content-type").unwrap_or_default();
        if produced.is_empty() || produced.iter().any(|known| normal(known) == normal(actual)) {
            return;
        }
        let known = produced.join(", ");
        let message =
            format!("{} documents no answer of the type `{actual}`, only {known}", operation.id);
        self.note("header Content-Type", &known, actual, &message);
    }

    /// The content of the one element that a tree is to have.
    fn only<'v>(&mut self, tree: &'v Value, name: &str) -> Option<&'v Value> {
        let (actual, content) = tree.members().and_then(|mut members| members.next())?;
        if **actual == *name {
            return Some(content);
        }
        let message = format!("the spec documents the element `{name}`, not `{actual}`");
        let path = format!("/{}", markup::shown(actual, &[]));
        self.note(&path, name, actual, &message);
        None
    }

    /// The result in the envelope of an answer; a fault has no documented shape.
    fn envelope(
        &mut self,
        soap: &'s SoapService,
        operation: &Operation,
        schema: &Schema,
        tree: &Value,
    ) {
        let namespace = &*soap.namespace;
        let versions = [SoapVersion::V11, SoapVersion::V12];
        let found = versions.into_iter().find_map(|version| {
            let ns = version.namespace();
            let envelope = tree.get(&format!("{{{ns}}}Envelope"))?;
            Some((ns, envelope.get(&format!("{{{ns}}}Body"))?))
        });
        let Some((ns, body)) = found else {
            self.note("/", "a SOAP envelope", "something else", "the answer is no SOAP envelope");
            return;
        };
        if body.get(&format!("{{{ns}}}Fault")).is_some() {
            return;
        }
        self.namespace = Some(namespace);
        let response = format!("{{{namespace}}}{}Response", operation.id);
        let result = format!("{{{namespace}}}{}Result", operation.id);
        let path = format!("/Envelope/Body/{0}Response/{0}Result", operation.id);
        let content = self.only(body, &response).and_then(|response| response.get(&result));
        match content {
            Some(content) => self.value(schema, content, &path),
            None if self.found.is_empty() => {
                let message = format!("`{path}` is missing, which the spec documents");
                self.note(&path, "the result", "nothing", &message);
            }
            None => {}
        }
    }

    fn value(&mut self, schema: &Schema, value: &Value, path: &str) {
        if *value == Value::Null {
            if !schema.nullable && !schema.types.is_empty() {
                self.wrong_type(schema, value, path);
            }
            return;
        }
        let blank = value.as_str().is_some_and(|text| match self.markup {
            true => markup::is_blank(text),
            false => text.is_empty(),
        });
        if blank && schema.allow_empty {
            return;
        }
        let is_of = |r#type: &Type| match r#type {
            Type::Object if self.markup => blank || value.members().is_some(),
            Type::Array if self.markup => true,
            // An element may have attributes beside its text.
            other => {
                let text = value.get("#text").filter(|_| self.markup).unwrap_or(value);
                scalar::is_of(text, *other, self.textual)
            }
        };
        if !schema.types.is_empty() && !schema.types.iter().any(is_of) {
            return self.wrong_type(schema, value, path);
        }
        self.choices(schema, value, path);
        let is_list = schema.types.contains(&Type::Array);
        match (&schema.items, value.as_list()) {
            (Some(items), Some(list)) => {
                for (at, item) in list.iter().enumerate() {
                    let at = if self.markup { at + 1 } else { at };
                    self.value(items, item, &format!("{path}[{at}]"));
                }
            }
            (Some(items), None) if self.markup && is_list && !blank => {
                self.value(items, value, path);
            }
            _ => {}
        }
        if !is_list && (value.members().is_some() || blank && schema.types == [Type::Object]) {
            self.members(schema, value, path);
        }
    }

    fn wrong_type(&mut self, schema: &Schema, value: &Value, path: &str) {
        let mut wanted: Vec<&str> = schema.types.iter().map(|r#type| r#type.name()).collect();
        wanted.extend(schema.nullable.then_some("null"));
        let wanted = wanted.join(" or ");
        let shown = serde_json::to_string(value).unwrap_or_default();
        let message = format!("`{path}` is of the type {}, documented is {wanted}", value.kind());
        self.note(path, &wanted, &shown, &message);
    }

    fn choices(&mut self, schema: &Schema, value: &Value, path: &str) {
        for constraint in schema.constraints.iter().filter(|c| c.when.is_none()) {
            let same = |choice: &Value| {
                scalar::is_same(choice, value, self.textual)
                    || schema.case_insensitive
                        && choice
                            .as_str()
                            .zip(value.as_str())
                            .is_some_and(|(a, b)| a.to_lowercase() == b.to_lowercase())
            };
            let choices = match &constraint.keyword {
                Keyword::Enum(Choices::Fixed(choices)) => choices.as_slice(),
                Keyword::Const(only) => std::slice::from_ref(only),
                _ => continue,
            };
            if choices.iter().any(same) {
                continue;
            }
            let mut wanted = String::new();
            for choice in choices {
                let comma = if wanted.is_empty() { "" } else { ", " };
                // Writing to a string cannot fail.
                _ = write!(wanted, "{comma}{choice}");
            }
            let message = format!("`{path}` is `{value}`, documented are {wanted}");
            self.note(path, &wanted, &value.to_string(), &message);
        }
    }

    fn members(&mut self, schema: &Schema, value: &Value, path: &str) {
        let members: Vec<_> = value.members().into_iter().flatten().collect();
        let below = |name: &str| match self.markup {
            true => format!("{path}/{name}"),
            false => format!("{path}.{name}"),
        };
        let found = |name: &str| {
            members.iter().find(|(actual, _)| match self.markup {
                true => self.is_named(name, actual),
                false => ***actual == *name,
            })
        };
        let mut missing = Vec::new();
        let mut there = Vec::new();
        for property in &schema.properties {
            match found(&property.name) {
                Some((_, value)) => there.push((&property.schema, *value, below(&property.name))),
                None if property.required => missing.push(below(&property.name)),
                None => {}
            }
        }
        let unknown: Vec<_> = members
            .iter()
            .filter(|(actual, _)| {
                !schema.properties.iter().any(|property| match self.markup {
                    true => self.is_named(&property.name, actual),
                    false => **actual == property.name,
                })
            })
            .map(|(actual, value)| {
                let (_, namespace, local) = markup::split(actual);
                let elsewhere = schema.properties.iter().any(|p| *p.name == *local) && self.markup;
                let elsewhere = elsewhere.then(|| namespace.unwrap_or("none").to_owned());
                (below(&markup::shown(actual, &[])), *value, elsewhere)
            })
            .collect();
        for path in missing {
            let message = format!("`{path}` is missing, which the spec requires");
            self.note(&path, "a value", "nothing", &message);
        }
        for (schema, value, path) in there {
            self.value(schema, value, &path);
        }
        for (path, value, elsewhere) in unknown {
            if let Some(namespace) = elsewhere {
                let wanted = self.namespace.unwrap_or("none");
                let message =
                    format!("`{path}` stands in the namespace {namespace}, documented is {wanted}");
                self.note(&path, wanted, &namespace, &message);
                continue;
            }
            match &schema.additional {
                Additional::Refused => {
                    let message = format!("`{path}` is not documented");
                    self.note(&path, "nothing", &value.to_string(), &message);
                }
                Additional::Schema(schema) => self.value(schema, value, &path),
                Additional::Allowed | Additional::Defined(_) => {}
            }
        }
    }

    /// Whether an element or attribute is the documented one: elements stand in the namespace of
    /// the root.
    fn is_named(&self, name: &str, actual: &str) -> bool {
        let (attribute, namespace, local) = markup::split(actual);
        if attribute {
            return name.strip_prefix('@').is_some_and(|name| name == local);
        }
        local == name && (self.namespace.is_none() || namespace == self.namespace)
    }
}
