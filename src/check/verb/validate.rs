//! `validate`.

use std::sync::Arc;

use super::StepContext;
use crate::check::Checker;
use crate::check::reading::Around;
use crate::check::records;
use crate::check::shape::Shape;
use crate::model::Verb;
use crate::model::verb::{VIOLATION, Validate};
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    pub(in crate::check::verb) fn validate(
        &mut self,
        node: &'n Node,
        name: &str,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_VALIDATE.called("`validate`"))?;
        let value = mapping.require("value");
        let schema = mapping.require("schema");
        let path = mapping.plain_text("path");
        let result = mapping.text("as");
        let violations = mapping.text("violations");
        mapping.finish();
        let value = value.map(|node| self.tree(node, &context.scope));
        let shape = schema.map(|node| self.names.shape(node));
        let name = format!("{name}.validate");
        let schema = schema.map(|node| self.schema(node, &name, &Around::scope(&context.scope)));
        let result = result.and_then(|name| self.new_name(&name.value, &name.span));
        if let (Some(name), Some(shape)) = (&result, shape) {
            context.scope.add(name.clone(), shape);
        }
        let violations = violations.and_then(|name| self.new_name(&name.value, &name.span));
        if let Some(name) = &violations {
            let shape = |name: &str| match name {
                "value" | "limit" => Shape::Any,
                _ => Shape::Scalar,
            };
            let members = VIOLATION.iter().map(|name| ((*name).into(), shape(name)));
            let violation = Shape::closed(members.collect());
            context.scope.add(name.clone(), Shape::List(Arc::new(violation)));
        }
        let (value, schema) = (value?, Box::new(schema?));
        Some(Verb::Validate(Validate { value, schema, path, name: result, violations }))
    }
}
