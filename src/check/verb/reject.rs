//! `reject`, and what other verbs reject with.

use crate::check::Checker;
use crate::check::records;
use crate::check::scope::Scope;
use crate::model::{Rejection, Text, Tree, Verb};
use crate::syntax::{Mapping, Node, ReadNode};

impl<'n> Checker<'n> {
    /// `reject`, with what stands beside it.
    pub(in crate::check) fn reject(
        &mut self,
        node: &'n Node,
        step: &mut Mapping<'n>,
        scope: &Scope,
    ) -> Option<Verb> {
        let mut rejection = self.rejection(node, scope);
        let (field, value, message) = self.details(step, scope);
        if let Some(rejection) = &mut rejection {
            rejection.field = field.or(rejection.field.take());
            rejection.value = value.or(rejection.value.take());
            rejection.message = message.or(rejection.message.take());
        }
        rejection.map(Verb::Reject)
    }

    fn details(
        &mut self,
        mapping: &mut Mapping<'n>,
        scope: &Scope,
    ) -> (Option<Text>, Option<Tree>, Option<Text>) {
        let field = mapping.take("field").and_then(|node| self.text(node, scope));
        let value = mapping.take("value").map(|node| self.tree(node, scope));
        let message = mapping.take("message");
        let message = message.and_then(|node| {
            let scope = self.error_scope(scope);
            self.text(node, &scope)
        });
        (field, value, message)
    }

    /// An error's name, or `{error, with}`.
    pub(in crate::check) fn rejection(
        &mut self,
        node: &'n Node,
        scope: &Scope,
    ) -> Option<Rejection> {
        if node.as_map().is_none() {
            let error = self.error_name(node)?;
            return Some(Rejection {
                error,
                with: Vec::new(),
                field: None,
                value: None,
                message: None,
            });
        }
        let mut mapping = self.open(node, records::REJECTION.called("a rejection"))?;
        let error = mapping.require("error");
        let error = error.and_then(|node| self.error_name(node));
        let with = mapping.members("with");
        let (field, value, message) = self.details(&mut mapping, scope);
        mapping.finish();
        for (key, _) in with {
            if !self.with_names.iter().any(|name| **name == *key.value) {
                self.with_names.push(key.value.as_str().into());
            }
        }
        let with = self.members(with, scope);
        Some(Rejection { error: error?, with, field, value, message })
    }
}
