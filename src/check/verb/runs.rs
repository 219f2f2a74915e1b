//! Operations that a verb has run.

use std::sync::Arc;

use super::StepContext;
use crate::check::Checker;
use crate::model::{OperationId, Tree};
use crate::source::{Located, Span};
use crate::syntax::{Node, NodeKind, ReadNode};

/// What an operation is run with.
type Parameters = Vec<(Arc<str>, Tree)>;

impl<'n> Checker<'n> {
    /// An operation that is run by no request, with the parameters that `what` gives it.
    pub(in crate::check::verb) fn runs(
        &mut self,
        operation: &'n Node,
        given: &'n [(Located<String>, Node)],
        what: &str,
        context: &StepContext,
    ) -> Option<(OperationId, Parameters)> {
        let at = self.names.operations.resolve(operation);
        if let Some(at) = at {
            self.linked.push(at);
            self.check_given(at, given, what, &operation.span);
        }
        let parameters = self.members(given, &context.scope);
        Some((OperationId(at?), parameters))
    }

    /// What is given are the operation's parameters, all that are required and no others.
    fn check_given(
        &mut self,
        at: usize,
        given: &[(Located<String>, Node)],
        what: &str,
        span: &Span,
    ) {
        let declared = self
            .names
            .operations
            .node(at)
            .and_then(|node| node.get("parameters"))
            .and_then(Node::as_list)
            .unwrap_or_default();
        let name = |node: &'n Node| node.get("name").and_then(Node::as_text);
        let known: Vec<&str> = declared.iter().filter_map(name).collect();
        for (key, _) in given {
            if !known.contains(&key.value.as_str()) {
                self.unknown(
                    "unknown-parameter",
                    "parameter of that operation",
                    &key.value,
                    &key.span,
                    known.iter().copied(),
                );
            }
        }
        for parameter in declared {
            let Some(name) = name(parameter) else { continue };
            let required = parameter.get("required").map(|node| &node.kind);
            let is_given = given.iter().any(|(key, _)| key.value == name);
            if matches!(required, Some(NodeKind::Bool(true))) && !is_given {
                let message = format!("{what} lacks the parameter `{name}`");
                self.error("missing-parameter", message, span, "needs it");
            }
        }
    }
}
