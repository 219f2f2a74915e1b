//! What a schema says for values that break it: errors and messages.

use super::Checker;
use super::layer::{Layer, last};
use super::scope::Scope;
use crate::model::{ErrorId, Failure, Text};
use crate::syntax::ReadNode;

impl<'n> Checker<'n> {
    pub(super) fn error_of(&mut self, layers: &[Layer<'n>]) -> Option<ErrorId> {
        last(layers, "error").and_then(|(_, _, node)| self.error_name(node))
    }

    /// The errors for single keywords; those beside a reference win.
    pub(super) fn errors_of(&mut self, layers: &[Layer<'n>]) -> Vec<(Failure, ErrorId)> {
        let mut errors: Vec<(Failure, ErrorId)> = Vec::new();
        for layer in layers {
            let Some((_, node)) = layer.entry("errors") else { continue };
            for (key, node) in self.read_members(node) {
                let failure = self.failure_of_values(key);
                let error = self.error_name(node);
                if let (Some(failure), Some(error)) = (failure, error) {
                    errors.retain(|(known, _)| *known != failure);
                    errors.push((failure, error));
                }
            }
        }
        errors
    }

    pub(super) fn message_of(&mut self, layers: &[Layer<'n>], scope: &Scope) -> Option<Text> {
        last(layers, "message").and_then(|(_, _, node)| self.text(node, scope))
    }
}
