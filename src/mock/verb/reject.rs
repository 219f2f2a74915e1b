//! `reject`, and what other verbs reject with.

use std::sync::Arc;

use crate::mock::refusal::{Halt, Refusal, Violation};
use crate::mock::run::Run;
use crate::model::RuleId;
use crate::plan::step::Rejection;
use crate::plan::value::EvaluationError;
use crate::value::Map;

impl<'p> Run<'p, '_> {
    /// Something in a step that cannot be done.
    pub(in crate::mock) fn mistaken(&self, rule: RuleId, message: String) -> Halt<'p> {
        match self.plan.service.rules.get(rule.0 as usize) {
            Some(rule) => EvaluationError { message, span: rule.span.clone() }.into(),
            None => Refusal::default().said(message).into(),
        }
    }

    pub(in crate::mock) fn rejection(
        &mut self,
        rejection: &'p Rejection,
        rule: RuleId,
    ) -> Result<Refusal<'p>, EvaluationError> {
        let mut with = Map::with_capacity(rejection.with.len());
        for (name, tree) in &rejection.with {
            if let Some(value) = tree.value(&mut self.scope)? {
                with.insert(name.clone(), value);
            }
        }
        let value = match &rejection.value {
            Some(tree) => tree.value(&mut self.scope)?,
            None => None,
        };
        let field = match &rejection.field {
            Some(text) => text.render(&self.scope)?,
            None => Arc::default(),
        };
        let rule = self.deciding(rule, rejection.error);
        Ok(Refusal {
            error: Some(rejection.error),
            rule: Some(rule),
            violation: Violation {
                path: field.clone(),
                field,
                value,
                message: rejection.message.as_ref(),
                rule: Some(rule),
                ..Violation::default()
            },
            with,
            ..Refusal::default()
        })
    }
}
