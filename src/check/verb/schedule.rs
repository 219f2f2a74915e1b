//! `schedule`, and schedules that never end.

use std::collections::HashSet;

use jiff::{Span, Timestamp};

use super::StepContext;
use crate::check::Checker;
use crate::check::records;
use crate::clock::{duration_meant, later, parse_span};
use crate::diagnostic::Diagnostic;
use crate::model::verb::Schedule;
use crate::model::{Operation, OperationId, RuleId, Step, Text, Verb};
use crate::source;
use crate::syntax::{Node, ReadNode};

impl<'n> Checker<'n> {
    /// `schedule`.
    pub(in crate::check::verb) fn schedule(
        &mut self,
        node: &'n Node,
        context: &StepContext,
    ) -> Option<Verb> {
        let mut mapping = self.open(node, records::STEP_SCHEDULE.called("`schedule`"))?;
        let after_node = mapping.require("after");
        let operation = mapping.require("operation");
        let given = mapping.members("parameters");
        mapping.finish();
        let after = after_node.and_then(|node| self.text(node, &context.scope));
        if let (Some(text), Some(node)) = (after.as_ref().and_then(Text::constant), after_node) {
            self.check_duration(text, &node.span);
        }
        let (operation, parameters) = self.runs(operation?, given, "`schedule`", context)?;
        Some(Verb::Schedule(Schedule { after: after?, operation, parameters }))
    }

    /// A duration from now that there is.
    pub(in crate::check::verb) fn check_duration(&mut self, text: &str, span: &source::Span) {
        let Err(wrong) = parse_span(text).and_then(|length| later(Timestamp::UNIX_EPOCH, length))
        else {
            return;
        };
        let message = format!("`{text}` cannot be waited for: {wrong}");
        let mut diagnostic =
            Diagnostic::error("bad-duration", message, span, "cannot be waited for");
        diagnostic = diagnostic.help(match duration_meant(text) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "an ISO 8601 duration, such as PT30S, PT36H or P1M".to_owned(),
        });
        self.report(diagnostic);
    }

    /// Operations that schedule each other without ever waiting, whatever they are asked.
    pub(in crate::check) fn check_endless(&mut self, operations: &[Operation]) {
        let mut told = HashSet::new();
        for at in 0..operations.len() {
            let mut seen = HashSet::from([OperationId(at)]);
            let mut todo: Vec<(OperationId, RuleId)> = at_once(operations, OperationId(at));
            while let Some((next, rule)) = todo.pop() {
                if next == OperationId(at) {
                    if told.insert(rule)
                        && let Some(rule) = self.rules.list.get(rule.0 as usize)
                        && let Some(operation) = operations.get(at)
                    {
                        let message =
                            format!("`{}` schedules itself at once, without end", operation.id);
                        let diagnostic = Diagnostic::error(
                            "endless-schedule",
                            message,
                            &rule.span,
                            "leads back",
                        );
                        self.report(diagnostic.help(
                            "give it a condition (`when`), or an `after` that is longer than nothing",
                        ));
                    }
                } else if seen.insert(next) {
                    let further = at_once(operations, next).into_iter();
                    todo.extend(further.map(|(operation, _)| (operation, rule)));
                }
            }
        }
    }
}

/// What an operation always schedules for the time at which it runs itself.
fn at_once(operations: &[Operation], operation: OperationId) -> Vec<(OperationId, RuleId)> {
    let mut found = Vec::new();
    if let Some(operation) = operations.get(operation.0) {
        gather(&operation.steps, &mut found);
    }
    found
}

/// Gathers them from steps that are always done; says whether what follows is so too.
fn gather(steps: &[Step], found: &mut Vec<(OperationId, RuleId)>) -> bool {
    steps.iter().all(|step| match &step.verb {
        Verb::Schedule(Schedule { after, operation, .. }) => {
            let at_once = after.constant().and_then(|text| parse_span(text).ok());
            if step.when.is_none() && at_once.is_some_and(Span::is_zero) {
                found.push((*operation, step.rule));
            }
            true
        }
        Verb::Group(group) if step.when.is_none() => gather(&group.steps, found),
        Verb::Let(_)
        | Verb::List(_)
        | Verb::Portion(_)
        | Verb::Note(_)
        | Verb::Wait(_)
        | Verb::Send(_)
        | Verb::After(_) => true,
        _ => false,
    })
}
