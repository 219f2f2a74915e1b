//! Whether a body has the shape that a schema documents.

use super::super::answer::{Answer, Body, BodyForm};
use super::super::compare::{scalar, shortened};
use super::super::event::Mismatch;
use super::content_type::content_types;
use super::finder::{Enveloped, Finder, Recursive, enveloped};
use crate::model::documented::Context;
use crate::model::{Additional, Property, Schema, Service, Type};
use crate::source::Span;
use crate::value::Value;

/// Longer values are cut in messages.
const LONGEST: usize = 80;

/// Types, required members, constraints and unknown members; the root of XML, the media type.
pub(super) fn check<'s>(
    service: &'s Service,
    context: Context<'s>,
    schema: &'s Schema,
    answer: &Answer,
    span: &'s Span,
) -> Vec<Mismatch> {
    let mut finder = Finder::new(answer, span);
    finder.recursive = Recursive::Plain(&service.recursive);
    let is_typed = match context {
        Context { operation: Some(operation), soap: None } if !answer.response.body.is_empty() => {
            let produced = content_types(service, &operation.produces);
            finder.media_type(&operation.id, &produced, answer)
        }
        _ => true,
    };
    let tree = match answer.body() {
        Ok(Body::Nothing) => {
            let message = "the spec documents a body, and there is none";
            finder.note("body", "a body", "nothing", message);
            return finder.found;
        }
        Ok(Body::Bytes) => {
            let message = "the spec documents a tree, and the body is not text";
            finder.note("body", "a tree", "bytes", message);
            return finder.found;
        }
        // Of a page in place of a tree there is no more to say.
        Ok(_) if answer.form == BodyForm::Text && !is_typed => return finder.found,
        Ok(body) => body.tree().cloned().unwrap_or_default(),
        Err(error) => {
            let message = format!("the body is not {}: {error}", answer.form.name());
            finder.note("body", answer.form.name(), &error.message, &message);
            return finder.found;
        }
    };
    let Context { operation: Some(operation), soap } = context else { return finder.found };
    let Some(soap) = soap else {
        match &schema.xml {
            Some(root) if finder.markup() => {
                if let Some(content) = finder.root(root, &tree) {
                    finder.schema(schema, content, &format!("/{}", root.name));
                }
            }
            _ => finder.schema(schema, &tree, if finder.markup() { "" } else { "$" }),
        }
        return finder.found;
    };
    match enveloped(&tree) {
        Some(Enveloped::Body(body)) => {
            let open = !matches!(schema.additional, Additional::Refused);
            if let Some((content, path)) = finder.result(soap, operation, body, open) {
                finder.schema(schema, content, &path);
            }
        }
        Some(Enveloped::Fault(..)) => {
            finder.note("/", "a result", "a fault", "the spec documents a result, not a fault");
        }
        None => {
            let message = "the answer is not a SOAP envelope";
            finder.note("/", "a SOAP envelope", "something else", message);
        }
    }
    finder.found
}

impl<'s> Finder<'s> {
    /// Looks at a value by its schema.
    pub(super) fn schema(&mut self, schema: &'s Schema, value: &Value, path: &str) {
        self.member(schema, value, None, path);
    }

