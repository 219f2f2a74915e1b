//! Steps: one verb each, in order. How each verb is read stands in a file of its own here.

mod change;
mod delete;
mod find;
mod for_each;
mod group;
mod insert;
mod r#let;
mod list;
mod note;
mod page;
mod precondition;
mod reject;
mod respond;
mod rows;
mod runs;
mod schedule;
mod send;
mod update;
mod validate;
mod wait;

use super::Checker;
use super::records;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::model::{ListChange, RuleKind, Step, Steps, Verb};
use crate::syntax::{Mapping, Node, ReadNode};

/// Where steps are read.
pub(super) struct StepContext {
    /// The names in sight; a step may add to them.
    pub(super) scope: Scope,
    /// The statuses that `responses` documents, where it is given.
    pub(super) statuses: Option<Vec<u16>>,
    /// Whether it is known which operation this is.
    pub(super) answers: bool,
}

/// A verb as it is written.
struct Written<'n, 'c> {
    /// What stands behind it.
    value: &'n Node,
    /// The step, with what stands beside it.
    step: &'c mut Mapping<'n>,
    /// The name of the step's rule.
    name: &'c str,
    /// Where it is read.
    context: &'c mut StepContext,
}

/// Reads a verb.
type Read = for<'n, 'c> fn(&mut Checker<'n>, Written<'n, 'c>) -> Option<Verb>;

/// The verbs, by their keys.
const VERBS: [(&str, Read); 18] = [
    ("let", |checker, verb| Some(checker.let_values(verb.value, verb.context))),
    ("find", |checker, verb| checker.find(verb.value, verb.context)),
    ("list", |checker, verb| checker.list(verb.value, verb.context)),
    ("insert", |checker, verb| checker.insert(verb.value, verb.context)),
    ("update", |checker, verb| checker.update(verb.value, verb.context)),
    ("delete", |checker, verb| checker.delete(verb.value, verb.context)),
    ("add", |checker, verb| checker.change(ListChange::Add, verb.value, verb.context)),
    ("remove", |checker, verb| checker.change(ListChange::Remove, verb.value, verb.context)),
    ("replace", |checker, verb| checker.change(ListChange::Replace, verb.value, verb.context)),
    ("validate", |checker, verb| checker.validate(verb.value, verb.name, verb.context)),
    ("forEach", |checker, verb| checker.for_each(verb)),
    ("precondition", |checker, verb| checker.precondition(verb.value, verb.context)),
    ("send", |checker, verb| checker.send(verb.value, verb.context)),
    ("schedule", |checker, verb| checker.schedule(verb.value, verb.context)),
    ("wait", |checker, verb| checker.wait(verb.value, verb.context)),
    ("reject", |checker, verb| checker.reject(verb.value, verb.step, &verb.context.scope)),
    ("respond", |checker, verb| checker.respond(verb.value, verb.context)),
    ("note", |checker, verb| checker.note(verb.value, verb.context)),
];

/// Those that give names to what they find or make.
const NAMING: [&str; 6] = ["find", "forEach", "insert", "let", "list", "validate"];

/// The key of shared steps.
const SHARED: &str = "$ref";

impl<'n> Checker<'n> {
    /// The steps of an operation, which have to end with an answer.
    pub(super) fn answering_steps(
        &mut self,
        node: &'n Node,
        id: &str,
        context: &mut StepContext,
    ) -> Steps {
        let (steps, ends) = self.steps(node, id, context);
        // What is no list was told.
        if !ends && node.as_list().is_some() {
            let last = node.as_list().and_then(<[Node]>::last).unwrap_or(node);
            self.report(
                Diagnostic::error(
                    "no-answer",
                    "the steps can end without an answer",
                    &last.span,
                    "the last step",
                )
                .help("end with a `respond` or `reject` without `when`"),
            );
        }
        steps
    }

    /// Steps, and whether they always end with an answer.
    pub(super) fn steps(
        &mut self,
        node: &'n Node,
        prefix: &str,
        context: &mut StepContext,
    ) -> (Steps, bool) {
        if !self.enter(&node.span) {
            return (Vec::new().into(), true);
        }
        let (steps, ends) = self.steps_here(node, prefix, context);
        self.leave();
        (steps.into(), ends)
    }

    fn steps_here(
        &mut self,
        node: &'n Node,
        prefix: &str,
        context: &mut StepContext,
    ) -> (Vec<Step>, bool) {
        let mut steps = Vec::new();
        let mut ended: Option<&Node> = None;
        let mut told = false;
        // A step that cannot be read may have been meant to end them.
        let mut unknown = false;
        for (at, item) in self.read_list(node, |_| None).iter().enumerate() {
            if let Some(end) = ended
                && !told
            {
                told = true;
                self.report(
                    Diagnostic::error(
                        "unreachable-step",
                        "this step is never done",
                        &item.span,
                        "after the end",
                    )
                    .related(&end.span, "always ends the steps"),
                );
            }
            match self.step(item, &format!("{prefix}.steps[{at}]"), context) {
                Some((step, ends)) => {
                    steps.extend(step);
                    if ends && ended.is_none() {
                        ended = Some(item);
                    }
                }
                None => {
                    unknown = true;
                    context.scope.lose_track();
                }
            }
        }
        (steps, ended.is_some() || unknown)
    }

    /// A step, as far as it can be read, and whether it always ends the steps; `None` when it
    /// cannot be said which step it is.
    fn step(
        &mut self,
        node: &'n Node,
        name: &str,
        context: &mut StepContext,
    ) -> Option<(Option<Step>, bool)> {
        let mut mapping = self.open(node, records::STEP.called("a step"))?;
        let verb = self.verb_key(node, &mut mapping)?;
        let rule = self.rule(RuleKind::Step, "step", &format!("{name}.{verb}"), &mut mapping);
        let when_node = mapping.take("when");
        let when = when_node.and_then(|node| self.sole_expression(node, &context.scope));
        let value = mapping.take(verb)?;
        let (read, ends) = match VERBS.iter().find(|(key, _)| *key == verb) {
            Some((_, read)) => {
                let written = Written { value, step: &mut mapping, name, context };
                let read = read(self, written);
                if NAMING.contains(&verb) && value.as_map().is_none() {
                    // What it would have named is not known.
                    context.scope.lose_track();
                }
                (read, matches!(verb, "respond" | "reject"))
            }
            None => match self.group(value, context) {
                Some((group, ends)) => (Some(group), ends),
                None => {
                    context.scope.lose_track();
                    (None, false)
                }
            },
        };
        mapping.finish();
        let ends = ends && when_node.is_none();
        Some((read.map(|verb| Step { verb, when, rule }), ends))
    }

    /// The one verb of a step.
    fn verb_key(&mut self, node: &'n Node, mapping: &mut Mapping<'n>) -> Option<&'static str> {
        let keys = node.as_map().unwrap_or_default();
        let words = || VERBS.iter().map(|(key, _)| *key);
        let verb = |key: &str| words().chain([SHARED]).find(|verb| *verb == key);
        let mut found = keys.iter().filter_map(|(key, _)| Some((key, verb(&key.value)?)));
        let first = found.next();
        if let (Some((one, _)), Some((two, second))) = (&first, found.next()) {
            mapping.take(second);
            self.report(Diagnostic::contradiction(
                format!("a step has one verb, not `{}` and `{}`", one.value, two.value),
                &two.span,
                &one.span,
            ));
        }
        if first.is_none() {
            let typed = keys
                .iter()
                .map(|(key, _)| key)
                .find(|key| !matches!(&*key.value, "when" | "implements" | "evidence" | "source"));
            let span = typed.map_or(&node.span, |key| &key.span);
            let message = typed.map_or_else(
                || "a step needs a verb".to_owned(),
                |key| format!("no step is called `{}`", key.value),
            );
            let mut diagnostic = Diagnostic::error("unknown-verb", message, span, "no verb");
            let typed = typed.map_or("", |key| &key.value);
            diagnostic = diagnostic.suggest_word(typed, words());
            self.report(diagnostic);
        }
        first.map(|(_, verb)| verb)
    }
}
