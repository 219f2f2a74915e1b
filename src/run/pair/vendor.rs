//! What a spec says of the values in a vendor's answers: which of them the vendor fills in, and
//! which are always the same.

use std::collections::BTreeSet;

use http::HeaderName;

use super::shape::pieces;
use crate::model::{Content, ErrorAnswer, Part, Rejection, Respond, Schema, Service, Text};
use crate::model::{Expression, TextPart, Tree};
use crate::value::Value;

/// What is known of a vendor's values.
#[derive(Debug, Clone, Default)]
pub(super) struct Vendor {
    /// Names of fields that it fills in, in lower case.
    generated: BTreeSet<String>,
    /// Names of headers that tell a request from others, in lower case.
    telling: BTreeSet<String>,
    /// Texts of the spec, and the words in them.
    constants: BTreeSet<String>,
}

impl Vendor {
    pub(super) fn of(service: &Service) -> Self {
        let mut vendor = Self::default();
        for collection in &service.collections {
            let fields = collection.schema.properties.iter();
            let generated = fields.filter(|field| field.schema.generate.is_some());
            vendor.generated.extend(generated.map(|field| field.name.to_lowercase()));
            vendor.schema(&collection.schema);
        }
        service
            .response_headers
            .iter()
            .for_each(|header| vendor.header(&header.name, &header.value));
        service.errors.iter().for_each(|ErrorAnswer { respond, .. }| vendor.answer(respond));
        service.messages.iter().for_each(|(_, text)| vendor.text(text));
        service.recursive.iter().for_each(|schema| vendor.schema(schema));
        let documented = service.operations.iter().flat_map(|operation| &operation.responses);
        let documented = documented.chain(&service.responses);
        documented.flat_map(|one| &one.schema).for_each(|schema| vendor.schema(schema));
        for step in service.security_schemes.iter().flat_map(|scheme| scheme.steps.all()) {
            step.verb.parts().iter().for_each(|part| vendor.part(part));
        }
        for operation in &service.operations {
            operation.parameters.iter().for_each(|one| vendor.schema(&one.schema));
            let bodies = operation.body.iter().flat_map(|body| &body.schema);
            bodies.for_each(|schema| vendor.schema(schema));
            for step in operation.steps.all() {
                step.verb.parts().iter().for_each(|part| vendor.part(part));
            }
        }
        vendor
    }

    /// Whether the vendor fills in a field, which is given in lower case.
    pub(super) fn generates(&self, field: &str) -> bool {
        self.generated.contains(field)
    }

    /// Whether a header is another one in each answer, whatever is asked.
    pub(super) fn tells_requests_apart(&self, header: &str) -> bool {
        self.telling.contains(&header.to_ascii_lowercase())
    }

    /// Whether a text is always the same, as the spec has it.
    pub(super) fn says(&self, text: &str) -> bool {
        self.constants.contains(text)
    }

    fn constant(&mut self, text: &str) {
        for coarse in [true, false] {
            let words = pieces(text, coarse).into_iter().filter(|piece| piece.len() > 3);
            self.constants.extend(words.map(str::to_owned));
        }
        self.constants.insert(text.to_owned());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.constant(text),
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            other => {
                let members = other.members().into_iter().flatten();
                members.for_each(|(_, member)| self.value(member));
            }
        }
    }

    fn part(&mut self, part: &Part<'_>) {
        match part {
            Part::Tree(tree) => self.tree(tree),
            Part::Schema(schema) | Part::Judged(schema) => self.schema(schema),
            Part::Rejection(rejection) => self.rejection(rejection),
            Part::Answer(respond) => self.answer(respond),
            Part::Gives(..) | Part::Writes(..) | Part::Status(_) | Part::Steps(_) => {}
        }
    }

    fn rejection(&mut self, rejection: &Rejection) {
        rejection.with.iter().for_each(|(_, tree)| self.tree(tree));
        rejection.value.iter().for_each(|tree| self.tree(tree));
        rejection.field.iter().chain(&rejection.message).for_each(|text| self.text(text));
    }

    fn answer(&mut self, respond: &Respond) {
        respond.headers.iter().for_each(|header| self.header(&header.name, &header.value));
        match &respond.content {
            Content::Tree(tree, _) => self.tree(tree),
            Content::Text(text, _) => self.text(text),
            Content::Fault(fault) => {
                self.text(&fault.reason);
                fault.detail.iter().for_each(|tree| self.tree(tree));
            }
            Content::Nothing | Content::Bytes(..) => {}
        }
    }

    fn header(&mut self, name: &HeaderName, value: &Text) {
        self.text(value);
        if is_identity(value) {
            self.telling.insert(name.as_str().to_owned());
        }
    }

    fn text(&mut self, text: &Text) {
        for part in &text.parts {
            match part {
                TextPart::Literal(literal) => self.constant(literal),
                TextPart::Expression(_) => {}
            }
        }
    }

    fn tree(&mut self, tree: &Tree) {
        match tree {
            Tree::Constant(value) => self.value(value),
            Tree::Expression(_) => {}
            Tree::Text(text) => self.text(text),
            Tree::Map(members) => {
                for (name, tree) in members {
                    let is_made = match tree {
                        Tree::Expression(expression) => looks_at_identity(expression),
                        Tree::Text(text) => is_identity(text),
                        _ => false,
                    };
                    self.generated.extend(is_made.then(|| name.to_lowercase()));
                    self.tree(tree);
                }
            }
            Tree::List(items) => items.iter().for_each(|tree| self.tree(tree)),
            Tree::ForEach { item, .. } => self.tree(item),
            Tree::If { then, otherwise, .. } => {
                self.tree(then);
                if let Some(tree) = otherwise {
                    self.tree(tree);
                }
            }
        }
    }

    fn schema(&mut self, schema: &Schema) {
        for constraint in &schema.constraints {
            constraint.keyword.choices().iter().for_each(|choice| self.value(choice));
            constraint.message.iter().for_each(|text| self.text(text));
        }
        schema.message.iter().for_each(|text| self.text(text));
        schema.default.iter().for_each(|value| self.value(value));
        schema.inner().for_each(|inner| self.schema(inner));
    }
}

/// Whether a text has in it what tells a request from others, or a UUID.
fn is_identity(text: &Text) -> bool {
    text.parts.iter().any(|part| match part {
        TextPart::Literal(_) => false,
        TextPart::Expression(expression) => looks_at_identity(expression),
    })
}

fn looks_at_identity(expression: &Expression) -> bool {
    expression.parsed.references().iter().any(|reference| match &*reference.root {
        "uuid" => true,
        "request" => reference.members.first().is_some_and(|member| **member == *"id"),
        _ => false,
    })
}
