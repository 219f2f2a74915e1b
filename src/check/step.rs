//! Steps: one verb each, in order.

use super::Checker;
use super::names::reference;
use super::schema::Around;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::model::verb::{ForEach, Group, Let, Note, Validate};
use crate::model::{RuleKind, Step, Steps, Tree, Verb};
use crate::syntax::mapping::{items, members, text};
use crate::syntax::{Mapping, Node, NodeKind};

/// Where steps are read.
pub(super) struct StepContext {
    /// The names in sight; a step may add to them.
    pub(super) scope: Scope,
    /// The statuses that `responses` documents, where it is given.
    pub(super) statuses: Option<Vec<u16>>,
    /// Whether it is known which operation this is.
    pub(super) answers: bool,
}

const VERBS: [&str; 17] = [
    "let",
    "find",
    "list",
    "insert",
    "update",
    "delete",
    "add",
    "remove",
    "replace",
    "validate",
    "forEach",
    "precondition",
    "send",
    "schedule",
    "reject",
    "respond",
    "note",
];

impl<'n> Checker<'n> {
    /// The steps of an operation, which have to end with an answer.
    pub(super) fn answering_steps(
        &mut self,
        node: &'n Node,
        id: &str,
        context: &mut StepContext,
    ) -> Steps {
        let (steps, ends) = self.steps(node, id, context);
        if !ends {
            let last = node.as_list().and_then(<[Node]>::last).unwrap_or(node);
            self.problems.push(
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
        let steps = self.nested(&node.span, |checker| checker.steps_here(node, prefix, context));
        let (steps, ends) = steps.unwrap_or((Vec::new(), true));
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
        for (at, item) in items(node, &mut self.problems).iter().enumerate() {
            if let Some(end) = ended
                && !told
            {
                told = true;
                self.problems.push(
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
        let mut mapping = Mapping::open(node, "a step", &mut self.problems)?;
        let verb = self.verb_key(node, &mut mapping)?;
        let rule = self.rule(RuleKind::Step, "step", &format!("{name}.{verb}"), &mut mapping);
        let when_node = mapping.take("when");
        let when = when_node.and_then(|node| self.sole_expression(node, &context.scope));
        let value = mapping.take(verb)?;
        let mut ends = matches!(verb, "respond" | "reject");
        let read = match verb {
            "let" => Some(self.let_values(value, context)),
            "find" => self.find(value, context),
            "list" => self.list(value, context),
            "insert" => self.insert(value, context),
            "update" => self.update(value, context),
            "delete" => self.delete(value, context),
            "add" | "remove" | "replace" => self.change(verb, value, context),
            "validate" => self.validate(value, name, context),
            "forEach" => {
                let steps = mapping.require("steps", &mut self.problems);
                self.for_each(value, steps, name, context)
            }
            "precondition" => self.precondition(value, context),
            "send" => self.send(value, context),
            "schedule" => self.schedule(value, context),
            "reject" => self.reject(value, &mut mapping, &context.scope),
            "respond" => self.respond(value, context),
            "note" => self.text(value, &context.scope).map(|text| Verb::Note(Note { text })),
            _ => {
                let group = self.group(value, context);
                if group.is_none() {
                    context.scope.lose_track();
                }
                ends = group.as_ref().is_some_and(|(_, ends)| *ends);
                group.map(|(verb, _)| verb)
            }
        };
        mapping.finish(&mut self.problems);
        let ends = ends && when_node.is_none();
        Some((read.map(|verb| Step { verb, when, rule }), ends))
    }

    /// The one verb of a step.
    fn verb_key(&mut self, node: &'n Node, mapping: &mut Mapping<'n>) -> Option<&'static str> {
        let keys = node.as_map().unwrap_or_default();
        let verb = |key: &str| VERBS.iter().chain(&["$ref"]).copied().find(|verb| *verb == key);
        let mut found = keys.iter().filter_map(|(key, _)| Some((key, verb(&key.value)?)));
        let first = found.next();
        if let (Some((one, _)), Some((two, second))) = (&first, found.next()) {
            mapping.take(second);
            self.problems.push(
                Diagnostic::error(
                    "contradiction",
                    format!("a step has one verb, not `{}` and `{}`", one.value, two.value),
                    &two.span,
                    "one too many",
                )
                .related(&one.span, "the other one"),
            );
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
            diagnostic = diagnostic.suggest_word(typed, VERBS);
            self.problems.push(diagnostic);
        }
        first.map(|(_, verb)| verb)
    }

    fn let_values(&mut self, node: &'n Node, context: &mut StepContext) -> Verb {
        let mut values = Vec::new();
        for (key, node) in members(node, &mut self.problems) {
            let tree = self.tree(node, &context.scope);
            if let Some(name) = self.new_name(&key.value, &key.span) {
                let shape = self.tree_shape(&tree, &context.scope);
                context.scope.add(name.clone(), shape);
                values.push((name, tree));
            }
        }
        Verb::Let(Let { values })
    }

    fn validate(&mut self, node: &'n Node, name: &str, context: &mut StepContext) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`validate`", &mut self.problems)?;
        let value = mapping.require("value", &mut self.problems);
        let schema = mapping.require("schema", &mut self.problems);
        let path = mapping.plain_text("path", &mut self.problems);
        let result = mapping.text("as", &mut self.problems);
        mapping.finish(&mut self.problems);
        let value = value.map(|node| self.tree(node, &context.scope));
        let shape = schema.map(|node| self.names.shape(node));
        let name = format!("{name}.validate");
        let schema = schema.map(|node| self.schema(node, &name, &Around::scope(&context.scope)));
        let result = result.and_then(|name| self.new_name(&name.value, &name.span));
        if let (Some(name), Some(shape)) = (&result, shape) {
            context.scope.add(name.clone(), shape);
        }
        let (value, schema) = (value?, Box::new(schema?));
        Some(Verb::Validate(Validate { value, schema, path, name: result }))
    }

    fn for_each(
        &mut self,
        node: &'n Node,
        steps: Option<&'n Node>,
        name: &str,
        context: &mut StepContext,
    ) -> Option<Verb> {
        let mut mapping = Mapping::open(node, "`forEach`", &mut self.problems)?;
        let list = mapping.require("in", &mut self.problems);
        let item = mapping.required_text("as", &mut self.problems);
        mapping.finish(&mut self.problems);
        let list = list.and_then(|node| self.sole_expression(node, &context.scope));
        let item = item.and_then(|item| self.new_name(&item.value, &item.span));
        let mark = context.scope.mark();
        if let Some(item) = &item {
            let shape = list.as_ref().map(|list| self.item_shape(list, &context.scope));
            context.scope.add(item.clone(), shape.unwrap_or(super::shape::Shape::Any));
        }
        let steps = steps.map(|node| self.steps(node, &format!("{name}.forEach"), context).0);
        context.scope.reset(mark);
        Some(Verb::ForEach(ForEach::new(list?, item?, steps?)))
    }

    /// Shared steps, and whether they always end with an answer.
    fn group(&mut self, node: &'n Node, context: &mut StepContext) -> Option<(Verb, bool)> {
        let path = text(node, &mut self.problems)?;
        let Some(name) = reference(&path.value, "steps") else {
            self.bad_reference(node, "steps");
            return None;
        };
        let span = path.span.narrow(name);
        let at = self.names.steps.resolve_name(name, &span, &mut self.problems)?;
        if self.inside_steps.contains(&at) {
            self.problems.error(
                "recursive-reference",
                format!("the steps `{name}` contain themselves"),
                &path.span,
                "leads back here",
            );
            return None;
        }
        if !self.may_follow(self.inside_steps.len(), node) {
            return None;
        }
        self.inside_steps.push(at);
        let shared = self.names.steps.node(at);
        let steps = shared.map(|node| self.steps(node, name, context));
        self.inside_steps.pop();
        steps.map(|(steps, ends)| (Verb::Group(Group { steps }), ends))
    }

    /// A number of rows: fixed or worked out.
    pub(super) fn row_count(&mut self, node: &'n Node, scope: &Scope) -> Option<Tree> {
        match node.kind {
            NodeKind::Integer(_) | NodeKind::Number(_)
                if node.whole().is_some_and(|count| count >= 0) =>
            {
                Some(Tree::Constant(node.to_value()))
            }
            NodeKind::Text(_) => self.sole_expression(node, scope).map(Tree::Expression),
            _ => {
                let expected = "a whole number from 0 on, or an expression";
                crate::syntax::mapping::wrong_type(node, expected, &mut self.problems);
                None
            }
        }
    }
}