    /// The same, for a member of an object.
    pub(super) fn member(
        &mut self,
        schema: &'s Schema,
        value: &Value,
        siblings: Option<&Value>,
        path: &str,
    ) {
        if *self.text_of(value) == Value::Null {
            if !schema.nullable && !schema.types.is_empty() {
                return self.not_of(schema, value, path);
            }
            if !self.textual() {
                self.constraints(schema, value, value, siblings, path);
            }
            return;
        }
        let blank = self.is_blank(value);
        if blank && schema.allow_empty {
            return;
        }
        let is_of = |r#type: &Type| match r#type {
            Type::Object if self.markup() => {
                let has_text = |property: &Property| &*property.name == "#text";
                blank || value.members().is_some() || schema.properties.iter().any(has_text)
            }
            // One of a list is written as one alone is.
            Type::Array if self.textual() => true,
            other => scalar::is_of(self.text_of(value), *other, self.textual()),
        };
        if !schema.types.is_empty() && !schema.types.iter().any(is_of) {
            return self.not_of(schema, value, path);
        }
        let named = self.within(schema, |finder| finder.named(schema, value));
        self.constraints(schema, &named, value, siblings, path);
        let is_list = schema.types.contains(&Type::Array);
        match value.as_list() {
            Some(list) => {
                for (at, item) in list.iter().enumerate() {
                    let Some(schema) = schema.item(at) else { continue };
                    let at = if self.markup() { at + 1 } else { at };
                    self.schema(schema, item, &format!("{path}[{at}]"));
                }
            }
            None if self.textual() && is_list && !(self.markup() && blank) => {
                if let Some(schema) = schema.item(0) {
                    self.schema(schema, value, path);
                }
            }
            None => {}
        }
        if !is_list && (value.members().is_some() || blank && schema.types == [Type::Object]) {
            self.within(schema, |finder| finder.members(schema, value, &named, path));
        }
    }

    fn not_of(&mut self, schema: &Schema, value: &Value, path: &str) {
        let mut wanted: Vec<&str> = schema.types.iter().map(|r#type| r#type.name()).collect();
        wanted.extend(schema.nullable.then_some("null"));
        let wanted = wanted.join(" or ");
        let shown = serde_json::to_string(value).unwrap_or_default();
        let is = match value {
            // Everything is a text there.
            Value::Text(_) if self.textual() => shortened(&shown, LONGEST),
            _ => format!("of type {}", value.kind()),
        };
        let message = format!("`{path}` is {is}, {} {wanted}", self.has("is"));
        self.note_at(schema.place("type"), path, &wanted, &shown, &message);
    }

    /// The value with the names that the spec has for its members, and without those that stand
    /// in another namespace.
    fn named(&self, schema: &Schema, value: &Value) -> Value {
        let Some(members) = value.members().filter(|_| self.markup()) else { return value.clone() };
        let all = || schema.properties.iter();
        let members = members.filter_map(|(actual, value)| {
            let known = all().find(|property| self.is_property(property, actual));
            let known = known.map(|property| &property.name);
            let elsewhere = |property| self.is_property_elsewhere(property, actual);
            let is_other = known.is_none() && all().any(elsewhere);
            (!is_other).then(|| (known.unwrap_or(actual).clone(), value.clone()))
        });
        Value::map(members.collect())
    }

    /// `named` are the members by their names in the spec.
    fn members(&mut self, schema: &'s Schema, value: &Value, named: &Value, path: &str) {
        let is_elsewhere = |property: &Property| {
            let mut members = value.members().into_iter().flatten();
            members.any(|(actual, _)| self.is_property_elsewhere(property, actual))
        };
        let mut missing = Vec::new();
        for property @ Property { name, required, .. } in &schema.properties {
            let required = *required && !property.schema.write_only;
            if required && named.get(name).is_none() && !is_elsewhere(property) {
                missing.push(self.below(path, name));
            }
        }
        for name in schema.undeclared.iter().filter(|name| named.get(name).is_none()) {
            missing.push(self.below(path, name));
        }
        for path in missing {
            let message = format!("`{path}` is missing, which {} requires", self.source);
            let place = schema.place("required");
            self.note_at(place, &path, "a value", "nothing", &message);
        }
        for property @ Property { name, schema: inner, required, .. } in &schema.properties {
            if let Some(member) = named.get(name) {
                let path = self.below(path, name);
                if inner.write_only {
                    let message = format!("`{path}` is `writeOnly`: it may not be in an answer");
                    let kind = member.kind();
                    self.note_at(inner.place("writeOnly"), &path, "nothing", kind, &message);
                    continue;
                }
                if self.is_empty_field(member) {
                    self.empty_field(inner, *required, member, &path);
                    continue;
                }
                self.at(property, |finder| finder.member(inner, member, Some(named), &path));
                for (_, inner) in schema.patterns.iter().filter(|(one, _)| one.is_match(name)) {
                    self.schema(inner, member, &path);
                }
            }
        }
        for (actual, value) in value.members().into_iter().flatten() {
            if !schema.properties.iter().any(|property| self.is_property(property, actual)) {
                self.other_member(schema, actual, value, path);
            }
        }
    }

    /// An empty field is one that is absent, null or an empty text, whichever fits.
    fn empty_field(&mut self, schema: &'s Schema, required: bool, value: &Value, path: &str) {
        if !required || schema.nullable || schema.types.is_empty() {
            return;
        }
        if !self.attempt(|finder| finder.schema(schema, value, path)).is_empty() {
            let message = format!("`{path}` is empty, and the spec requires a value");
            self.note(path, "a value", "nothing", &message);
        }
    }

    /// A member that no property describes.
    fn other_member(&mut self, schema: &'s Schema, actual: &str, value: &Value, path: &str) {
        if self.is_free(actual) || self.is_space(actual, value) {
            return;
        }
        let path = self.below(path, actual);
        if schema.properties.iter().any(|property| self.is_property_elsewhere(property, actual)) {
            return self.stands_elsewhere(&path, actual);
        }
        let patterns = schema.patterns.iter().filter(|(pattern, _)| pattern.is_match(actual));
        let patterns: Vec<_> = patterns.map(|(_, inner)| inner).collect();
        if !patterns.is_empty() {
            return patterns.into_iter().for_each(|inner| self.schema(inner, value, &path));
        }
        match &schema.additional {
            Additional::Refused => {
                let message = match self.is_expected() {
                    true => format!("`{path}` is nothing that {} has", self.source),
                    false => format!("`{path}` is not documented"),
                };
                let place = schema.place("additionalProperties");
                self.note_at(place, &path, "nothing", &value.to_string(), &message);
            }
            Additional::Schema(_) if self.is_empty_field(value) => {}
            Additional::Schema(schema) => self.schema(schema, value, &path),
            Additional::Allowed | Additional::Defined(_) => {}
        }
    }
}
